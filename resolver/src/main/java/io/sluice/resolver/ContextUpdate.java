package io.sluice.resolver;

import java.util.List;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.node.ObjectNode;

/**
 * What goes out when a context has a new revision.
 *
 * @param state the whole new state
 * @param delta a merge patch from the revision before; null where none can say it, or there was no document
 */
public record ContextUpdate(ContextState state, @Nullable ObjectNode delta, List<Conflict> conflicts) {

    public ContextUpdate {
        conflicts = List.copyOf(conflicts);
    }

    public ContextKey key() {
        return state.key();
    }

    public Revision revision() {
        return state.revision();
    }
}
