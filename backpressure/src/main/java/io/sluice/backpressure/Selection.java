package io.sluice.backpressure;

import io.sluice.resolver.ContextKey;
import io.sluice.resolver.ContextState;
import io.sluice.resolver.ContextUpdate;
import io.sluice.resolver.Partition;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Collection;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.stream.Stream;

/** Which contexts a feed has. */
public sealed interface Selection {

    /** One context. */
    record One(ContextKey key) implements Selection {}

    /** All contexts of a type. @param conflicts only what is in conflict, and the updates that were */
    record OfType(String tenant, String type, boolean conflicts) implements Selection {
        public OfType(String tenant, String type) {
            this(tenant, type, false);
        }
    }

    /**
     * Several contexts, or several types, or both.
     *
     * @param keys sorted by type and by the bytes of the id, none of a type that is in types
     */
    record Several(String tenant, List<ContextKey> keys, List<String> types) implements Selection {
        public Several {
            keys = List.copyOf(keys);
            types = List.copyOf(types);
        }

        /** It is looked up for each update, and may have thousands of keys. */
        @Override
        public int hashCode() {
            return Objects.hash(
                    tenant,
                    types,
                    keys.size(),
                    keys.isEmpty() ? null : keys.getFirst(),
                    keys.isEmpty() ? null : keys.getLast());
        }
    }

    /** The order in which several contexts are shown. */
    Comparator<ContextKey> ORDER = Comparator.comparing(ContextKey::type)
            .thenComparing(key -> key.id().getBytes(StandardCharsets.UTF_8), Arrays::compareUnsigned);

    /** The order of the places of a cursor. */
    Comparator<Partition> PARTITIONS = Comparator.comparing(Partition::topic).thenComparingInt(Partition::number);

    /** The plainest selection that has these. @param keys at least one, if there are no types */
    static Selection of(String tenant, Collection<ContextKey> keys, SortedSet<String> types) {
        List<ContextKey> left = keys.stream()
                .filter(key -> !types.contains(key.type()))
                .distinct()
                .sorted(ORDER)
                .toList();
        if (types.isEmpty() && left.size() == 1) {
            return new One(left.getFirst());
        }
        if (left.isEmpty() && types.size() == 1) {
            return new OfType(tenant, types.first());
        }
        return new Several(tenant, left, List.copyOf(types));
    }

    /** Tells it from every other selection, on every node. */
    default String name() {
        return switch (this) {
            case One one -> one.key().tenant() + " " + one.key().path();
            case OfType all -> all.tenant() + " " + all.type() + (all.conflicts() ? " conflicts" : "");
            case Several several -> several.tenant() + " " + several.types() + " " + several.keys();
        };
    }

    default boolean covers(ContextKey key) {
        return switch (this) {
            case One one -> one.key().equals(key);
            case OfType all -> all.type().equals(key.type()) && all.tenant().equals(key.tenant());
            case Several several ->
                several.types().contains(key.type())
                        ? several.tenant().equals(key.tenant())
                        : Collections.binarySearch(several.keys(), key, ORDER) >= 0;
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

    /** The types of its contexts. */
    default Set<String> typeNames() {
        return switch (this) {
            case One one -> Set.of(one.key().type());
            case OfType all -> Set.of(all.type());
            case Several several -> {
                Set<String> all = new TreeSet<>(several.types());
                several.keys().forEach(key -> all.add(key.type()));
                yield all;
            }
        };
    }

    /** The partitions in which its contexts are, in order: the places of a cursor. */
    default List<Partition> partitions(ContextTypes types) {
        return switch (this) {
            case One one -> List.of(types.partitionOf(one.key()));
            case OfType all -> types.named(all.type()).orElseThrow().allPartitions();
            case Several several ->
                Stream.concat(
                                several.types().stream()
                                        .flatMap(type -> types.named(type).orElseThrow().allPartitions().stream()),
                                several.keys().stream().map(types::partitionOf))
                        .distinct()
                        .sorted(PARTITIONS)
                        .toList();
        };
    }
}
