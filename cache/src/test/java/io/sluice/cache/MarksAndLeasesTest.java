package io.sluice.cache;

import static io.sluice.cache.States.key;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.lettuce.core.api.sync.RedisCommands;
import io.sluice.resolver.ContextKey;
import io.sluice.resolver.ContextState;
import io.sluice.resolver.Partition;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/**
 * Random histories of one partition in a real Redis: batches whose parts fail, come late or twice, readers that fill in late,
 * entries and marks that are dropped, flushes, and crashes that take Redis back to an earlier moment.
 */
class MarksAndLeasesTest {

    private static final int HISTORIES = Integer.getInteger("sluice.histories", 120);
    private static final int STEPS = 120;
    private static final Script STORE = Script.named("store");
    private static final FarSettings SETTINGS = new FarSettings(
            Duration.ofSeconds(20), Duration.ofSeconds(20), Duration.ofMinutes(5), Duration.ofSeconds(1));

    @Test
    void noReaderGetsAStateOlderThanWhatItHasSeen() {
        long base = Long.getLong("sluice.test.seed", System.nanoTime());
        FarCache far = FarCache.redis(TestRedis.url(), SETTINGS);
        RedisLink link =
                new RedisLink(TestRedis.url(), FarAccess.asInUrl(), Duration.ofSeconds(20), Duration.ofSeconds(20));
        int found = 0;
        for (int i = 0; i < HISTORIES; i++) {
            History history = new History(base + i, far, link);
            for (int step = 0; step < STEPS; step++) {
                history.step();
            }
            found += history.found;
        }
        far.close().block();
        link.close().block();
        assertThat(found).as("states given").isGreaterThan(HISTORIES);
    }

    private static final class History {

        private final Random random;
        private final String name;
        private final FarCache far;
        private final RedisLink link;
        private final Partition partition = TestRedis.partition();
        private final RedisCommands<String, byte[]> redis = TestRedis.commands();
        private final List<ContextKey> keys = List.of(key("a"), key("b"));

        /** Per key the states in the order of their offsets: what the store has. */
        private final Map<ContextKey, List<ContextState>> committed = new HashMap<>();

        private final List<Runnable> late = new ArrayList<>();
        private @Nullable Map<String, Object> snapshot;
        private long next;
        private int found;

        History(long seed, FarCache far, RedisLink link) {
            this.random = new Random(seed);
            this.name = "seed " + seed;
            this.far = far;
            this.link = link;
            keys.forEach(key -> committed.put(key, new ArrayList<>()));
        }

        void step() {
            switch (random.nextInt(20)) {
                case 0, 1, 2 -> evict();
                case 3 -> sometimes(this::crash, this::snapshot);
                case 4, 5, 6, 7 -> commit();
                case 8, 9, 10 -> runLate();
                default -> read();
            }
        }

        private void sometimes(Runnable one, Runnable other) {
            (random.nextInt(3) == 0 ? one : other).run();
        }

        private void snapshot() {
            snapshot = dump();
        }

        private void commit() {
            long from = next;
            next += 1 + random.nextInt(3);
            Map<ContextKey, ContextState> batch = new HashMap<>();
            for (long offset = from; offset < next; offset++) {
                ContextKey key = keys.get(random.nextInt(keys.size()));
                if (random.nextInt(4) > 0) {
                    ContextState state =
                            States.state(key, partition, committed.get(key).size() + 1, offset);
                    committed.get(key).add(state);
                    batch.put(key, state);
                }
            }
            store(from, StorePart.cut(partition, batch.values(), next, 1), next);
        }

        /** Mostly all at once; else some parts never, and some only later. */
        private void store(long from, List<StorePart> parts, long to) {
            boolean whole = random.nextInt(4) > 0;
            for (StorePart part : parts) {
                Runnable write = () -> write(part, from, to);
                switch (whole ? 0 : random.nextInt(4)) {
                    case 0, 1 -> write.run();
                    case 2 -> late.add(write);
                    default -> {}
                }
                if (random.nextInt(30) == 0) {
                    crash();
                }
                if (random.nextInt(10) == 0) {
                    late.add(write);
                }
            }
        }

        private void write(StorePart part, long from, long to) {
            link.call(STORE, part.keys(), part.arguments(from, to, "300000".getBytes(UTF_8)))
                    .block();
        }

        private void runLate() {
            if (!late.isEmpty()) {
                late.remove(random.nextInt(late.size())).run();
            }
        }

        private void read() {
            ContextKey key = keys.get(random.nextInt(keys.size()));
            long seen = random.nextInt(3) > 0 ? next : random.nextLong(next + 1);
            Found answer = far.find(key, partition, seen).block();
            ContextState state = answer.state();
            if (state != null) {
                found++;
                assertThat(state.revision().version())
                        .as("%s: %s, seen %s, mark %s", name, key, seen, TestRedis.mark(partition))
                        .isGreaterThanOrEqualTo(versionAt(key, seen));
            } else if (answer.lease() != null) {
                fill(key, answer.lease());
            }
        }

        private long versionAt(ContextKey key, long seen) {
            return committed.get(key).stream()
                    .filter(state -> state.position().offset() < seen)
                    .count();
        }

        /** Reads the store at once, and fills in at once or later; or does both later. */
        private void fill(ContextKey key, Found.Lease lease) {
            if (random.nextInt(4) == 0) {
                late.add(() -> fill(latest(key), lease));
                return;
            }
            ContextState state = latest(key);
            if (random.nextBoolean()) {
                fill(state, lease);
            } else {
                late.add(() -> fill(state, lease));
            }
        }

        private @Nullable ContextState latest(ContextKey key) {
            List<ContextState> states = committed.get(key);
            return states.isEmpty() ? null : states.getLast();
        }

        private void fill(@Nullable ContextState state, Found.Lease lease) {
            if (state != null) {
                far.fill(state, partition, lease).block();
            }
        }

        private void evict() {
            switch (random.nextInt(12)) {
                case 0 -> redis.del(mark());
                case 1 -> restore(Map.of());
                default -> redis.del(entry(keys.get(random.nextInt(keys.size()))));
            }
        }

        private void crash() {
            if (snapshot != null) {
                restore(snapshot);
            }
        }

        private Map<String, Object> dump() {
            Map<String, Object> all = new HashMap<>();
            for (ContextKey key : keys) {
                byte[] value = redis.get(entry(key));
                if (value != null) {
                    all.put(entry(key), value);
                }
            }
            Map<String, byte[]> mark = redis.hgetall(mark());
            if (!mark.isEmpty()) {
                all.put(mark(), mark);
            }
            return all;
        }

        @SuppressWarnings("unchecked")
        private void restore(Map<String, Object> all) {
            keys.forEach(key -> redis.del(entry(key)));
            redis.del(mark());
            all.forEach((key, value) -> {
                if (value instanceof byte[] bytes) {
                    redis.set(key, bytes);
                } else {
                    redis.hset(key, (Map<String, byte[]>) value);
                }
            });
        }

        private String mark() {
            return new String(Entry.markKey(partition), UTF_8);
        }

        private String entry(ContextKey key) {
            return new String(Entry.key(partition, key), UTF_8);
        }
    }
}
