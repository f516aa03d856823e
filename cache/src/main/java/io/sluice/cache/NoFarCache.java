package io.sluice.cache;

import io.sluice.resolver.ContextKey;
import io.sluice.resolver.ContextState;
import io.sluice.resolver.Partition;
import java.util.Collection;
import reactor.core.publisher.Mono;

/** Remembers nothing. */
final class NoFarCache implements FarCache {

    @Override
    public Mono<Found> find(ContextKey key, Partition partition, long seen) {
        return Mono.empty();
    }

    @Override
    public Mono<Void> fill(ContextState state, Partition partition, Found.Lease lease) {
        return Mono.empty();
    }

    @Override
    public Mono<Void> store(Partition partition, long from, long next, Collection<ContextState> states) {
        return Mono.empty();
    }

    @Override
    public Mono<Void> drop(ContextKey key, Partition partition) {
        return Mono.empty();
    }

    @Override
    public Mono<Void> close() {
        return Mono.empty();
    }
}
