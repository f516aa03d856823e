package io.sluice.embedded;

import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;

/**
 * What the command line and the environment ask for. A word on the command line wins over the environment; words that are
 * not about the embedded parts belong to somebody else and are passed over.
 *
 * @param parent whether a process at the other end of stdin owns this one
 */
record PartsArguments(PartsSettings settings, boolean parent) {
    private static final String PREFIX = "--sluice.embedded.";
    private static final List<String> KEYS =
            List.of(PartsSettings.DATA_DIR, PartsSettings.KAFKA_PORT, PartsSettings.PARTS);
    private static final Set<String> ALL = Set.of("kafka", "postgres", "redis");

    /** Throws {@link IllegalArgumentException} with a line for the user. */
    static PartsArguments parse(List<String> words, Map<String, String> environment) {
        Map<String, String> values = new HashMap<>();
        for (String key : KEYS) {
            String value = environment.get(key.toUpperCase(Locale.ROOT).replaceAll("[.-]", "_"));
            if (value != null) {
                values.put(key, value);
            }
        }
        words.stream().filter(word -> word.startsWith(PREFIX)).forEach(word -> read(word, values));
        return new PartsArguments(settings(values), words.contains("--parent"));
    }

    private static void read(String word, Map<String, String> values) {
        int equals = word.indexOf('=');
        String key = word.substring(2, equals < 0 ? word.length() : equals);
        if (!KEYS.contains(key)) {
            throw new IllegalArgumentException(
                    "--" + key + ": unknown argument (expected: --" + String.join(", --", KEYS) + ")");
        }
        if (equals < 0) {
            throw new IllegalArgumentException("--" + key + ": no value (expected: --" + key + "=...)");
        }
        values.put(key, word.substring(equals + 1));
    }

    private static PartsSettings settings(Map<String, String> values) {
        Set<String> parts = parts(values.getOrDefault(PartsSettings.PARTS, "kafka,postgres,redis"));
        return new PartsSettings(
                folder(values.getOrDefault(PartsSettings.DATA_DIR, "./data")),
                port(values.getOrDefault(PartsSettings.KAFKA_PORT, "9092")),
                parts.contains("kafka"),
                parts.contains("postgres"),
                parts.contains("redis"));
    }

    private static Set<String> parts(String value) {
        Set<String> parts = new TreeSet<>(List.of(value.strip().split("\\s*,\\s*")));
        if (!ALL.containsAll(parts)) {
            throw new IllegalArgumentException(
                    PartsSettings.PARTS + ": " + value + " (expected: some of kafka, postgres, redis)");
        }
        return parts;
    }

    private static Path folder(String value) {
        try {
            return Path.of(value);
        } catch (InvalidPathException e) {
            throw new IllegalArgumentException(PartsSettings.DATA_DIR + ": " + value + " (expected: a folder)", e);
        }
    }

    private static int port(String value) {
        try {
            return Integer.parseInt(value.strip());
        } catch (NumberFormatException e) {
            throw new IllegalArgumentException(PartsSettings.KAFKA_PORT + ": " + value + " (expected: 0 to 65535)", e);
        }
    }
}
