package io.sluice.helm;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import com.marcnuri.helm.Helm;
import com.marcnuri.helm.LintResult;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.function.Function;
import java.util.stream.Stream;

/** The chart under test. Values are YAML, as in a file for {@code helm --values}. */
final class Chart {

    static final Path FOLDER = Path.of("sluice");

    /** What has no default. */
    private static final String REQUIRED = """
            kafka: {bootstrapServers: "kafka:9092"}
            postgres: {secret: {name: database}}
            redis: {secret: {name: cache}}
            """;

    /** The library takes itself for an old one unless told otherwise. */
    private static final String KUBERNETES = "1.34.0";

    private static final YAMLMapper YAML = new YAMLMapper();

    private Chart() {}

    static LintResult lint() {
        return new Helm(FOLDER).lint().strict().call();
    }

    /** With these over the chart's own. */
    static LintResult lint(String values) {
        try {
            Path copy = Files.createTempDirectory("chart").resolve("sluice");
            try (Stream<Path> files = Files.walk(FOLDER)) {
                for (Path file : files.toList()) {
                    Files.copy(file, copy.resolve(FOLDER.relativize(file).toString()));
                }
            }
            Path own = copy.resolve("values.yaml");
            ObjectNode merged = (ObjectNode) YAML.readTree(own.toFile());
            for (String more : List.of(REQUIRED, values)) {
                merge(merged, YAML.readTree(more));
            }
            YAML.writeValue(own.toFile(), merged);
            return new Helm(copy).lint().strict().call();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** As Helm does it: objects are merged, all else is replaced. */
    static void merge(ObjectNode into, JsonNode from) {
        from.properties().forEach(entry -> {
            JsonNode present = into.get(entry.getKey());
            if (present instanceof ObjectNode object && entry.getValue().isObject()) {
                merge(object, entry.getValue());
            } else {
                into.set(entry.getKey(), entry.getValue());
            }
        });
    }

    /** Several files in one, the later over the earlier. */
    static String merged(List<String> files) {
        try {
            ObjectNode all = YAML.createObjectNode();
            for (String file : files) {
                merge(all, YAML.readTree(file));
            }
            return YAML.writeValueAsString(all);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** With what is required and these values, which may also undo it. */
    static Manifest rendered(String values) {
        return rendered(values, KUBERNETES);
    }

    static Manifest rendered(String values, String kubernetes) {
        return new Manifest(withFiles(
                values,
                files -> new Helm(FOLDER)
                        .template()
                        .withName("prod")
                        .withNamespace("sync")
                        .withKubeVersion(kubernetes)
                        .withValuesFile(files[0])
                        .withValuesFile(files[1])
                        .call()));
    }

    /** What is said after an installation. */
    static String notes(String values) {
        return withFiles(
                values,
                files -> new Helm(FOLDER)
                        .install()
                        .clientOnly()
                        .dryRun()
                        .withName("prod")
                        .withNamespace("sync")
                        .withKubeVersion(KUBERNETES)
                        .withValuesFile(files[0])
                        .withValuesFile(files[1])
                        .call()
                        .getOutput());
    }

    private static <T> T withFiles(String values, Function<Path[], T> use) {
        try {
            Path required = Files.writeString(Files.createTempFile("required", ".yaml"), REQUIRED);
            Path further = Files.writeString(Files.createTempFile("values", ".yaml"), values);
            try {
                return use.apply(new Path[] {required, further});
            } finally {
                Files.delete(required);
                Files.delete(further);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
