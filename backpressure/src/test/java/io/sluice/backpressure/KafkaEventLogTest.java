package io.sluice.backpressure;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.sluice.resolver.Partition;
import io.sluice.resolver.Policies;
import io.sluice.resolver.Resolver;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.ToLongFunction;
import java.util.function.UnaryOperator;
import java.util.stream.LongStream;
import org.apache.kafka.clients.admin.RecordsToDelete;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.header.internals.RecordHeaders;
import org.apache.kafka.common.record.TimestampType;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import reactor.core.Disposable;
import reactor.core.publisher.Mono;
import reactor.core.publisher.Sinks;
import reactor.core.scheduler.Schedulers;

@Timeout(120)
class KafkaEventLogTest {

    private static final Duration PATIENCE = Duration.ofSeconds(30);

    private final KafkaEventLog log = new KafkaEventLog(TestKafka.connection(), "", 50);
    private final List<Disposable> running = new CopyOnWriteArrayList<>();

    @AfterEach
    void leave() {
        running.forEach(Disposable::dispose);
    }

    /** One that remembers what it was given, and whose. */
    private final class Member implements EventLog.Ownership {

        private final ToLongFunction<Partition> start;
        private final EventLog.Reading reading;
        final Set<Partition> owned = ConcurrentHashMap.newKeySet();
        final Map<Partition, List<Long>> extents = new ConcurrentHashMap<>();
        final List<List<LogRecord>> batches = new CopyOnWriteArrayList<>();
        final AtomicReference<Throwable> failure = new AtomicReference<>();

        Member(ContextType type, ToLongFunction<Partition> start) {
            this(log, type, start);
        }

        Member(KafkaEventLog log, ContextType type, ToLongFunction<Partition> start) {
            this.start = start;
            this.reading = log.read(type.lane(), List.of(type.topic()), this);
        }

        Disposable run() {
            Disposable subscription = reading.batches().subscribe(batches::add, failure::set);
            running.add(subscription);
            return subscription;
        }

        @Override
        public OptionalLong assigned(Partition partition, EventLog.Extent extent) {
            owned.add(partition);
            extents.put(partition, List.of(extent.begin(), extent.end()));
            long from = start.applyAsLong(partition);
            return from < 0 ? OptionalLong.empty() : OptionalLong.of(from);
        }

        @Override
        public void revoked(Partition partition) {
            owned.remove(partition);
        }

        List<Long> offsets(Partition partition) {
            List<Long> offsets = new ArrayList<>();
            batches.forEach(batch -> batch.stream()
                    .filter(record -> Partition.of(record.position()).equals(partition))
                    .forEach(record -> offsets.add(record.position().offset())));
            return offsets;
        }

        void awaitOffsets(Partition partition, long from, long to) {
            await().atMost(PATIENCE)
                    .untilAsserted(() -> assertThat(offsets(partition))
                            .isEqualTo(LongStream.range(from, to).boxed().toList()));
        }
    }

    private static void produce(Partition partition, int count) {
        TestKafka.produce(partition.topic(), partition.number(), count, i -> "{\"n\":" + i + "}");
    }

    @Test
    void nothingIsReadBeforeSomebodySubscribes() {
        ContextType type = TestKafka.preparedType(1, Lane.STANDARD);
        produce(type.allPartitions().getFirst(), 5);
        Member member = new Member(type, partition -> 0);

        await().during(Duration.ofSeconds(1)).until(() -> member.owned.isEmpty());
        member.run();
        member.awaitOffsets(type.allPartitions().getFirst(), 0, 5);
    }

    @Test
    void eachPartitionIsReadInOrderFromTheOffsetThatItsOwnerSays() {
        ContextType type = TestKafka.preparedType(3, Lane.STANDARD);
        type.allPartitions().forEach(partition -> produce(partition, 200));
        Member member = new Member(type, partition -> 50L * partition.number());
        member.run();

        type.allPartitions().forEach(partition -> member.awaitOffsets(partition, 50L * partition.number(), 200));
        assertThat(member.batches)
                .allSatisfy(batch -> assertThat(batch.stream()
                                .map(record -> Partition.of(record.position()))
                                .distinct())
                        .hasSize(1));
        assertThat(member.batches).allSatisfy(batch -> assertThat(batch).hasSizeBetween(1, 50));
        produce(type.allPartitions().getFirst(), 10);
        member.awaitOffsets(type.allPartitions().getFirst(), 0, 210);
    }

    @Test
    void aPausedPartitionStandsStillWhileTheOthersGoOn() {
        ContextType type = TestKafka.preparedType(2, Lane.STANDARD);
        Partition first = type.allPartitions().getFirst();
        Partition second = type.allPartitions().getLast();
        Member member = new Member(type, partition -> 0);
        member.run();
        await().atMost(PATIENCE).until(() -> member.owned.size() == 2);
        member.reading.pause(first).block(PATIENCE);
        produce(first, 100);
        produce(second, 100);

        member.awaitOffsets(second, 0, 100);
        await().during(Duration.ofMillis(500)).until(() -> member.offsets(first).isEmpty());
        member.reading.resume(first).block(PATIENCE);
        member.awaitOffsets(first, 0, 100);
    }

    @Test
    void whoeverCancelsLeavesTheGroupAndTheNextMemberGetsEverything() {
        ContextType type = TestKafka.preparedType(2, Lane.STANDARD);
        Member first = new Member(type, partition -> 0);
        Disposable subscription = first.run();
        await().atMost(PATIENCE).until(() -> first.owned.size() == 2);
        subscription.dispose();
        Member second = new Member(type, partition -> 3);
        second.run();
        type.allPartitions().forEach(partition -> produce(partition, 5));

        // Sooner than the session of the first would end.
        await().atMost(Duration.ofSeconds(8)).until(() -> second.owned.size() == 2);
        type.allPartitions().forEach(partition -> second.awaitOffsets(partition, 3, 5));
        assertThat(first.batches).isEmpty();
        assertThat(first.owned).isEmpty();
    }

    @Test
    void aSessionIsAsLongAsTheSettingsSay() {
        ContextType type = TestKafka.preparedType(1, Lane.STANDARD);
        Map<String, Object> connection = new HashMap<>(TestKafka.connection());
        connection.put("session.timeout.ms", "7");
        connection.put("heartbeat.interval.ms", "3");
        Member member = new Member(new KafkaEventLog(connection, "", 50), type, partition -> 0);
        member.run();

        await().atMost(PATIENCE).until(() -> member.failure.get() != null);
        assertThat(member.failure.get()).hasMessageContaining("session timeout");
    }

    @Test
    void membersShareThePartitions() {
        ContextType type = TestKafka.preparedType(4, Lane.STANDARD);
        Member first = new Member(type, partition -> 0);
        Member second = new Member(type, partition -> 0);
        first.run();
        second.run();

        await().atMost(PATIENCE).until(() -> first.owned.size() == 2 && second.owned.size() == 2);
        assertThat(first.owned).doesNotContainAnyElementsOf(second.owned);
    }

    @Test
    void whatIsDoneIsCommittedForDisplays() {
        ContextType type = TestKafka.preparedType(1, Lane.BULK);
        Partition partition = type.allPartitions().getFirst();
        produce(partition, 20);
        Member member = new Member(type, p -> 0);
        member.run();
        member.awaitOffsets(partition, 0, 20);
        member.batches.forEach(batch ->
                member.reading.done(partition, batch.getLast().position().offset() + 1));

        await().atMost(PATIENCE)
                .ignoreExceptions()
                .until(() -> TestKafka.admin()
                                .listConsumerGroupOffsets("sluice-resolve-bulk")
                                .partitionsToOffsetAndMetadata()
                                .get()
                                .get(new TopicPartition(partition.topic(), 0))
                                .offset()
                        == 20);
    }

    @Test
    void theOwnerIsToldWhereTheLogBeginsAndEnds() throws Exception {
        ContextType type = TestKafka.preparedType(1, Lane.STANDARD);
        Partition partition = type.allPartitions().getFirst();
        produce(partition, 5);
        TestKafka.admin()
                .deleteRecords(Map.of(new TopicPartition(type.topic(), 0), RecordsToDelete.beforeOffset(2)))
                .all()
                .get();
        Member member = new Member(type, p -> 3);
        member.run();

        member.awaitOffsets(partition, 3, 5);
        assertThat(member.extents).containsEntry(partition, List.of(2L, 5L));
    }

    @Test
    void aMemberWhoseLogWasCutUnderItLeavesTheGroupAtOnce() throws Exception {
        ContextType type = TestKafka.preparedType(1, Lane.CRITICAL);
        Partition partition = type.allPartitions().getFirst();
        produce(partition, 5);
        Member first = new Member(type, p -> 0);
        first.run();
        first.awaitOffsets(partition, 0, 5);
        first.reading.pause(partition).block(PATIENCE);
        // Longer than a fetch waits that was under way when it was paused.
        await().during(Duration.ofSeconds(1)).until(() -> first.failure.get() == null);
        produce(partition, 5);
        TestKafka.admin()
                .deleteRecords(Map.of(new TopicPartition(type.topic(), 0), RecordsToDelete.beforeOffset(9)))
                .all()
                .get();
        // What is to be committed when it closes is what keeps its receiver from closing.
        first.reading.done(partition, 5);
        first.reading.resume(partition).block(PATIENCE);
        await().atMost(PATIENCE).until(() -> first.failure.get() != null);
        Member second = new Member(type, p -> 9);
        second.run();

        // Sooner than the session of the first would end.
        await().atMost(Duration.ofSeconds(8)).until(() -> second.owned.size() == 1);
        second.awaitOffsets(partition, 9, 10);
    }

    @Test
    void nothingIsReadOfAPartitionThatItsOwnerDoesNotWantAndTheOthersGoOn() {
        ContextType type = TestKafka.preparedType(2, Lane.STANDARD);
        Partition unwanted = type.allPartitions().getFirst();
        Partition wanted = type.allPartitions().getLast();
        type.allPartitions().forEach(partition -> produce(partition, 5));
        Member member = new Member(type, p -> p.equals(unwanted) ? -1 : 0);
        member.run();
        member.awaitOffsets(wanted, 0, 5);
        type.allPartitions().forEach(partition -> produce(partition, 5));

        member.awaitOffsets(wanted, 0, 10);
        assertThat(member.offsets(unwanted)).isEmpty();
        assertThat(member.failure.get()).isNull();
    }

    @Test
    void anOwnerThatFailsEndsTheMember() {
        ContextType type = TestKafka.preparedType(1, Lane.STANDARD);
        Member member = new Member(type, partition -> {
            throw new IllegalStateException("the database is away");
        });
        member.run();

        await().atMost(PATIENCE).until(() -> member.failure.get() != null);
        assertThat(member.failure.get()).hasRootCauseMessage("the database is away");
        Member next = new Member(type, partition -> 0);
        next.run();
        await().atMost(PATIENCE).until(() -> next.owned.size() == 1);
    }

    @Test
    void partitionsThatChangeHandsWhileTheyAreFullLoseNothing() {
        ContextType type = TestKafka.preparedType(4, Lane.CRITICAL);
        MemoryStore store = new MemoryStore();
        RecordingAppender appender = new RecordingAppender();
        Sinks.Empty<Void> gate = Sinks.empty();
        store.around = transaction -> gate.asMono().then(transaction);
        for (Partition partition : type.allPartitions()) {
            String id = idOf(type, partition);
            for (int i = 0; i < 1_000; i++) {
                TestKafka.produce(partition, id, "{\"n\":" + i + "}");
            }
        }
        LanePipeline pipeline = new LanePipeline(
                Lane.CRITICAL,
                Fixtures.types(type),
                log,
                new LanePipeline.Ports(store, StateRefresh.NONE, appender, new StoppedTypes(), t -> Mono.empty()),
                t -> Resolver.of(Fixtures.BOUNDS, Policies.NONE),
                Fixtures.CODEC,
                PipelineEvents.NONE,
                new PipelineSettings(2, 100, 1 << 20),
                Schedulers.parallel());
        running.add(pipeline.run().subscribe());
        await().atMost(PATIENCE)
                .until(() -> type.allPartitions().stream()
                        .allMatch(partition -> store.progress(partition).epoch() == 1));
        // Somebody else comes, takes what it is given, and goes.
        for (int i = 0; i < 2; i++) {
            Member other = new Member(type, partition -> {
                var taken = store.take(partition).block();
                return taken.next();
            });
            Disposable visit = other.run();
            await().atMost(PATIENCE).until(() -> !other.owned.isEmpty());
            visit.dispose();
        }
        store.around = UnaryOperator.identity();
        gate.tryEmitEmpty();

        await().atMost(Duration.ofSeconds(60)).untilAsserted(() -> {
            for (Partition partition : type.allPartitions()) {
                assertThat(store.journal(partition))
                        .extracting(outcome -> outcome.position().offset())
                        .isEqualTo(LongStream.range(0, 1_000).boxed().toList());
            }
        });
    }

    private static String idOf(ContextType type, Partition partition) {
        int i = 0;
        while (!type.partitionOf("k" + i).equals(partition)) {
            i++;
        }
        return "k" + i;
    }

    @Test
    void aTimeThatNoOtherSystemHasIsTheNextThatAllHave() {
        assertThat(timeOf(Long.MIN_VALUE)).isEqualTo(Instant.parse("0001-01-01T00:00:00Z"));
        assertThat(timeOf(-1)).isEqualTo(Instant.ofEpochMilli(-1));
        assertThat(timeOf(1_700_000_000_000L)).isEqualTo(Instant.ofEpochMilli(1_700_000_000_000L));
        assertThat(timeOf(Long.MAX_VALUE)).isEqualTo(Instant.parse("9999-12-31T23:59:59Z"));
    }

    private static Instant timeOf(long timestamp) {
        return KafkaEventLog.logRecord(new ConsumerRecord<>(
                        "t",
                        0,
                        1,
                        timestamp,
                        TimestampType.CREATE_TIME,
                        0,
                        0,
                        new byte[0],
                        new byte[0],
                        new RecordHeaders(),
                        Optional.empty()))
                .position()
                .time();
    }

    @Test
    void aRecordArrivesAsItWasWritten() {
        ContextType type = TestKafka.preparedType(1, Lane.STANDARD);
        KafkaAppender appender =
                new KafkaAppender(TestKafka.connection(), new KafkaAppender.Settings(Duration.ofSeconds(10), 8 << 20));
        running.add(appender::close);
        Headers headers = new Headers(List.of(
                new Headers.Header("a", new byte[] {1, -1}),
                new Headers.Header("a", Fixtures.bytes("ä")),
                new Headers.Header("b", null)));
        appender.append(new OutRecord(type.topic(), 0, Fixtures.bytes("anna"), null, headers))
                .block(PATIENCE);
        Member member = new Member(type, partition -> 0);
        member.run();
        member.awaitOffsets(type.allPartitions().getFirst(), 0, 1);

        LogRecord record = member.batches.getFirst().getFirst();
        assertThat(Fixtures.text(record.key())).isEqualTo("anna");
        assertThat(record.value()).isNull();
        assertThat(record.headers().all()).extracting(Headers.Header::name).containsExactly("a", "a", "b");
        assertThat(record.headers().text("a")).isEqualTo("ä");
        assertThat(record.headers().text("b")).isNull();
        assertThat(record.position().time()).isAfter(java.time.Instant.EPOCH);
    }
}
