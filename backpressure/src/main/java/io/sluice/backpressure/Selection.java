package io.sluice.backpressure;

import io.sluice.resolver.ContextKey;
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

    /** All contexts of a type. */
    record OfType(String tenant, String type) implements Selection {}

    String type();

    /** Tells it from every other selection, on every node. */
    default String name() {
        return switch (this) {
            case One one -> one.key().tenant() + " " + one.key().path();
            case OfType all -> all.tenant() + " " + all.type();
        };
    }

    default boolean covers(ContextKey key) {
        return switch (this) {
            case One one -> one.key().equals(key);
            case OfType all -> all.type().equals(key.type()) && all.tenant().equals(key.tenant());
        };
    }

    /** The partitions in which its contexts are, in order: the places of a cursor. */
    default List<Partition> partitions(ContextTypes types) {
        return switch (this) {
            case One one -> List.of(types.partitionOf(one.key()));
            case OfType all -> types.named(all.type()).orElseThrow().allPartitions();
        };
    }
}
