package io.sluice.gateway.endtoend;

import static org.assertj.core.api.Assertions.assertThat;

import io.sluice.embedded.Endpoints;
import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Clients from npm, none of them ours, against the gateway as a user starts it. */
class ThirdPartyClientsIT {

    private static final Path SCRIPTS = Path.of("src/test/node").toAbsolutePath();
    private static final Path INSTALLED = Path.of("target/node").toAbsolutePath();

    @TempDir
    private Path dataDir;

    @Test
    void whatIsWrittenOverEachWayInIsSeenOverEachWayOut() throws Exception {
        install();
        try (SluiceProcess sluice = SluiceProcess.start(
                "--server.port=0", "--sluice.embedded.kafka-port=0", "--sluice.embedded.data-dir=" + dataDir)) {
            String gateway = sluice.awaitReady().toString();
            String kafka = Objects.requireNonNull(Endpoints.read(dataDir).kafka());
            String output = run("node", "clients.mjs", gateway, kafka, "67890");
            assertThat(output.lines().filter(line -> line.startsWith("seen everywhere: ")))
                    .as(output)
                    .hasSize(7);
        }
    }

    private static void install() throws Exception {
        Files.createDirectories(INSTALLED);
        for (String file : new String[] {"package.json", "package-lock.json", "clients.mjs"}) {
            Files.copy(
                    SCRIPTS.resolve(file), INSTALLED.resolve(file), java.nio.file.StandardCopyOption.REPLACE_EXISTING);
        }
        run("npm", "ci", "--no-audit", "--no-fund", "--prefer-offline");
    }

    /** What it prints. Fails with that, if it fails. */
    private static String run(String... command) throws InterruptedException, IOException {
        File output = INSTALLED.resolve("output.txt").toFile();
        Process process;
        try {
            process = new ProcessBuilder(command)
                    .directory(INSTALLED.toFile())
                    .redirectErrorStream(true)
                    .redirectOutput(output)
                    .start();
        } catch (IOException e) {
            throw new AssertionError("The tests need Node.js with npm, and cannot run " + command[0]
                    + " (expected: both on the PATH): " + e.getMessage());
        }
        if (!process.waitFor(120, TimeUnit.SECONDS)) {
            process.destroyForcibly();
        }
        String said = Files.readString(output.toPath());
        assertThat(process.waitFor())
                .as(String.join(" ", command) + " said:\n" + said)
                .isZero();
        return said;
    }
}
