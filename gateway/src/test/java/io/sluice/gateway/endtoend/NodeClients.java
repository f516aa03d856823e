package io.sluice.gateway.endtoend;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/** Clients from npm, as {@code package-lock.json} names them, and the scripts that use them. */
final class NodeClients {

    private static final Path SCRIPTS = Path.of("src/test/node").toAbsolutePath();
    private static final Path INSTALLED = Path.of("target/node").toAbsolutePath();

    private NodeClients() {}

    /** Fails with one line if there is no Node.js: what these tests show, nothing else does. */
    static void install() throws IOException {
        Files.createDirectories(INSTALLED);
        try (Stream<Path> files = Files.list(SCRIPTS)) {
            for (Path file : files.toList()) {
                Files.copy(file, INSTALLED.resolve(file.getFileName()), StandardCopyOption.REPLACE_EXISTING);
            }
        }
        Path installed = INSTALLED.resolve("node_modules/.package-lock.json");
        Path wanted = INSTALLED.resolve("installed-lock.json");
        Path lock = INSTALLED.resolve("package-lock.json");
        if (Files.exists(installed) && Files.exists(wanted) && Files.mismatch(wanted, lock) < 0) {
            return;
        }
        run("npm", "ci", "--no-audit", "--no-fund", "--prefer-offline");
        Files.copy(lock, wanted, StandardCopyOption.REPLACE_EXISTING);
    }

    /** What it prints. Fails with that, if it fails. */
    static String run(String... command) {
        Running running = start(command);
        try {
            if (!running.process.waitFor(120, TimeUnit.SECONDS)) {
                running.process.destroyForcibly();
            }
            int status = running.process.waitFor();
            assertThat(status)
                    .as(String.join(" ", command) + " said:\n" + running.output())
                    .isZero();
            return running.output();
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    static Running start(String... command) {
        try {
            Path output = Files.createTempFile(INSTALLED, "output", ".txt");
            return new Running(
                    new ProcessBuilder(command)
                            .directory(INSTALLED.toFile())
                            .redirectErrorStream(true)
                            .redirectOutput(output.toFile())
                            .start(),
                    output);
        } catch (IOException e) {
            throw new AssertionError(
                    "These tests need Node.js with npm (expected: both on the PATH): " + e.getMessage());
        }
    }

    /** A script at work. */
    record Running(Process process, Path file) implements AutoCloseable {

        String output() {
            try {
                return Files.readString(file);
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }

        @Override
        public void close() {
            process.destroyForcibly();
        }
    }
}
