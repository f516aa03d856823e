package io.sluice.backpressure;

import io.sluice.resolver.ContextKey;
import io.sluice.resolver.ContextState;
import io.sluice.resolver.ContextUpdate;
import io.sluice.resolver.Partition;
import java.util.List;

/** Which contexts a feed has. */
public sealed interface Selection {

    /** One context. */
    record One(ContextKey key) implements Selection {
        @Override
        public String type() {
            return key.type();
        }
    }

    /** All contexts of a type. @param conflicts only what is in conflict, and the updates that were */
    record OfType(String tenant, String type, boolean conflicts) implements Selection {
        public OfType(String tenant, String type) {
            this(tenant, type, false);
        }
    }

    String type();

    /** Tells it from every other selection, on every node. */
    default String name() {
        return switch (this) {
            case One one -> one.key().tenant() + " " + one.key().path();
            case OfType all -> all.tenant() + " " + all.type() + (all.conflicts() ? " conflicts" : "");
        };
    }

    default boolean covers(ContextKey key) {
        return switch (this) {
            case One one -> one.key().equals(key);
            case OfType all -> all.type().equals(key.type()) && all.tenant().equals(key.tenant());
        };
    }

    default boolean covers(ContextUpdate update) {
        boolean conflictsOnly = this instanceof OfType all && all.conflicts();
        return covers(update.key()) && !(conflictsOnly && update.conflicts().isEmpty());
    }

    /** Whether a state of one of its contexts belongs into a snapshot. */
    default boolean shows(ContextState state) {
        boolean wanted = !(this instanceof OfType all)
                || !all.conflicts()
                || !state.marks().conflicts().isEmpty();
        return wanted && !state.isDeleted();
    }

    /** The partitions in which its contexts are, in order: the places of a cursor. */
    default List<Partition> partitions(ContextTypes types) {
        return switch (this) {
            case One one -> List.of(types.partitionOf(one.key()));
            case OfType all -> types.named(all.type()).orElseThrow().allPartitions();
        };
    }
}
