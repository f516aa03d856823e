package io.sluice.resolver;

import java.util.Collections;
import java.util.SortedMap;
import java.util.TreeMap;

/** Which events with clocks were folded, of every writer. Immutable. */
record Dots(SortedMap<String, CounterRanges> ofWriters) {

    static final Dots NONE = new Dots(new TreeMap<>());

    Dots {
        ofWriters = Collections.unmodifiableSortedMap(ofWriters);
    }

    CounterRanges of(String writer) {
        return ofWriters.getOrDefault(writer, CounterRanges.NONE);
    }

    Dots with(String writer, long counter) {
        SortedMap<String, CounterRanges> more = new TreeMap<>(ofWriters);
        more.put(writer, of(writer).with(counter));
        return new Dots(more);
    }
}
