package io.sluice.gateway.faults;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.awaitility.Awaitility;
import org.jspecify.annotations.Nullable;

/** A gateway: a process of the jar that was built. */
final class Node implements AutoCloseable {

    private static final HttpClient CLIENT =
            HttpClient.newBuilder().connectTimeout(Duration.ofSeconds(1)).build();

    private final int port;
    private final Path log;
    private final List<String> settings;
    private @Nullable Process process;

    /** @param log to which all of its processes write, one after the other */
    Node(int port, Path log, List<String> settings) {
        this.port = port;
        this.log = log;
        this.settings = List.copyOf(settings);
    }

    static Path jar() {
        Path jar = Path.of(Objects.requireNonNull(System.getProperty("sluice.jar"), "system property sluice.jar"));
        if (!Files.isRegularFile(jar)) {
            throw new IllegalStateException(jar + " is not there (expected: what `mvn package` makes)");
        }
        return jar;
    }

    /** Begins; {@link #awaitReady} waits until it serves. */
    void start() {
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        // What the machine has is for all of them; a short life is not worth a second compiler.
        command.addAll(List.of("-Xmx256m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1"));
        command.addAll(List.of("-XX:+ExitOnOutOfMemoryError", "-jar", jar().toString()));
        command.addAll(List.of("--server.port=" + port, "--server.address=127.0.0.1"));
        command.addAll(settings);
        try {
            process = new ProcessBuilder(command)
                    .redirectErrorStream(true)
                    .redirectOutput(ProcessBuilder.Redirect.appendTo(log.toFile()))
                    .start();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    URI base() {
        return URI.create("http://127.0.0.1:" + port);
    }

    int port() {
        return port;
    }

    /** Starts it again as often as it gives up: what it needs to begin may be away. */
    void awaitReady() {
        Awaitility.await()
                .atMost(Duration.ofMinutes(10))
                .pollInterval(Duration.ofMillis(100))
                .until(() -> {
                    if (!process().isAlive()) {
                        start();
                    }
                    return isReady();
                });
    }

    private boolean isReady() {
        HttpRequest request = HttpRequest.newBuilder(base().resolve("/actuator/health/readiness"))
                .timeout(Duration.ofSeconds(2))
                .build();
        try {
            return CLIENT.send(request, HttpResponse.BodyHandlers.discarding()).statusCode() == 200;
        } catch (IOException e) {
            return false;
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    private Process process() {
        return Objects.requireNonNull(process, "not started");
    }

    void kill() {
        try {
            process().destroyForcibly().waitFor();
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    /** {@code SIGTERM}. @return whether it ended by itself within what it says that it takes */
    boolean stop() {
        try {
            process().destroy();
            if (process().waitFor(40, TimeUnit.SECONDS)) {
                return true;
            }
            kill();
            return false;
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    void pause() {
        Signals.send("STOP", List.of(process().toHandle()));
    }

    void goOn() {
        Signals.send("CONT", List.of(process().toHandle()));
    }

    /** What it has said is wrong. */
    List<String> errors() {
        try (Stream<String> lines = Files.lines(log)) {
            return lines.filter(line -> line.contains(" ERROR ")).toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public void close() {
        if (process != null) {
            process.destroyForcibly();
        }
    }
}
