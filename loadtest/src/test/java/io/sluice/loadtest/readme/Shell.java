package io.sluice.loadtest.readme;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.StringReader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Map;
import java.util.Properties;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.awaitility.Awaitility;

/**
 * A newcomer's checkout and terminals: the script, what the build has made, and nothing else. {@code mvn} only writes down what it was
 * asked for, since it is running already; {@code curl} fails where an answer is an error; ports are free ones.
 */
final class Shell implements AutoCloseable {

    private static final Duration PATIENCE = Duration.ofMinutes(3);

    private final Path folder;
    private final Deque<Running> all = new ArrayDeque<>();
    private int count;

    private Shell(Path folder) {
        this.folder = folder;
    }

    static Shell in(Path folder, Path root) throws IOException {
        Files.copy(root.resolve("sluice"), folder.resolve("sluice"));
        assertThat(folder.resolve("sluice").toFile().setExecutable(true)).isTrue();
        Path gateway = Files.createDirectories(folder.resolve("gateway/target"));
        Files.createSymbolicLink(gateway.resolve("sluice.jar"), root.resolve("gateway/target/sluice.jar"));
        Files.createDirectory(folder.resolve("loadtest"));
        Files.createSymbolicLink(folder.resolve("loadtest/target"), root.resolve("loadtest/target"));
        Path bin = Files.createDirectory(folder.resolve("bin"));
        Files.writeString(bin.resolve("mvn"), "#!/bin/sh\necho \"$@\" >>'" + folder.resolve("mvn.txt") + "'\n");
        assertThat(bin.resolve("mvn").toFile().setExecutable(true)).isTrue();
        Files.writeString(folder.resolve(".curlrc"), "fail-with-body\nsilent\nshow-error\nmax-time = 170\n");
        return new Shell(folder);
    }

    /** What the build was asked for. */
    String builds() throws IOException {
        return Files.readString(folder.resolve("mvn.txt"));
    }

    /** Addresses of what runs. */
    Properties endpoints() throws IOException {
        Properties endpoints = new Properties();
        endpoints.load(new StringReader(Files.readString(folder.resolve("data/endpoints.properties"))));
        return endpoints;
    }

    Path file(String name, String text) throws IOException {
        return Files.writeString(folder.resolve(name), text);
    }

    /** Runs a command to its end, which has to be a good one. */
    String run(String command) throws IOException, InterruptedException {
        Running running = start(command);
        assertThat(running.process.waitFor(PATIENCE.toSeconds(), TimeUnit.SECONDS))
                .as("%s has ended, and said: %s", command, running.said())
                .isTrue();
        assertThat(running.process.exitValue())
                .as("exit code of %s, which said: %s", command, running.said())
                .isZero();
        return running.said();
    }

    Running start(String command) throws IOException {
        Path said = folder.resolve("said-" + ++count + ".txt");
        String javaHome = System.getProperty("java.home");
        ProcessBuilder builder = new ProcessBuilder("bash", "-o", "pipefail", "-c", command)
                .directory(folder.toFile())
                .redirectErrorStream(true)
                .redirectOutput(said.toFile());
        builder.environment()
                .putAll(Map.of(
                        "JAVA_HOME", javaHome,
                        "PATH", folder.resolve("bin") + ":" + javaHome + "/bin:" + System.getenv("PATH"),
                        "CURL_HOME", folder.toString(),
                        "NODE_OPTIONS", "--experimental-websocket", // which Node.js has by itself from 22 on
                        "SERVER_PORT", "0",
                        "SLUICE_EMBEDDED_KAFKA_PORT", "0", // of the parts alone
                        "SLUICE_EMBEDDED_KAFKAPORT", "0")); // of the gateway
        Running running = new Running(command, builder.start(), said);
        all.push(running);
        return running;
    }

    @Override
    public void close() throws InterruptedException {
        while (!all.isEmpty()) {
            all.pop().stop();
        }
    }

    /** A command that may go on. */
    record Running(String command, Process process, Path file) {

        String said() {
            try {
                return Files.readString(file);
            } catch (IOException e) {
                throw new AssertionError(e);
            }
        }

        /** Waits until it has said something that matches. */
        Running await(String regex) {
            Awaitility.await(command)
                    .atMost(PATIENCE)
                    .untilAsserted(() -> assertThat(said()).containsPattern(regex));
            return this;
        }

        void stop() throws InterruptedException {
            Stream.concat(process.descendants(), Stream.of(process.toHandle())).forEach(ProcessHandle::destroy);
            if (!process.waitFor(PATIENCE.toSeconds(), TimeUnit.SECONDS)) {
                process.destroyForcibly();
                throw new AssertionError(command + " does not end");
            }
        }
    }
}
