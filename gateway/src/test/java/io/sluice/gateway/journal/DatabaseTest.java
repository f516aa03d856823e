package io.sluice.gateway.journal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.sluice.gateway.settings.SluiceSettings.Postgres;
import io.sluice.resolver.MalformedException;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class DatabaseTest {

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "localhost:5432|localhost:5432",
                "jdbc:postgresql://h/db?user=u&password=secret|jdbc:postgresql://h/db?...",
                "postgresql://h/db?user=u&password=secret|postgresql://h/db?...",
                "postgresql://u:sec@ret@h/db|postgresql://...@h/db",
                "postgresql://u:sec?ret@h/db|postgresql://...@h/db",
                "postgresql://u:sec ret@h/db|postgresql://...@h/db",
                "postgresql://u:secret@g/db,postgresql://u:secret@h/db|postgresql://...@h/db",
            })
    void anAddressThatIsNoneIsNamedWithoutItsPassword(String url, String shown) {
        Postgres settings = new Postgres("", 16, "", "", null, null);
        assertThatThrownBy(() -> new Database(url, settings).close())
                .isInstanceOf(MalformedException.class)
                .hasMessageStartingWith("sluice.postgres.url: \"" + shown + "\" (expected: ")
                .hasNoCause();
    }

    @Test
    void oneThatIsAwayIsNamedInOneLineWithoutWhatIsSecret() throws IOException {
        int port;
        try (ServerSocket free = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            port = free.getLocalPort();
        }
        Postgres settings = new Postgres("", 16, "", "", null, null);
        String url = "postgresql://u:secret@127.0.0.1:" + port + "/db?ApplicationName=hidden";
        try (Database database = new Database(url, settings)) {
            assertThatThrownBy(database::requireThere)
                    .hasMessageStartingWith(
                            "sluice.postgres.url: PostgreSQL at postgresql://127.0.0.1:" + port + "/db?...: ")
                    .hasMessageEndingWith("who may make tables in it)")
                    .satisfies(e -> assertThat(e.getMessage()).doesNotContain("\n", "secret", "hidden"));
        }
    }
}
