package io.sluice.loadtest.simulation;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.awaitility.Awaitility;

/** {@code java -jar sluice.jar} with everything embedded, on free ports and in a folder of its own. */
final class GatewayProcess implements AutoCloseable {

    private static final Duration PATIENCE = Duration.ofSeconds(180);
    private static final Pattern READY = Pattern.compile("(?m)^Sluice is ready after .*: (http\\S+)$");

    private final Process process;
    private final String url;

    private GatewayProcess(Process process, String url) {
        this.process = process;
        this.url = url;
    }

    /** Waits until it is ready. */
    static GatewayProcess start(Path folder) throws IOException {
        String jar = Objects.requireNonNull(System.getProperty("gateway.jar"), "system property gateway.jar");
        if (!Files.isRegularFile(Path.of(jar))) {
            throw new IllegalStateException(jar + " is not there (expected: what `mvn package` makes of the gateway)");
        }
        Path said = folder.resolve("said.txt");
        Process process = new ProcessBuilder(List.of(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-Xmx512m",
                        "-jar",
                        jar,
                        "--server.port=0",
                        "--sluice.embedded.kafka-port=0",
                        "--sluice.embedded.data-dir=" + folder.resolve("data")))
                .redirectErrorStream(true)
                .redirectOutput(said.toFile())
                .start();
        try {
            Awaitility.await()
                    .atMost(PATIENCE)
                    .until(() -> READY.matcher(Files.readString(said)).find() || !process.isAlive());
            Matcher ready = READY.matcher(Files.readString(said));
            if (!ready.find()) {
                throw new AssertionError("It has ended, and only said: " + Files.readString(said));
            }
            return new GatewayProcess(process, ready.group(1));
        } catch (RuntimeException | Error e) {
            process.destroy();
            throw e;
        }
    }

    String url() {
        return url;
    }

    @Override
    public void close() throws InterruptedException {
        process.destroy();
        if (!process.waitFor(PATIENCE.toSeconds(), TimeUnit.SECONDS)) {
            process.destroyForcibly();
            throw new AssertionError("The gateway does not end");
        }
    }
}
