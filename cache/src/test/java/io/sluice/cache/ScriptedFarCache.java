package io.sluice.cache;

import io.sluice.resolver.ContextKey;
import io.sluice.resolver.ContextState;
import io.sluice.resolver.Partition;
import java.util.Collection;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Function;
import reactor.core.publisher.Mono;

/** A shared cache that says what the test has it say, and remembers what it was asked. */
final class ScriptedFarCache implements FarCache {

    record Asked(ContextKey key, Partition partition, long seen) {}

    record Filled(ContextState state, Partition partition, Found.Lease lease) {}

    final List<Asked> asked = new CopyOnWriteArrayList<>();
    final List<Filled> filled = new CopyOnWriteArrayList<>();
    volatile Function<ContextKey, Mono<Found>> answer = key -> Mono.empty();
    volatile Mono<Void> fillOutcome = Mono.empty();

    @Override
    public Mono<Found> find(ContextKey key, Partition partition, long seen) {
        return Mono.defer(() -> {
            asked.add(new Asked(key, partition, seen));
            return answer.apply(key);
        });
    }

    @Override
    public Mono<Void> fill(ContextState state, Partition partition, Found.Lease lease) {
        return Mono.defer(() -> {
            filled.add(new Filled(state, partition, lease));
            return fillOutcome;
        });
    }

    @Override
    public Mono<Void> store(Partition partition, long from, long next, Collection<ContextState> states) {
        return fillOutcome;
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
