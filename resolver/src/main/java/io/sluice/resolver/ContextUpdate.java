package io.sluice.resolver;

import java.util.List;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * What goes out when a context has a new revision.
 *
 * @param state the whole new state
 * @param conflicts in which the event took part
 * @param operations edits of texts and JSON values, as they were applied
 * @param delta a merge patch from the revision before; null where none can say it, or there was no document
 * @param replaced a merge patch to the revision before, JSON's null if there was no document; null where that is not known
 */
public record ContextUpdate(
        ContextState state,
        @Nullable ObjectNode delta,
        List<Conflict> conflicts,
        List<AppliedOperation> operations,
        @Nullable JsonNode replaced) {

    public ContextUpdate {
        conflicts = List.copyOf(conflicts);
        operations = List.copyOf(operations);
    }

    public ContextUpdate(
            ContextState state,
            @Nullable ObjectNode delta,
            List<Conflict> conflicts,
            List<AppliedOperation> operations) {
        this(state, delta, conflicts, operations, null);
    }

    public ContextUpdate(ContextState state, @Nullable ObjectNode delta, List<Conflict> conflicts) {
        this(state, delta, conflicts, List.of());
    }

    public ContextKey key() {
        return state.key();
    }

    public Revision revision() {
        return state.revision();
    }

    /** Whether it is known what there was before. A life begins with nothing. */
    public boolean knowsBefore() {
        return replaced != null || revision().version() == 1;
    }

    /** The document before; null if there was none, or it is not known. */
    public @Nullable Document before() {
        if (revision().version() == 1 || !(replaced instanceof ObjectNode patch)) {
            return null;
        }
        Document document = state.document();
        return Document.of(MergePatch.apply(document == null ? null : document.tree(), patch));
    }
}
