package io.sluice.gateway.faults;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** What is not as it must be. Safe for use by several threads. */
final class Anomalies {

    private static final int SHOWN_OF_A_KIND = 20;

    private final Map<String, List<String>> shown = new TreeMap<>();
    private final Map<String, Integer> counts = new TreeMap<>();

    /** @param kind what is broken @param detail enough to find it */
    synchronized void add(String kind, String detail, Object... arguments) {
        counts.merge(kind, 1, Integer::sum);
        List<String> details = shown.computeIfAbsent(kind, k -> new ArrayList<>());
        if (details.size() < SHOWN_OF_A_KIND) {
            details.add(detail.formatted(arguments));
        }
    }

    synchronized int count() {
        return counts.values().stream().mapToInt(Integer::intValue).sum();
    }

    synchronized Map<String, Integer> counts() {
        return Map.copyOf(counts);
    }

    /** One line each, the first of each kind. */
    synchronized List<String> lines() {
        List<String> lines = new ArrayList<>();
        shown.forEach((kind, details) -> {
            details.forEach(detail -> lines.add(kind + ": " + detail));
            int more = counts.get(kind) - details.size();
            if (more > 0) {
                lines.add(kind + ": and " + more + " more");
            }
        });
        return lines;
    }
}
