package io.sluice.resolver;

import java.util.Collections;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * What a state says of itself beside its document.
 *
 * @param conflicts that are open: concurrent writes of which no later one has seen all. By path
 * @param revisions of the values that are edited by operations, by path: how many edits each had
 */
public record Marks(List<Conflict> conflicts, SortedMap<String, Long> revisions) {

    public static final Marks NONE = new Marks(List.of(), new TreeMap<>());

    public Marks {
        conflicts = List.copyOf(conflicts);
        revisions = Collections.unmodifiableSortedMap(new TreeMap<>(revisions));
    }

    public boolean isEmpty() {
        return conflicts.isEmpty() && revisions.isEmpty();
    }
}
