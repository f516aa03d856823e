package io.sluice.cache;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.sluice.resolver.Cause;
import io.sluice.resolver.ContextKey;
import io.sluice.resolver.ContextState;
import io.sluice.resolver.Document;
import io.sluice.resolver.Identity;
import io.sluice.resolver.LogPosition;
import io.sluice.resolver.Partition;
import io.sluice.resolver.Revision;
import io.sluice.resolver.VersionVector;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/** Contexts for tests. */
final class States {

    static final Partition PARTITION = new Partition("customer-events", 3);

    private States() {}

    /** As the tail does with every update. */
    static void refresh(ContextCache cache, ContextState state) {
        cache.refresh(state.key(), state.position(), () -> state);
    }

    static ContextKey key(String id) {
        return new ContextKey("default", "customer", id);
    }

    /** A state whose change stands at the source offset of its version. */
    static ContextState state(ContextKey key, long version) {
        return state(key, PARTITION, version, version);
    }

    static ContextState state(ContextKey key, Partition partition, long version, long offset) {
        return state(key, partition, version, offset, "{\"version\":" + version + "}");
    }

    static ContextState state(
            ContextKey key, Partition partition, long version, long offset, @Nullable String document) {
        return new ContextState(
                key,
                new Revision(1, version),
                document == null ? null : Document.parse(document.getBytes(UTF_8)),
                VersionVector.EMPTY.with("crm", version),
                new Cause(new Identity("crm", "e" + offset), "changed", Instant.EPOCH, null, null, null),
                new LogPosition(partition.topic(), partition.number(), offset, Instant.EPOCH));
    }
}
