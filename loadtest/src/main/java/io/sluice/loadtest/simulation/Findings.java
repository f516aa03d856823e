package io.sluice.loadtest.simulation;

import java.util.List;
import java.util.Locale;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicLongArray;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** What was found wrong, and where first. Safe for many threads. */
final class Findings {

    private static final int KEPT = 5;

    private final AtomicLongArray counts = new AtomicLongArray(Fault.values().length);
    private final List<String> first = new CopyOnWriteArrayList<>();

    void add(Fault fault, long count, String where) {
        counts.addAndGet(fault.ordinal(), count);
        if (first.size() < KEPT) {
            first.add(where + ": " + fault.text());
        }
    }

    boolean isEmpty() {
        return Stream.of(Fault.values()).allMatch(fault -> count(fault) == 0);
    }

    long count(Fault fault) {
        return counts.get(fault.ordinal());
    }

    /** Such as {@code lost 0, gap 1, ...}. */
    String text() {
        return Stream.of(Fault.values())
                .map(fault -> fault.name().toLowerCase(Locale.ROOT).replace('_', ' ') + " " + count(fault))
                .collect(Collectors.joining(", "));
    }

    List<String> first() {
        return List.copyOf(first);
    }
}
