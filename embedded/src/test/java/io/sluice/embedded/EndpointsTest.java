package io.sluice.embedded;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class EndpointsTest {
    private static final Endpoints ALL = new Endpoints(
            "127.0.0.1:9092", "postgresql://sluice:sluice@127.0.0.1:5432/sluice", "redis://127.0.0.1:6379");

    @TempDir
    Path dir;

    @Test
    void aFileThatDoesNotExistSaysNothing() {
        assertThat(Endpoints.read(dir)).isEqualTo(new Endpoints(null, null, null));
    }

    @Test
    void anUpdateKeepsTheKeysOfOthersAndDropsPartsThatDoNotRun() throws Exception {
        ALL.write(dir);
        Endpoints.put(dir, "gateway", "http://127.0.0.1:8080");
        new Endpoints("127.0.0.1:1", null, null).write(dir);
        assertThat(dir.resolve("endpoints.properties"))
                .hasContent("gateway=http://127.0.0.1:8080\nkafka=127.0.0.1:1\n");
        try (var files = Files.list(dir)) {
            assertThat(files).hasSize(1);
        }
    }

    @Test
    void whatIsWrittenIsReadAgain() {
        ALL.write(dir);
        assertThat(Endpoints.read(dir)).isEqualTo(ALL);
        assertThat(Endpoints.parse(ALL.toLine())).isEqualTo(ALL);
        Endpoints some = new Endpoints(null, null, "redis://127.0.0.1:1");
        assertThat(Endpoints.parse(some.toLine())).isEqualTo(some);
    }
}
