package io.sluice.gateway.feed;

import io.sluice.gateway.web.Problem;
import io.sluice.resolver.ContextState;
import io.sluice.resolver.ContextUpdate;
import io.sluice.resolver.Document;
import io.sluice.resolver.Json;
import io.sluice.resolver.Marks;
import io.sluice.resolver.MergePatch;
import io.sluice.resolver.Texts;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * The part of documents that somebody wants to see: some members, and all that is in them. Two that are equal show the same.
 *
 * @param members by name, with the part of each; a part that is {@link #ALL} is the whole member
 */
record Projection(SortedMap<String, Projection> members) {

    /** Everything. */
    static final Projection ALL = new Projection(new TreeMap<>());

    private static final int MAX_FIELDS = 100;
    private static final int MAX_LENGTH = 4_096;

    /**
     * @param fields names of members, those of members in members behind a point: {@code a}, {@code b.c}. None: everything
     * @throws io.sluice.gateway.web.ProblemException if one is none
     */
    static Projection of(List<String> fields) {
        if (fields.size() > MAX_FIELDS
                || fields.stream().mapToInt(String::length).sum() > MAX_LENGTH) {
            throw malformed(
                    fields.size() + " fields", "at most " + MAX_FIELDS + ", of " + MAX_LENGTH + " characters together");
        }
        SortedMap<String, Projection> members = new TreeMap<>();
        for (String field : fields) {
            List<String> names = List.of(field.split("\\.", -1));
            if (names.contains("") || !Texts.isPlain(field)) {
                throw malformed(field, "names of members, such as a or b.c");
            }
            add(members, names);
        }
        return members.isEmpty() ? ALL : new Projection(members);
    }

    private static void add(SortedMap<String, Projection> members, List<String> names) {
        String name = names.getFirst();
        Projection known = members.get(name);
        if (names.size() == 1) {
            members.put(name, ALL);
        } else if (known == null || !known.isAll()) {
            SortedMap<String, Projection> more = known == null ? new TreeMap<>() : known.members;
            add(more, names.subList(1, names.size()));
            members.put(name, new Projection(more));
        }
    }

    private static RuntimeException malformed(String value, String expected) {
        return Problem.of(Problem.Kind.MALFORMED, "fields: \"" + Texts.shown(value) + "\" (expected: " + expected + ")")
                .exception();
    }

    boolean isAll() {
        return members.isEmpty();
    }

    /** Whether a change is one for who has the revision before and sees no more than this. */
    boolean shows(ContextUpdate update) {
        ObjectNode delta = update.delta();
        return isAll()
                || delta == null
                || touches(delta)
                || update.conflicts().stream().anyMatch(conflict -> touches(conflict.path()))
                || update.operations().stream().anyMatch(operation -> touches(operation.path()));
    }

    private boolean touches(ObjectNode delta) {
        for (Map.Entry<String, Projection> member : members.entrySet()) {
            JsonNode value = delta.get(member.getKey());
            Projection part = member.getValue();
            if (value != null && (part.isAll() || !(value instanceof ObjectNode nested) || part.touches(nested))) {
                return true;
            }
        }
        return false;
    }

    /** Whether something of what is at a JSON Pointer is seen. */
    private boolean touches(String path) {
        Projection part = this;
        for (String name : path.isEmpty() ? new String[0] : path.substring(1).split("/", -1)) {
            if (part.isAll()) {
                return true;
            }
            part = part.members.get(name.replace("~1", "/").replace("~0", "~"));
            if (part == null) {
                return false;
            }
        }
        return true;
    }

    ContextState of(ContextState state) {
        if (isAll()) {
            return state;
        }
        SortedMap<String, Long> revisions = new TreeMap<>(state.marks().revisions());
        revisions.keySet().removeIf(path -> !touches(path));
        return new ContextState(
                state.key(),
                state.revision(),
                state.document() == null
                        ? null
                        : Document.of(of(state.document().tree())),
                state.clock(),
                state.cause(),
                state.position(),
                new Marks(
                        state.marks().conflicts().stream()
                                .filter(conflict -> touches(conflict.path()))
                                .toList(),
                        revisions));
    }

    ContextUpdate of(ContextUpdate update) {
        if (isAll()) {
            return update;
        }
        return new ContextUpdate(
                of(update.state()),
                delta(update),
                update.conflicts().stream()
                        .filter(conflict -> touches(conflict.path()))
                        .toList(),
                update.operations().stream()
                        .filter(operation -> touches(operation.path()))
                        .toList());
    }

    /** From what is seen of the document before; null where that is not known, or cannot be said. */
    private @Nullable ObjectNode delta(ContextUpdate update) {
        Document before = update.before();
        Document now = update.state().document();
        return before == null || now == null
                ? null
                : MergePatch.between(of(before.tree()), of(now.tree())).orElse(null);
    }

    private ObjectNode of(ObjectNode document) {
        ObjectNode seen = Json.newObject();
        document.forEachEntry((name, value) -> {
            Projection part = members.get(name);
            if (part == null) {
                return;
            }
            if (part.isAll()) {
                seen.set(name, value);
            } else if (value instanceof ObjectNode object) {
                ObjectNode seenOfIt = part.of(object);
                if (!seenOfIt.isEmpty()) {
                    seen.set(name, seenOfIt);
                }
            }
        });
        return seen;
    }
}
