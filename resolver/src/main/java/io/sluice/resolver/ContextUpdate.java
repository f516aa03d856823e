package io.sluice.resolver;

import java.util.List;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.node.ObjectNode;

/**
 * What goes out when a context has a new revision.
 *
 * @param state the whole new state
 * @param conflicts in which the event took part
 * @param operations edits of texts and JSON values, as they were applied
 * @param delta a merge patch from the revision before; null where none can say it, or there was no document
 */
public record ContextUpdate(
        ContextState state, @Nullable ObjectNode delta, List<Conflict> conflicts, List<AppliedOperation> operations) {

    public ContextUpdate {
        conflicts = List.copyOf(conflicts);
        operations = List.copyOf(operations);
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
}
