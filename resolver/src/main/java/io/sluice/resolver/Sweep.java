package io.sluice.resolver;

import java.time.Instant;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * Forgets who wrote what, where that was long ago and nobody disagrees. The values stay in the document; what is forgotten is
 * remembered as one vector, in which late events are recognised.
 */
final class Sweep {

    private final Instant until;
    private VersionVector forgotten;

    Sweep(Instant until) {
        this(until, VersionVector.EMPTY);
    }

    private Sweep(Instant until, VersionVector forgotten) {
        this.until = until;
        this.forgotten = forgotten;
    }

    /** Goes on with a later time. */
    Sweep until(Instant later) {
        return new Sweep(later, forgotten);
    }

    VersionVector forgotten() {
        return forgotten;
    }

    /** @param covered whether writes above that are still tracked speak for this path too, so that nothing here may go */
    RegisterNode of(RegisterNode node, boolean covered) {
        List<Write> covers = covered ? node.covers() : left(node.covers());
        boolean stays = covered || !covers.isEmpty();
        var children = RegisterNode.mapped(node.children(), child -> of(child, stays));
        if (stays) {
            return new RegisterNode(covers, node.ensures(), node.increments(), node.elements(), children);
        }
        return new RegisterNode(
                covers,
                node.ensures().stream().filter(ensure -> !forgets(ensure)).toList(),
                increments(node.increments()),
                elements(node.elements()),
                children);
    }

    /** Writes that disagree stay until somebody who has seen them writes. */
    private List<Write> left(List<Write> writes) {
        return writes.size() == 1 && forgets(writes.getFirst().stamp()) ? List.of() : writes;
    }

    private boolean forgets(Stamp stamp) {
        if (!stamp.logTime().isBefore(until)) {
            return false;
        }
        forgotten = forgotten.merge(stamp.told());
        return true;
    }

    private Increments increments(Increments increments) {
        Increments left = increments.since(until);
        for (Increment increment : increments.all()) {
            if (increment.last().isBefore(until)) {
                forgotten = forgotten.with(increment.writer(), increment.to());
            }
        }
        return left;
    }

    private SortedMap<String, List<Write>> elements(SortedMap<String, List<Write>> elements) {
        SortedMap<String, List<Write>> left = new TreeMap<>();
        elements.forEach((element, writes) -> {
            // Who inserts wins over who removes: that several did so is no disagreement.
            if (writes.stream().allMatch(write -> write.stamp().logTime().isBefore(until))) {
                writes.forEach(write -> forgets(write.stamp()));
            } else {
                left.put(element, writes);
            }
        });
        return left;
    }
}
