package io.sluice.cache;

import static io.sluice.cache.States.PARTITION;
import static io.sluice.cache.States.key;
import static org.assertj.core.api.Assertions.assertThat;

import io.sluice.resolver.ContextKey;
import io.sluice.resolver.ContextState;
import io.sluice.resolver.Partition;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentNavigableMap;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.atomic.AtomicLong;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import reactor.core.publisher.Mono;

/**
 * One tail and several readers, as fast as they can, with a store and a shared cache that answer as late and as old as they
 * may, and little room to remember.
 */
class ContextCacheRaceTest {

    private static final List<ContextKey> KEYS = List.of(key("a"), key("b"), key("c"), key("d"));
    private static final long READS = Long.getLong("sluice.race.reads", 20_000);

    /** Per key: source offset -> state, all that is committed. */
    private final Map<ContextKey, ConcurrentNavigableMap<Long, ContextState>> committed = new ConcurrentHashMap<>();

    /** Per key: the version with which refresh has returned. */
    private final Map<ContextKey, AtomicLong> refreshed = new ConcurrentHashMap<>();

    private final AtomicLong seen = new AtomicLong();
    private final AtomicLong reads = new AtomicLong();
    private volatile boolean over;

    private final ContextCache cache = new ContextCache(
            new CacheSettings(4_500, Duration.ofMinutes(1), Duration.ofSeconds(5), 100, 2),
            this::load,
            new OldFarCache(),
            new Tail(key -> PARTITION, p -> seen.get()),
            CacheEvents.NONE);

    ContextCacheRaceTest() {
        KEYS.forEach(key -> {
            committed.put(key, new ConcurrentSkipListMap<>());
            refreshed.put(key, new AtomicLong());
        });
    }

    /** Reads at once, answers later. */
    private Mono<Map<ContextKey, ContextState>> load(Collection<ContextKey> keys) {
        return Mono.fromCallable(() -> {
                    Map<ContextKey, ContextState> states = new HashMap<>();
                    keys.forEach(key -> {
                        var last = committed.get(key).lastEntry();
                        if (last != null) {
                            states.put(key, last.getValue());
                        }
                    });
                    return states;
                })
                .delayElement(Duration.ofNanos(ThreadLocalRandom.current().nextInt(200_000)));
    }

    /** Gives the oldest state that it may. */
    private final class OldFarCache implements FarCache {

        @Override
        public Mono<Found> find(ContextKey key, Partition partition, long seen) {
            return Mono.fromCallable(() -> {
                var old = committed.get(key).lowerEntry(seen);
                return old == null || ThreadLocalRandom.current().nextBoolean()
                        ? Found.NOTHING
                        : Found.usable(old.getValue());
            });
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

    private void follow() {
        ThreadLocalRandom random = ThreadLocalRandom.current();
        for (long offset = 0; !over; offset++) {
            ContextKey key = KEYS.get(random.nextInt(KEYS.size()));
            long version = refreshed.get(key).get() + 1;
            ContextState state = States.state(key, PARTITION, version, offset);
            committed.get(key).put(offset, state);
            States.refresh(cache, state);
            refreshed.get(key).set(version);
            seen.set(offset + 1);
            if (random.nextInt(50) == 0) {
                cache.clear();
            }
            Thread.yield();
        }
    }

    private void read() {
        ThreadLocalRandom random = ThreadLocalRandom.current();
        while (!over) {
            if (random.nextInt(4) == 0) {
                Map<ContextKey, Long> least = new HashMap<>();
                KEYS.forEach(key -> least.put(key, refreshed.get(key).get()));
                cache.getAll(KEYS).block().forEach((key, state) -> check(key, state, least.get(key)));
            } else {
                ContextKey key = KEYS.get(random.nextInt(KEYS.size()));
                long least = refreshed.get(key).get();
                check(key, cache.get(key).block(), least);
            }
        }
    }

    private void check(ContextKey key, Optional<ContextState> state, long least) {
        reads.incrementAndGet();
        long version = state.map(s -> s.revision().version()).orElse(0L);
        assertThat(version).as("version of %s", key).isGreaterThanOrEqualTo(least);
    }

    @Test
    void nobodyWhoAsksAfterAnUpdateHasPassedGetsAnythingOlder() throws Exception {
        try (var threads = Executors.newFixedThreadPool(4)) {
            List<Future<?>> running = new ArrayList<>();
            running.add(threads.submit(this::follow));
            for (int i = 0; i < 3; i++) {
                running.add(threads.submit(this::read));
            }
            awaitReads(running);
            over = true;
            for (Future<?> one : running) {
                one.get();
            }
        }
        assertThat(reads.get()).isPositive();
        assertThat(cache.footprint().loads()).isZero();
    }

    /** Or until one of them has failed. */
    private void awaitReads(List<Future<?>> running) {
        Awaitility.await()
                .atMost(Duration.ofMinutes(2))
                .until(() -> reads.get() >= READS || running.stream().anyMatch(Future::isDone));
    }
}
