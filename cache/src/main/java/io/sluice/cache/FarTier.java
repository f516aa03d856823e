package io.sluice.cache;

import io.sluice.resolver.ContextState;
import io.sluice.resolver.LogPosition;
import io.sluice.resolver.Partition;
import java.util.Collection;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.core.publisher.Timed;

/** The shared cache, asked from where this node's tail stands. */
final class FarTier {

    /** So many fills of one look-up are under way at a time. */
    private static final int FILLS = 16;

    private final FarCache far;
    private final Tail tail;
    private final CacheEvents events;

    /**
     * Source offsets below which updates were handed to the cache. The tail may count them only afterwards, and a load that
     * begins in between must not take an older state.
     */
    private final ConcurrentMap<Partition, Long> passed = new ConcurrentHashMap<>();

    /**
     * What the shared cache said to a load.
     *
     * @param followed whether updates of that partition come by here
     */
    record Answer(Load load, Partition partition, boolean followed, Found found) {}

    /** What the store said to a load; null: never written. */
    record Loaded(Answer answer, @Nullable ContextState state) {}

    FarTier(FarCache far, Tail tail, CacheEvents events) {
        this.far = far;
        this.tail = tail;
        this.events = events;
    }

    void pass(LogPosition source) {
        passed.merge(Partition.of(source), source.offset() + 1, Math::max);
    }

    /** Exactly one answer, whatever the shared cache does. To be called after the load can be offered updates, not before. */
    Mono<Answer> ask(Load load) {
        Partition partition = tail.partitions().apply(load.key());
        long seen = tail.seen().applyAsLong(partition);
        if (seen < 0) {
            return Mono.just(new Answer(load, partition, false, Found.NOTHING));
        }
        return far.find(load.key(), partition, Math.max(seen, passed.getOrDefault(partition, 0L)))
                .timed()
                .map(this::heard)
                .onErrorComplete()
                .defaultIfEmpty(Found.NOTHING)
                .map(found -> new Answer(load, partition, true, found));
    }

    private Found heard(Timed<Found> answer) {
        events.loaded(Tier.FAR, answer.elapsed());
        if (answer.get().state() == null) {
            events.miss(Tier.FAR);
        } else {
            events.hit(Tier.FAR);
        }
        return answer.get();
    }

    /** Completes when all is filled in that may be; never with an error. */
    Mono<Void> fill(Collection<Loaded> loaded) {
        return Flux.fromIterable(loaded).flatMap(this::fill, FILLS).then();
    }

    private Mono<Void> fill(Loaded loaded) {
        ContextState state = loaded.state();
        Found.Lease lease = loaded.answer().found().lease();
        if (state == null || lease == null) {
            return Mono.empty();
        }
        return far.fill(state, loaded.answer().partition(), lease).onErrorComplete();
    }
}
