package io.sluice.cache;

import static io.sluice.cache.States.key;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.sluice.resolver.ContextKey;
import io.sluice.resolver.ContextState;
import io.sluice.resolver.Partition;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.core.scheduler.Schedulers;

/** Nodes as they are in production, over one real Redis and one store. */
@ExtendWith(NoBlocking.class)
class ThreeTiersTest {

    private static final FarSettings SETTINGS = new FarSettings(
            Duration.ofSeconds(2), Duration.ofSeconds(2), Duration.ofMinutes(1), Duration.ofMillis(200));
    private static final ContextKey ANNA = key("anna");

    private final Partition partition = TestRedis.partition();
    private final Map<ContextKey, ContextState> store = new ConcurrentHashMap<>();
    private final AtomicInteger storeCalls = new AtomicInteger();
    private final List<FarCache> open = new ArrayList<>();

    private final class Node {
        final CountedEvents events = new CountedEvents();
        final AtomicLong seen = new AtomicLong();
        final FarCache far;
        final ContextCache cache;

        Node(String url, FarSettings settings) {
            far = FarCache.guarded(FarCache.redis(url, settings), settings, events);
            cache = new ContextCache(
                    CacheSettings.defaults(),
                    ThreeTiersTest.this::load,
                    far,
                    new Tail(key -> partition, p -> seen.get()),
                    events);
            open.add(far);
        }

        Optional<ContextState> get(ContextKey key) {
            return cache.get(key).subscribeOn(Schedulers.parallel()).block();
        }
    }

    private Node node() {
        return new Node(TestRedis.url(), SETTINGS);
    }

    private Mono<Map<ContextKey, ContextState>> load(Collection<ContextKey> keys) {
        return Mono.fromCallable(() -> {
                    storeCalls.incrementAndGet();
                    return keys.stream().filter(store::containsKey).collect(Collectors.toMap(key -> key, store::get));
                })
                .subscribeOn(Schedulers.parallel());
    }

    private ContextState state(ContextKey key, long version) {
        return States.state(key, partition, version, version - 1);
    }

    private ContextState commit(ContextState state) {
        store.put(state.key(), state);
        return state;
    }

    @AfterEach
    void close() {
        open.forEach(far -> far.close().block());
    }

    @Test
    void blockingWhereOneMustNotIsFoundByTheseTests() {
        Mono.fromRunnable(() -> LockSupport.parkNanos(1))
                .subscribeOn(Schedulers.parallel())
                .block();

        assertThat(NoBlocking.take()).hasSize(1);
    }

    @Test
    void theNearestTierThatKnowsAnswers() {
        Node first = node();
        Node second = node();
        ContextState one = commit(state(ANNA, 1));
        first.far.store(partition, 0, 0, List.of()).block();

        assertThat(first.get(ANNA)).contains(one);
        assertThat(first.get(ANNA)).contains(one);
        assertThat(storeCalls).hasValue(1);
        assertThat(first.events.count("hit LOCAL")).isEqualTo(1);
        assertThat(first.events.count("miss FAR")).isEqualTo(1);
        assertThat(first.events.count("hit STORE")).isEqualTo(1);

        await().until(() -> second.far.find(ANNA, partition, 0).block().state() != null);
        assertThat(second.get(ANNA)).contains(one);
        assertThat(second.get(ANNA)).contains(one);
        assertThat(storeCalls).hasValue(1);
        assertThat(second.events.count("hit FAR")).isEqualTo(1);
        assertThat(second.events.count("hit LOCAL")).isEqualTo(1);
    }

    @Test
    void aReaderThatIsAheadOfRedisReadsTheStore() {
        Node node = node();
        node.far.store(partition, 0, 1, List.of(commit(state(ANNA, 1)))).block();
        ContextState two = commit(state(ANNA, 2));
        node.seen.set(2);

        assertThat(node.get(ANNA)).contains(two);
        assertThat(storeCalls).hasValue(1);
    }

    @Test
    void anUpdateReachesEveryNode() {
        Node first = node();
        Node second = node();
        commit(state(ANNA, 1));
        first.get(ANNA);
        second.get(ANNA);
        ContextState two = commit(state(ANNA, 2));
        for (Node node : List.of(first, second)) {
            States.refresh(node.cache, two);
            node.seen.set(2);
            assertThat(node.get(ANNA)).contains(two);
        }
    }

    @Test
    void manyContextsAreReadInOneGoAndThenFromTheSharedCache() {
        Node first = node();
        Node second = node();
        first.far.store(partition, 0, 0, List.of()).block();
        List<ContextKey> keys = new ArrayList<>();
        for (int i = 0; i < 500; i++) {
            keys.add(key("c" + i));
            commit(state(keys.get(i), 1));
        }

        assertThat(all(first, keys)).hasSize(500).values().allMatch(Optional::isPresent);
        assertThat(storeCalls).hasValue(1);
        await().until(() -> keys.stream()
                .allMatch(key -> first.far.find(key, partition, 0).block().state() != null));
        assertThat(all(second, keys)).hasSize(500).values().allMatch(Optional::isPresent);
        assertThat(storeCalls).hasValue(1);
    }

    private static Map<ContextKey, Optional<ContextState>> all(Node node, List<ContextKey> keys) {
        return node.cache.getAll(keys).subscribeOn(Schedulers.parallel()).block();
    }

    @Test
    void manyWhoReadAndWriteAtOnceNeverBlock() {
        Node node = node();
        List<ContextKey> keys = new ArrayList<>();
        for (int i = 0; i < 200; i++) {
            keys.add(key("c" + i));
            commit(state(keys.get(i), 1));
        }
        Flux<Void> writes = Flux.range(0, 300)
                .concatMap(i -> node.far.store(partition, i, i + 1, List.of(state(keys.get(i % 200), i + 1))));
        Flux<Optional<ContextState>> reads = Flux.range(0, 10_000)
                .flatMap(i -> node.cache.get(keys.get(i % 200)).subscribeOn(Schedulers.parallel()), 256)
                .doOnNext(state -> States.refresh(node.cache, state.orElseThrow()));

        assertThat(Flux.merge(writes.then(Mono.empty()), reads).count().block()).isEqualTo(10_000);
        assertThat(node.events.count("bypassed FAR")).isZero();
        assertThat(node.cache.footprint().loads()).isZero();
    }

    @Test
    void withASilentRedisReadsComeFromTheStoreInTime() throws IOException {
        try (ServerSocket silent = new ServerSocket(0, 50, InetAddress.getLoopbackAddress())) {
            FarSettings impatient = new FarSettings(
                    Duration.ofMillis(50), Duration.ofMillis(50), Duration.ofMinutes(1), Duration.ofMinutes(1));
            Node node = new Node("redis://127.0.0.1:" + silent.getLocalPort(), impatient);
            for (int i = 0; i < 200; i++) {
                ContextState state = commit(state(key("c" + i), 1));
                assertThat(node.get(state.key())).contains(state);
            }
            assertThat(storeCalls).hasValue(200);
            assertThat(node.events.count("bypassed FAR")).isEqualTo(200);
        }
    }
}
