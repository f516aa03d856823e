package io.sluice.gateway.endtoend;

import static org.assertj.core.api.Assertions.assertThat;

import io.sluice.embedded.Endpoints;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Clients from npm, none of them ours, against the gateway as a user starts it. */
class ThirdPartyClientsIT {

    @TempDir
    private Path dataDir;

    @Test
    void whatIsWrittenOverEachWayInIsSeenOverEachWayOut() throws IOException {
        NodeClients.install();
        try (SluiceProcess sluice = SluiceProcess.start(
                "--server.port=0", "--sluice.embedded.kafka-port=0", "--sluice.embedded.data-dir=" + dataDir)) {
            String gateway = sluice.awaitReady().toString();
            String kafka = Objects.requireNonNull(Endpoints.read(dataDir).kafka());
            String output = NodeClients.run("node", "clients.mjs", gateway, kafka, "67890");
            assertThat(output.lines().filter(line -> line.startsWith("seen everywhere: ")))
                    .as(output)
                    .hasSize(7);
        }
    }
}
