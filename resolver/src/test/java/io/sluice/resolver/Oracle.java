package io.sluice.resolver;

import java.io.BufferedReader;
import java.io.BufferedWriter;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import tools.jackson.databind.DeserializationFeature;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** The types of operations from npm, as {@code package-lock.json} names them, at work in a process of Node.js. */
final class Oracle implements AutoCloseable {

    private static final Path SCRIPTS = Path.of("src/test/node").toAbsolutePath();
    private static final Path INSTALLED = Path.of("target/node").toAbsolutePath();

    /** Takes half surrogate pairs as well: to a spoilt case, the oracle may answer with such. */
    private static final JsonMapper ANSWERS = JsonMapper.builder()
            .enable(DeserializationFeature.USE_BIG_DECIMAL_FOR_FLOATS)
            .build();

    private final Process process;
    private final BufferedWriter questions;
    private final BufferedReader answers;

    private Oracle(Process process) {
        this.process = process;
        this.questions = process.outputWriter(StandardCharsets.UTF_8);
        this.answers = process.inputReader(StandardCharsets.UTF_8);
    }

    /** Fails with one line if there is no Node.js: what these tests show, nothing else does. */
    static Oracle start() throws IOException, InterruptedException {
        install();
        return new Oracle(process(ProcessBuilder.Redirect.INHERIT, "node", "oracle.mjs"));
    }

    private static void install() throws IOException, InterruptedException {
        Files.createDirectories(INSTALLED);
        try (Stream<Path> files = Files.list(SCRIPTS)) {
            for (Path file : files.toList()) {
                Files.copy(file, INSTALLED.resolve(file.getFileName()), StandardCopyOption.REPLACE_EXISTING);
            }
        }
        Path wanted = INSTALLED.resolve("installed-lock.json");
        Path lock = INSTALLED.resolve("package-lock.json");
        if (Files.exists(INSTALLED.resolve("node_modules/.package-lock.json"))
                && Files.exists(wanted)
                && Files.mismatch(wanted, lock) < 0) {
            return;
        }
        Path output = INSTALLED.resolve("install.txt");
        Process npm = process(
                ProcessBuilder.Redirect.to(output.toFile()),
                "npm",
                "ci",
                "--no-audit",
                "--no-fund",
                "--prefer-offline");
        if (!npm.waitFor(120, TimeUnit.SECONDS) || npm.exitValue() != 0) {
            npm.destroyForcibly();
            throw new AssertionError("npm ci failed:\n" + Files.readString(output));
        }
        Files.copy(lock, wanted, StandardCopyOption.REPLACE_EXISTING);
    }

    private static Process process(ProcessBuilder.Redirect errors, String... command) {
        try {
            ProcessBuilder builder =
                    new ProcessBuilder(command).directory(INSTALLED.toFile()).redirectError(errors);
            if (command[0].equals("npm")) {
                builder.redirectErrorStream(true).redirectOutput(errors);
            }
            return builder.start();
        } catch (IOException e) {
            throw new AssertionError(
                    "These tests need Node.js with npm (expected: both on the PATH): " + e.getMessage());
        }
    }

    /** One answer a case, in their order. */
    synchronized List<JsonNode> answers(List<? extends JsonNode> cases) {
        try {
            for (JsonNode question : cases) {
                questions.write(new String(Json.bytes(question), StandardCharsets.UTF_8));
                questions.write('\n');
            }
            questions.write('\n');
            questions.flush();
            List<JsonNode> result = new ArrayList<>(cases.size());
            for (int i = 0; i < cases.size(); i++) {
                String line = answers.readLine();
                if (line == null) {
                    throw new AssertionError("oracle.mjs ended in the middle of a batch: see its standard error");
                }
                result.add(ANSWERS.readTree(line));
            }
            return result;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public void close() {
        process.destroyForcibly();
    }
}
