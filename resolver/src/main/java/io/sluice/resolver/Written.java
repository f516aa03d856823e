package io.sluice.resolver;

import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** What is left of what one event wrote at and beneath a path: what a conflict shows of it. */
final class Written {

    private Written() {}

    static ObjectNode by(Stamp stamp, RegisterNode node) {
        ObjectNode written = Json.newObject();
        node.children().forEach((name, child) -> {
            JsonNode value = at(stamp, child);
            if (value != null) {
                written.set(name, value);
            }
        });
        return written;
    }

    /** A write of the whole without what is superseded beneath. */
    static Write left(Write write, RegisterNode node) {
        return new Write(write.stamp(), left(write.stamp(), write.value(), node), write.quiet());
    }

    private static @Nullable JsonNode left(Stamp stamp, @Nullable JsonNode value, RegisterNode node) {
        if (!(value instanceof ObjectNode object) || node.children().isEmpty()) {
            return value;
        }
        ObjectNode left = Json.newObject();
        object.properties().forEach(member -> {
            RegisterNode child = node.child(member.getKey());
            if (!child.isSuperseded(stamp)) {
                left.set(member.getKey(), left(stamp, member.getValue(), child));
            }
        });
        return left;
    }

    private static @Nullable JsonNode at(Stamp stamp, RegisterNode node) {
        for (Write write : node.covers()) {
            if (write.stamp() == stamp) {
                return write.value();
            }
        }
        return node.ensures().contains(stamp) ? by(stamp, node) : null;
    }
}
