package io.sluice.embedded;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Where the servers listen; null for one that was not asked for.
 *
 * @param kafka such as {@code 127.0.0.1:9092}
 * @param postgres such as {@code postgresql://user:password@127.0.0.1:5432/database}
 * @param redis such as {@code redis://127.0.0.1:6379}
 */
public record Endpoints(
        @Nullable String kafka,
        @Nullable String postgres,
        @Nullable String redis) {
    private static final String FILE = "endpoints.properties";

    /** What {@code endpoints.properties} of this data folder says; all null if there is none. */
    public static Endpoints read(Path dataDir) {
        try {
            return of(WholeFile.readMap(dataDir.resolve(FILE)));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Puts one more address beside the servers', and keeps what else the file says. */
    public static void put(Path dataDir, String key, String address) {
        try {
            Map<String, String> all = WholeFile.readMap(dataDir.resolve(FILE));
            all.put(key, address);
            WholeFile.writeMap(dataDir.resolve(FILE), all);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Writes these addresses, drops those that are null, and keeps keys that are not ours. */
    public void write(Path dataDir) {
        try {
            Map<String, String> all = WholeFile.readMap(dataDir.resolve(FILE));
            all.keySet().removeAll(Set.of("kafka", "postgres", "redis"));
            all.putAll(toMap());
            WholeFile.writeMap(dataDir.resolve(FILE), all);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    static Endpoints of(Map<String, String> map) {
        return new Endpoints(map.get("kafka"), map.get("postgres"), map.get("redis"));
    }

    /** The inverse of {@link #toLine()}. */
    static Endpoints parse(String line) {
        return of(Stream.of(line.strip().split(" "))
                .map(word -> word.split("=", 2))
                .collect(Collectors.toMap(pair -> pair[0], pair -> pair[1])));
    }

    /** One line of words such as {@code kafka=127.0.0.1:9092}. */
    String toLine() {
        return toMap().entrySet().stream().map(Object::toString).collect(Collectors.joining(" "));
    }

    Map<String, String> toMap() {
        Map<String, String> map = new TreeMap<>();
        put(map, "kafka", kafka);
        put(map, "postgres", postgres);
        put(map, "redis", redis);
        return map;
    }

    private static void put(Map<String, String> map, String key, @Nullable String address) {
        if (address != null) {
            map.put(key, address);
        }
    }
}
