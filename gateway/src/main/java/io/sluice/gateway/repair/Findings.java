package io.sluice.gateway.repair;

import java.io.PrintStream;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Differences, by kind: all are counted, and of each kind the first are named. */
final class Findings {

    private static final int NAMED = 20;

    private final Map<String, Kind> kinds = new LinkedHashMap<>();

    private static final class Kind {
        private final List<String> named = new ArrayList<>();
        private long count;
    }

    void add(String kind, String what) {
        Kind found = kinds.computeIfAbsent(kind, name -> new Kind());
        if (found.count++ < NAMED) {
            found.named.add(what);
        }
    }

    long count() {
        return kinds.values().stream().mapToLong(kind -> kind.count).sum();
    }

    void print(PrintStream out) {
        kinds.forEach((kind, found) -> {
            out.printf("%n%s: %,d%n", kind, found.count);
            found.named.forEach(what -> out.println("  " + what));
            if (found.count > found.named.size()) {
                out.printf("  and %,d more%n", found.count - found.named.size());
            }
        });
    }
}
