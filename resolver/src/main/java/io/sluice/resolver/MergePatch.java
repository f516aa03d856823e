package io.sluice.resolver;

import java.util.Optional;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** JSON Merge Patch (RFC 7396), in both directions. No tree that goes in is changed; what did not change is shared. */
public final class MergePatch {

    private MergePatch() {}

    /** The document after the patch. Members keep their order; new ones come last. */
    public static ObjectNode apply(@Nullable JsonNode target, ObjectNode patch) {
        ObjectNode merged = Json.newObject();
        if (target instanceof ObjectNode object) {
            merged.setAll(object);
        }
        patch.properties().forEach(member -> {
            JsonNode value = member.getValue();
            if (value.isNull()) {
                merged.remove(member.getKey());
            } else if (value instanceof ObjectNode nested) {
                merged.set(member.getKey(), apply(merged.get(member.getKey()), nested));
            } else {
                merged.set(member.getKey(), value);
            }
        });
        return merged;
    }

    /**
     * The patch that makes {@code after} of {@code before}; empty if there is none, because a member becomes null or because an
     * object takes the place of something else and holds a null.
     */
    public static Optional<ObjectNode> between(ObjectNode before, ObjectNode after) {
        ObjectNode patch = Json.newObject();
        for (var member : before.properties()) {
            if (!after.has(member.getKey())) {
                patch.putNull(member.getKey());
            }
        }
        for (var member : after.properties()) {
            JsonNode old = before.get(member.getKey());
            JsonNode value = member.getValue();
            if (value == old || value.equals(old)) {
                continue;
            }
            Optional<? extends JsonNode> change = changeTo(old, value);
            if (change.isEmpty()) {
                return Optional.empty();
            }
            patch.set(member.getKey(), change.get());
        }
        return Optional.of(patch);
    }

    private static Optional<? extends JsonNode> changeTo(@Nullable JsonNode old, JsonNode value) {
        if (value.isNull()) {
            return Optional.empty();
        }
        if (value instanceof ObjectNode object) {
            // Applied to what is no object, a patch starts from an empty one.
            return between(old instanceof ObjectNode oldObject ? oldObject : Json.newObject(), object);
        }
        return Optional.of(value);
    }
}
