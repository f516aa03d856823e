package io.sluice.gateway.endtoend;

import static org.assertj.core.api.Assertions.assertThat;

import io.sluice.backpressure.Appender;
import io.sluice.backpressure.ContextStore;
import io.sluice.backpressure.ContextType;
import io.sluice.backpressure.ContextTypes;
import io.sluice.backpressure.EventCodec;
import io.sluice.backpressure.Folded;
import io.sluice.backpressure.KafkaAppender;
import io.sluice.backpressure.KafkaEventLog;
import io.sluice.backpressure.Lane;
import io.sluice.backpressure.LanePipeline;
import io.sluice.backpressure.OutRecord;
import io.sluice.backpressure.Outcome;
import io.sluice.backpressure.PipelineEvents;
import io.sluice.backpressure.PipelineSettings;
import io.sluice.backpressure.StateRefresh;
import io.sluice.backpressure.StoppedTypes;
import io.sluice.cache.CacheEvents;
import io.sluice.cache.FarCache;
import io.sluice.cache.FarSettings;
import io.sluice.gateway.journal.Database;
import io.sluice.gateway.journal.Journal;
import io.sluice.resolver.Bounds;
import io.sluice.resolver.ContextKey;
import io.sluice.resolver.Partition;
import io.sluice.resolver.Remembered;
import io.sluice.resolver.Resolver;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import java.util.stream.Stream;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import reactor.core.Disposable;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.core.publisher.Sinks;
import reactor.core.scheduler.Scheduler;
import reactor.core.scheduler.Schedulers;

/**
 * An owner of partitions that comes as far as a step of the way and no further: it dies there, or it stands still there, is
 * replaced, and goes on. The systems are real ones; between them and the pipeline stands what stops it. Afterwards the journal is
 * what a fold of the log says, and a reader of another node has heard of each version once.
 */
@EndToEnd
class CrashTest {

    private static final int EVENTS = 40;
    private static final int PARTITIONS = 2;
    private static final Duration PATIENCE = Duration.ofSeconds(60);

    /** What was done last. */
    enum Step {
        TAKEN,
        LOADED,
        MOVED,
        FOLDED,
        STORED,
        CACHED,
        HALF_ANNOUNCED,
        ANNOUNCED
    }

    private static Store store;
    private static Gateway watching;

    private final KafkaSide kafka = Stack.kafka();

    /** One that only watches; what is resolved, the test resolves. */
    @BeforeAll
    static void watch() {
        store = new Store(Objects.requireNonNull(Stack.endpoints().postgres())).another("crashes");
        List<String> settings = new ArrayList<>(List.of("--sluice.roles=feed"));
        Stream.of("dies", "sleeps")
                .forEach(how -> Arrays.stream(Step.values())
                        .forEach(step ->
                                settings.add("--sluice.types." + name(step, how) + ".partitions=" + PARTITIONS)));
        settings.add("--sluice.types.crash-rebalanced.partitions=" + PARTITIONS);
        watching = Gateway.startWithOwnTypes(
                Stack.addresses(Stack.endpoints()).stream()
                        .map(address -> address.startsWith("--sluice.postgres.url=")
                                ? "--sluice.postgres.url=" + store.url()
                                : address)
                        .toList(),
                settings);
    }

    @AfterAll
    static void leave() {
        watching.close();
    }

    private static String name(Step step, String how) {
        return "crash-" + step.name().toLowerCase(Locale.ROOT).replace('_', '-') + "-" + how;
    }

    private static ContextType type(String name, Lane lane) {
        return new ContextType(name, name + "-events", PARTITIONS, lane, new Bounds(1 << 20, Duration.ofDays(7)));
    }

    @ParameterizedTest
    @EnumSource
    void anOwnerThatDiesIsFollowedByOneThatMakesTheSameOfIt(Step step) {
        ContextType type = type(name(step, "dies"), Lane.BULK);
        try (Feed feed = watch(type)) {
            send(type);
            try (Node first = new Node(type, step)) {
                first.awaitStep();
            }
            try (Node second = new Node(type, null)) {
                requireExactlyOnce(type, feed);
            }
        }
    }

    /** The two are in groups of their own, so that the first is told by nobody that it is replaced. */
    @ParameterizedTest
    @EnumSource
    void anOwnerThatWakesUpAfterItWasReplacedStoresNothingMore(Step step) {
        ContextType type = type(name(step, "sleeps"), Lane.BULK);
        try (Feed feed = watch(type)) {
            send(type);
            try (Node first = new Node(type, step);
                    Node second = replacement(first, type)) {
                awaitAllFolded(type);
                Map<String, String> before = store.outcomes(type.topic());
                first.goOn();
                first.awaitRestart();
                first.close();
                awaitAllFolded(type);
                // It may have moved events once more before it was told; they count once.
                Map<String, String> after = store.outcomes(type.topic());
                assertThat(after).containsAllEntriesOf(before);
                after.keySet().removeAll(before.keySet());
                assertThat(after.values()).allMatch(outcome -> outcome.startsWith("duplicate "));
                requireExactlyOnce(type, feed);
            }
        }
    }

    private static Node replacement(Node first, ContextType type) {
        first.awaitStep();
        return new Node(type(type.name(), Lane.STANDARD), null);
    }

    @Test
    void aRebalanceWhileABatchIsInTheStoreLosesAndDoublesNothing() {
        ContextType type = type("crash-rebalanced", Lane.BULK);
        try (Feed feed = watch(type)) {
            send(type);
            try (Node first = new Node(type, Step.FOLDED)) {
                first.awaitStep();
                try (Node second = new Node(type, null)) {
                    Awaitility.await()
                            .atMost(PATIENCE)
                            .until(() -> store.read(
                                            "select partition, epoch from progress where topic = ?", type.topic())
                                    .containsValue("2"));
                    first.goOn();
                    requireExactlyOnce(type, feed);
                }
            }
        }
    }

    private Feed watch(ContextType type) {
        Feed feed = watching.watch("/v1/contexts/" + type.name() + "?policy=every");
        feed.awaitReady();
        return feed;
    }

    /** Three contexts as Java's client places them, two as librdkafka's would, which is elsewhere. */
    private static List<String> keys(ContextType type) {
        List<String> keys = new ArrayList<>(List.of("a", "b", "c"));
        Stream.iterate(0, i -> i + 1)
                .map(i -> "rd-" + i)
                .filter(key -> KafkaSide.partitionOfLibrdkafka(key, PARTITIONS)
                        != type.partitionOf(key).number())
                .limit(2)
                .forEach(keys::add);
        return keys;
    }

    /** Each event sets a member of its own; each fourth comes twice. */
    private void send(ContextType type) {
        List<String> keys = keys(type);
        for (int i = 0; i < EVENTS; i++) {
            String key = keys.get(i % keys.size());
            int partition = key.startsWith("rd-")
                    ? KafkaSide.partitionOfLibrdkafka(key, PARTITIONS)
                    : type.partitionOf(key).number();
            for (int copies = i % 4 == 0 ? 2 : 1; copies > 0; copies--) {
                byte[] value = ("{\"c" + i + "\":" + i + "}").getBytes(java.nio.charset.StandardCharsets.UTF_8);
                kafka.send(
                        type.topic(),
                        partition,
                        key.getBytes(java.nio.charset.StandardCharsets.UTF_8),
                        value,
                        "sluice-event-id",
                        "e" + i);
            }
        }
    }

    private void awaitAllFolded(ContextType type) {
        Awaitility.await().atMost(PATIENCE).until(() -> store.folded(type.topic()) == kafka.count(type.topic()));
    }

    private void requireExactlyOnce(ContextType type, Feed feed) {
        keys(type)
                .forEach(key -> feed.awaitVersion(
                        type.name() + "/" + key, EVENTS / keys(type).size()));
        awaitAllFolded(type);
        Refold log = Refold.of(kafka.all(type.topic()), type);
        assertThat(store.outcomes(type.topic())).isEqualTo(log.outcomes());
        assertThat(store.versions(type.name())).isEqualTo(log.versions());
        Map<String, tools.jackson.databind.JsonNode> documents = new HashMap<>();
        store.states(type.name()).forEach((id, row) -> documents.put(id, row.get("document")));
        assertThat(documents).isEqualTo(log.documents());

        Map<String, List<Long>> announced = new HashMap<>();
        for (ConsumerRecord<byte[], byte[]> record : kafka.all(type.updatesTopic())) {
            List<Long> versions = announced.computeIfAbsent(KafkaSide.text(record.key()), key -> new ArrayList<>());
            long version =
                    Api.json(KafkaSide.text(record.value())).get("version").asLong();
            if (!versions.contains(version)) {
                versions.add(version);
            }
        }
        List<String> keys = keys(type);
        for (int i = 0; i < keys.size(); i++) {
            String key = keys.get(i);
            int k = i;
            List<Integer> changes = IntStream.range(0, EVENTS)
                    .filter(n -> n % keys.size() == k)
                    .boxed()
                    .toList();
            List<Long> all = LongStream.rangeClosed(1, changes.size()).boxed().toList();
            assertThat(log.versions()).containsEntry(key, (long) changes.size());
            changes.forEach(n ->
                    assertThat(log.documents().get(key).path("c" + n).asInt(-1)).isEqualTo(n));
            assertThat(announced).as("announced").containsEntry(key, all);
            assertThat(feed.versions(type.name() + "/" + key))
                    .as("heard of " + key)
                    .isEqualTo(all);
            assertThat(watching.api()
                            .get("/v1/contexts/" + type.name() + "/" + key)
                            .version())
                    .isEqualTo(changes.size());
        }
        assertThat(feed.names()).containsOnly("ready", "update");
    }

    /** A pipeline of its own, which gets no further than a step. */
    private static final class Node implements AutoCloseable {

        private final Step last;
        private final CountDownLatch reached = new CountDownLatch(1);
        private final CountDownLatch restarted = new CountDownLatch(1);
        private final Sinks.Empty<Void> gate = Sinks.empty();
        private final AtomicInteger calls = new AtomicInteger();
        private final Scheduler folding = Schedulers.newParallel("crash-fold", 2);
        private final Database database = new Database(store.url(), 4);
        private final FarCache far;
        private final KafkaAppender appender;
        private final Disposable running;

        /** @param last null: it goes all the way */
        Node(ContextType type, @org.jspecify.annotations.Nullable Step last) {
            this.last = last;
            Map<String, Object> connection = Map.of(
                    "bootstrap.servers",
                    Objects.requireNonNull(Stack.endpoints().kafka()));
            FarSettings settings = FarSettings.defaults();
            far = FarCache.guarded(
                    FarCache.redis(Objects.requireNonNull(Stack.endpoints().redis()), settings),
                    settings,
                    CacheEvents.NONE);
            appender = new KafkaAppender(connection, new KafkaAppender.Settings(Duration.ofSeconds(10), 8 << 20));
            PipelineEvents events = new PipelineEvents() {
                @Override
                public void restarted(Lane lane, Throwable cause) {
                    restarted.countDown();
                }
            };
            running = new LanePipeline(
                            type.lane(),
                            new ContextTypes(List.of(type)),
                            new KafkaEventLog(connection, "", 5),
                            new LanePipeline.Ports(
                                    store(new Journal(database)),
                                    cache(far::store),
                                    appender(appender, type),
                                    new StoppedTypes(),
                                    any -> Mono.empty()),
                            any -> Resolver.of(type.bounds(), type.policies()),
                            new EventCodec(64),
                            events,
                            new PipelineSettings(2, 5, 1 << 20),
                            folding)
                    .run()
                    .subscribe();
        }

        /** The work, and then nothing, or what comes after it when it may go on. The first calls pass: something has been done before. */
        private <T> Mono<T> after(Step step, int passing, Mono<T> work) {
            return step != last
                    ? work
                    : Mono.defer(() -> calls.incrementAndGet() <= passing
                            ? work
                            : work.materialize().delayUntil(done -> stop()).<T>dematerialize());
        }

        private Mono<Void> stop() {
            return Mono.defer(() -> {
                reached.countDown();
                return gate.asMono();
            });
        }

        private ContextStore store(Journal journal) {
            return new ContextStore() {
                @Override
                public Mono<Progress> take(Partition partition) {
                    return journal.take(partition);
                }

                @Override
                public Mono<Map<ContextKey, Remembered>> load(Collection<ContextKey> keys) {
                    return after(Step.LOADED, 0, journal.load(keys));
                }

                @Override
                public Mono<Set<Partition>> store(List<Folded> batches) {
                    Mono<Set<Partition>> folded =
                            after(Step.FOLDED, 1, Mono.just(batches)).flatMap(journal::store);
                    return after(Step.STORED, 1, folded);
                }

                @Override
                public Mono<Void> stop(String topic, String reason) {
                    return journal.stop(topic, reason);
                }

                @Override
                public Mono<Map<Partition, Long>> progress() {
                    return journal.progress();
                }

                @Override
                public Flux<Outcome> toAnnounce(Partition partition, long from, long to) {
                    return after(Step.TAKEN, 0, Mono.just(partition))
                            .flatMapMany(taken -> journal.toAnnounce(taken, from, to));
                }
            };
        }

        private StateRefresh cache(StateRefresh redis) {
            return (partition, from, next, states) -> {
                Mono<Void> stored = redis.store(partition, from, next, states);
                return from == next ? stored : after(Step.CACHED, 1, stored);
            };
        }

        private Appender appender(Appender kafka, ContextType type) {
            return new Appender() {
                @Override
                public Mono<Void> append(OutRecord record) {
                    return kafka.append(record);
                }

                @Override
                public boolean hasRoom(OutRecord record) {
                    return kafka.hasRoom(record);
                }

                @Override
                public Mono<Void> appendAll(List<OutRecord> records) {
                    if (records.getFirst().topic().equals(type.topic())) {
                        return after(Step.MOVED, 0, kafka.appendAll(records));
                    }
                    if (last == Step.HALF_ANNOUNCED && records.size() > 1) {
                        return after(Step.HALF_ANNOUNCED, 1, kafka.appendAll(records.subList(0, records.size() / 2)))
                                .then(kafka.appendAll(records.subList(records.size() / 2, records.size())));
                    }
                    return after(Step.ANNOUNCED, 1, kafka.appendAll(records));
                }
            };
        }

        void awaitStep() {
            await(reached, "the step " + last);
        }

        void goOn() {
            gate.tryEmitEmpty();
        }

        void awaitRestart() {
            await(restarted, "a start anew");
        }

        private static void await(CountDownLatch latch, String what) {
            try {
                assertThat(latch.await(PATIENCE.toSeconds(), TimeUnit.SECONDS))
                        .as(what)
                        .isTrue();
            } catch (InterruptedException e) {
                throw new IllegalStateException(e);
            }
        }

        @Override
        public void close() {
            if (running.isDisposed()) {
                return;
            }
            running.dispose();
            appender.close();
            far.close().block(Duration.ofSeconds(5));
            database.close();
            folding.dispose();
        }
    }
}
