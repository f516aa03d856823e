package io.sluice.resolver;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * What one event wrote to one path.
 *
 * @param value null: it removed what was there
 * @param quiet that it lost here is said at a path above
 */
record Write(Stamp stamp, @Nullable JsonNode value, boolean quiet) {

    Write(Stamp stamp, @Nullable JsonNode value) {
        this(stamp, value, false);
    }

    boolean isObject() {
        return value instanceof ObjectNode;
    }

    boolean says(@Nullable JsonNode other) {
        return value == null ? other == null : value.equals(other);
    }

    /** What the write says of one member of its value. */
    Write member(String name, boolean hushed) {
        JsonNode member = value instanceof ObjectNode object ? object.get(name) : null;
        return new Write(stamp, member, quiet || hushed);
    }

    /** Whether something there is causally after that event. */
    static boolean isSuperseded(Stamp stamp, List<Write> by) {
        for (Write write : by) {
            if (write.stamp().isAfter(stamp)) {
                return true;
            }
        }
        return false;
    }

    /** The writes that the event leaves, and its own. */
    static List<Write> with(List<Write> writes, Write latest) {
        if (writes.isEmpty()) {
            return List.of(latest);
        }
        List<Write> left = without(writes, latest.stamp());
        if (left.isEmpty()) {
            return List.of(latest);
        }
        List<Write> all = new ArrayList<>(left);
        all.add(latest);
        return List.copyOf(all);
    }

    /** The writes that are not causally before the event; the same list, if all are left. */
    static List<Write> without(List<Write> writes, Stamp stamp) {
        for (Write write : writes) {
            if (stamp.isAfter(write.stamp())) {
                return writes.stream()
                        .filter(left -> !stamp.isAfter(left.stamp()))
                        .toList();
            }
        }
        return writes;
    }
}
