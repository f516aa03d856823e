package io.sluice.gateway.endtoend;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.awaitility.Awaitility;

/** {@code java -jar sluice.jar}, as a user would run it. */
final class SluiceProcess implements AutoCloseable {

    private static final Duration PATIENCE = Duration.ofSeconds(90);
    private static final Pattern READY = Pattern.compile("Sluice is ready after ([0-9.]+) s: (http://\\S+)");

    private final Process process;
    private final List<String> lines = Collections.synchronizedList(new ArrayList<>());
    private final Set<ProcessHandle> family = ConcurrentHashMap.newKeySet();
    private final Thread reader;

    private SluiceProcess(Process process) {
        this.process = process;
        this.reader = Thread.ofPlatform().daemon().name("output").start(this::read);
    }

    /** With the Java of this JVM. */
    static SluiceProcess start(String... arguments) {
        return start(Path.of(System.getProperty("java.home"), "bin", "java"), arguments);
    }

    static SluiceProcess start(Path java, String... arguments) {
        return run(List.of(java.toString(), "-Xmx512m", "-jar", jar()), arguments);
    }

    /** From the classes of this JVM, before there is a jar. @param heap such as {@code 96m}; more is the end of it */
    static SluiceProcess startSmall(String heap, String... arguments) {
        return run(
                List.of(
                        ownJava().toString(),
                        "-Xmx" + heap,
                        "-XX:+ExitOnOutOfMemoryError",
                        "-cp",
                        System.getProperty("java.class.path"),
                        "io.sluice.gateway.Sluice"),
                arguments);
    }

    private static SluiceProcess run(List<String> java, String... arguments) {
        List<String> command = new ArrayList<>(java);
        command.addAll(List.of(arguments));
        try {
            return new SluiceProcess(
                    new ProcessBuilder(command).redirectErrorStream(true).start());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static String jar() {
        String jar = Objects.requireNonNull(System.getProperty("sluice.jar"), "system property sluice.jar");
        if (!Files.isRegularFile(Path.of(jar))) {
            throw new IllegalStateException(jar + " is not there (expected: what `mvn package` makes)");
        }
        return jar;
    }

    /** An installed Java that is too old for the gateway but not for its launcher; else the one of this JVM. */
    static Path olderJava() {
        try (Stream<Path> homes = Files.list(Path.of("/usr/lib/jvm"))) {
            return homes.filter(home -> isOlder(home.resolve("release")))
                    .map(home -> home.resolve("bin/java"))
                    .filter(Files::isExecutable)
                    .findFirst()
                    .orElseGet(SluiceProcess::ownJava);
        } catch (IOException e) {
            return ownJava();
        }
    }

    private static Path ownJava() {
        return Path.of(System.getProperty("java.home"), "bin", "java");
    }

    private static boolean isOlder(Path release) {
        try {
            return Files.isRegularFile(release)
                    && Pattern.compile("JAVA_VERSION=\"(17|18|19|20)\\b")
                            .matcher(Files.readString(release))
                            .find();
        } catch (IOException e) {
            return false;
        }
    }

    private void read() {
        try (BufferedReader output = process.inputReader(StandardCharsets.UTF_8)) {
            for (String line = output.readLine(); line != null; line = output.readLine()) {
                lines.add(line);
                process.descendants().forEach(family::add);
            }
        } catch (IOException e) {
            // The same as its end.
        }
    }

    /** Waits until it says that it is ready. */
    URI awaitReady() {
        Matcher matcher = READY.matcher(awaitLine("Sluice is ready after"));
        if (!matcher.find()) {
            throw new AssertionError("The welcome names no address: " + lines);
        }
        return URI.create(matcher.group(2));
    }

    String awaitLine(String begin) {
        Awaitility.await()
                .atMost(PATIENCE)
                .pollInterval(Duration.ofMillis(20))
                .until(() -> line(begin).findFirst().isPresent() || !process.isAlive() && !reader.isAlive());
        return line(begin)
                .findFirst()
                .orElseThrow(() -> new AssertionError("It has ended, and only said: " + String.join("\n", lines)));
    }

    private Stream<String> line(String begin) {
        return lines().stream().filter(line -> line.startsWith(begin));
    }

    List<String> lines() {
        synchronized (lines) {
            return List.copyOf(lines);
        }
    }

    long pid() {
        return process.pid();
    }

    /** {@code kill -9}, of the process that was started only. */
    void kill() {
        remember();
        process.destroyForcibly();
        awaitExit();
    }

    /** What Ctrl-C's brother does. */
    int terminate() {
        remember();
        process.destroy();
        return awaitExit();
    }

    int awaitExit() {
        try {
            if (!process.waitFor(PATIENCE.toSeconds(), TimeUnit.SECONDS)) {
                throw new AssertionError("It does not end; it said: " + String.join("\n", lines));
            }
            reader.join(5_000);
            return process.exitValue();
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    private void remember() {
        process.descendants().forEach(family::add);
    }

    /** The processes that it has started, and those that they have, ended and not. */
    Set<ProcessHandle> family() {
        remember();
        return Set.copyOf(family);
    }

    /** Waits until nothing runs any more of what it has started. */
    void awaitNothingRuns() {
        Awaitility.await()
                .atMost(Duration.ofSeconds(45))
                .pollInterval(Duration.ofMillis(50))
                .untilAsserted(() -> org.assertj.core.api.Assertions.assertThat(
                                family.stream().filter(ProcessHandle::isAlive).map(ProcessHandle::info))
                        .isEmpty());
    }

    @Override
    public void close() {
        try {
            if (process.isAlive()) {
                terminate();
            }
            awaitNothingRuns();
        } finally {
            family.forEach(ProcessHandle::destroyForcibly);
        }
    }
}
