package io.sluice.image;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * The image's tar, and what comes of it when its layers are laid over each other.
 *
 * @param root where they are
 * @param configuration as the OCI has it
 * @param layers the files of each, the lowest first
 */
record Image(Path root, JsonNode configuration, List<List<String>> layers) {

    private static final JsonMapper JSON = JsonMapper.builder().build();

    static Image unpack(Path tar, Path work) {
        Path root = work.resolve("root");
        Path parts = work.resolve("layers");
        try {
            run("sh", Path.of("unpack.sh").toAbsolutePath().toString(), tar.toString(), root.toString());
            Files.createDirectories(parts);
            run("tar", "-xf", tar.toString(), "-C", parts.toString());
            JsonNode manifest = JSON.readTree(parts.resolve("manifest.json")).get(0);
            List<List<String>> layers = new ArrayList<>();
            for (JsonNode layer : manifest.get("Layers")) {
                layers.add(run(
                                "tar",
                                "--warning=no-unknown-keyword",
                                "-tf",
                                parts.resolve(layer.asString()).toString())
                        .lines()
                        .map(line -> "/" + line.replaceFirst("^\\./|^/", ""))
                        .filter(line -> !line.endsWith("/"))
                        .toList());
            }
            return new Image(
                    root.toAbsolutePath(),
                    JSON.readTree(parts.resolve(manifest.get("Config").asString())),
                    layers);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    static String run(String... words) throws IOException {
        Process process = new ProcessBuilder(words).redirectErrorStream(true).start();
        String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        try {
            if (process.waitFor() != 0) {
                throw new IOException(String.join(" ", words) + ": " + said);
            }
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
        return said;
    }

    /** A file that the container is given. */
    void put(String path, String text) throws IOException {
        Path file = root.resolve(path);
        Files.createDirectories(file.getParent());
        Files.writeString(file, text);
    }

    JsonNode container() {
        return configuration.get("config");
    }

    List<String> words(String name) {
        List<String> words = new ArrayList<>();
        container().get(name).forEach(word -> words.add(word.asString()));
        return words;
    }

    /** Names of files that end so, of all layers. */
    List<String> files(String end) {
        return layers.stream()
                .flatMap(List::stream)
                .filter(file -> file.endsWith(end))
                .toList();
    }

    /** The number of the layer that has such a file; all such are in one. */
    int layerOf(String part) {
        List<Integer> found = Stream.iterate(0, i -> i < layers.size(), i -> i + 1)
                .filter(i -> layers.get(i).stream().anyMatch(file -> file.contains(part)))
                .toList();
        if (found.size() != 1) {
            throw new AssertionError(part + " in layers " + found + " (expected: in one)");
        }
        return found.getFirst();
    }
}
