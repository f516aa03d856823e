package io.sluice.helm;

import com.marcnuri.helm.Helm;
import com.marcnuri.helm.LintResult;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.function.Function;

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

    private Chart() {}

    static LintResult lint() {
        return new Helm(FOLDER).lint().strict().call();
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
