package io.sluice.backpressure;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.sluice.resolver.Bounds;
import io.sluice.resolver.ContextKey;
import io.sluice.resolver.ContextState;
import io.sluice.resolver.MalformedException;
import io.sluice.resolver.Partition;
import io.sluice.resolver.Policies;
import io.sluice.resolver.Remembered;
import io.sluice.resolver.Resolution;
import io.sluice.resolver.Resolver;
import io.sluice.resolver.Revision;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.UnaryOperator;
import java.util.stream.LongStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import reactor.core.Disposable;
import reactor.core.publisher.Mono;
import reactor.core.publisher.Sinks;
import reactor.core.scheduler.Scheduler;
import reactor.core.scheduler.Schedulers;

@Timeout(600)
class LanePipelineTest {

    private static final ContextType TYPE = Fixtures.type("customer", 3);
    private static final List<Partition> PARTITIONS = TYPE.allPartitions();
    private static final Partition FIRST = PARTITIONS.getFirst();
    private static final int MAX_UNFINISHED = 3;

    private final Scheduler folding = Schedulers.newParallel("folding", 2);
    private final List<Throwable> restarts = new CopyOnWriteArrayList<>();
    private final MemoryStore store = new MemoryStore();
    private final RecordingAppender appender = new RecordingAppender();
    private Resolver resolver = Resolver.of(Fixtures.BOUNDS, Policies.NONE);
    private MemoryLog log = new MemoryLog(PARTITIONS, 5);
    private final StoppedTypes stopped = new StoppedTypes();
    private Disposable running;

    @AfterEach
    void stop() {
        if (running != null) {
            running.dispose();
        }
        log.close();
        folding.dispose();
    }

    private Disposable start(MemoryStore store, RecordingAppender appender) {
        PipelineEvents events = new PipelineEvents() {
            @Override
            public void restarted(Lane lane, Throwable cause) {
                restarts.add(cause);
            }
        };
        LanePipeline pipeline = new LanePipeline(
                Lane.STANDARD,
                Fixtures.types(TYPE),
                log,
                new LanePipeline.Ports(store, StateRefresh.NONE, appender, stopped, type -> Mono.empty()),
                type -> resolver,
                Fixtures.CODEC,
                events,
                new PipelineSettings(MAX_UNFINISHED, 100, 2_000),
                folding);
        running = pipeline.run().subscribe();
        return running;
    }

    /** An id that belongs to that partition. */
    private static String id(Partition partition, int number) {
        for (int i = 0; ; i++) {
            String id = "k" + number + "-" + i;
            if (TYPE.partitionOf(id).equals(partition)) {
                return id;
            }
        }
    }

    private void append(Partition partition, int key, String value) {
        log.append(partition, id(partition, key), value, Headers.NONE);
    }

    private void appendSome(Partition partition, int count) {
        for (int i = 0; i < count; i++) {
            append(partition, i % 4, "{\"n\":" + log.end(partition) + "}");
        }
    }

    private void awaitAllDone() {
        await().atMost(Duration.ofSeconds(30)).untilAsserted(() -> {
            for (Partition partition : PARTITIONS) {
                assertThat(log.done.getOrDefault(partition, 0L))
                        .as("%s", partition)
                        .isEqualTo(log.end(partition));
            }
        });
    }

    private static List<Long> offsets(List<Announced> announced, Partition partition) {
        return announced.stream()
                .filter(a -> Partition.of(a.source()).equals(partition))
                .map(a -> a.source().offset())
                .toList();
    }

    /** What a plain fold of the whole log, from its beginning, comes to; the poison is passed over. */
    private Map<ContextKey, ContextState> foldOfAll() {
        Resolver resolver = Resolver.of(Fixtures.BOUNDS, Policies.NONE);
        Map<ContextKey, Remembered> known = new HashMap<>();
        for (Partition partition : PARTITIONS) {
            for (LogRecord record : log.records(partition)) {
                try {
                    var event = Fixtures.CODEC.read(record, TYPE);
                    if (!isPoison(record)) {
                        Remembered before = known.getOrDefault(event.key(), Remembered.NOTHING);
                        known.put(
                                event.key(),
                                resolver.resolve(before, event, record.position())
                                        .after());
                    }
                } catch (MalformedException e) {
                    // A dead letter.
                }
            }
        }
        Map<ContextKey, ContextState> states = new HashMap<>();
        known.forEach((key, remembered) -> {
            if (remembered.state() != null) {
                states.put(key, remembered.state());
            }
        });
        return states;
    }

    private Map<ContextKey, ContextState> stored() {
        Map<ContextKey, ContextState> states = new HashMap<>();
        store.contexts().forEach((key, remembered) -> {
            if (remembered.state() != null) {
                states.put(key, remembered.state());
            }
        });
        return states;
    }

    private static boolean isPoison(LogRecord record) {
        return String.valueOf(Fixtures.text(record.value())).contains("poison");
    }

    private static boolean isPoison(Outcome outcome) {
        return outcome.event().change().toString().contains("poison");
    }

    /** As the tail of a node sees it: what was said before is dropped, and then versions are dense. */
    private static void assertDense(List<Announced> announced) {
        Map<Partition, Long> seen = new HashMap<>();
        Map<ContextKey, Revision> revisions = new HashMap<>();
        for (Announced one : announced) {
            Partition partition = Partition.of(one.source());
            if (one.update() != null && one.source().offset() >= seen.getOrDefault(partition, 0L)) {
                seen.put(partition, one.source().offset() + 1);
                Revision before = revisions.put(one.update().key(), one.update().revision());
                assertThat(one.update().revision()).isEqualTo(before == null ? Revision.FIRST : before.next());
            }
        }
    }

    @Test
    void eventsAreStoredAndAnnouncedInOrderWithDenseVersions() {
        PARTITIONS.forEach(partition -> appendSome(partition, 100));
        start(store, appender);
        awaitAllDone();

        assertThat(stored()).isEqualTo(foldOfAll());
        assertDense(appender.announced(TYPE));
        for (Partition partition : PARTITIONS) {
            assertThat(offsets(appender.announced(TYPE), partition))
                    .isEqualTo(LongStream.range(0, 100).boxed().toList());
        }
        assertThat(restarts).isEmpty();
    }

    @Test
    void aBatchOfLargeDocumentsIsStoredInPartsOfBoundedSize() {
        resolver = Resolver.of(new Bounds(16 << 20, Duration.ofDays(7)), Policies.NONE);
        append(FIRST, 1, "{\"text\":\"" + "x".repeat(3 << 20) + "\"}");
        for (int i = 0; i < 30; i++) {
            // Bytes that change little of it.
            append(FIRST, 1, "{\"n\":" + i + "}");
            append(FIRST, 1, i % 7 == 0 ? "no json" : "{\"m\":" + i + "}");
            // Changes nothing, and somebody wants to see the document.
            Headers wait = Headers.builder().add(RecordHeaders.WAIT, "n-" + i).build();
            log.append(FIRST, id(FIRST, 1), "{}", wait);
        }
        start(store, appender);
        awaitAllDone();

        assertThat(stored().get(Fixtures.key(TYPE, id(FIRST, 1))).revision().version())
                .isEqualTo(56);
        assertDense(appender.announced(TYPE));
        assertThat(offsets(appender.announced(TYPE), FIRST)).hasSize(86).isSorted();
        // A part ends behind the document that makes it too large.
        assertThat(store.transactions().stream().flatMap(List::stream).map(Folded::bytes))
                .allMatch(bytes -> bytes < 12 << 20);
        assertThat(log.paused).isEmpty();
        assertThat(restarts).isEmpty();
    }

    private void appendAt(long... seconds) {
        for (long second : seconds) {
            log.append(FIRST, Fixtures.START.plusSeconds(second), id(FIRST, 1), "{\"n\":" + second + "}", Headers.NONE);
        }
        awaitAllDone();
    }

    @Test
    void timeDoesNotFallWithinAPartitionWhenTheClockOfABrokerIsSetBack() {
        start(store, appender);
        appendAt(0, 10, 9, 5, 11);
        log.rebalance(FIRST);
        appendAt(8, 12);
        // Whoever goes back by days has times of producers in its log.
        appendAt(-100_000, -100_001);
        assertThat(store.journal(FIRST))
                .extracting(outcome -> outcome.position().time().getEpochSecond() - Fixtures.START.getEpochSecond())
                .containsExactly(0L, 10L, 10L, 10L, 11L, 11L, 12L, -100_000L, -100_000L);
        assertThat(restarts).isEmpty();
    }

    @Test
    void nothingIsReadAheadOfTheBoundWhileTheStoreStandsStillAndAllGoesOnAfterwards() {
        Sinks.Empty<Void> gate = Sinks.empty();
        store.around = transaction -> gate.asMono().then(transaction);
        appendSome(FIRST, 500);
        start(store, appender);

        await().until(() -> log.paused.contains(FIRST));
        long most = 5L * (MAX_UNFINISHED + 3);
        await().during(Duration.ofMillis(300)).until(() -> log.read.get() <= most);

        store.around = UnaryOperator.identity();
        gate.tryEmitEmpty();
        awaitAllDone();
        assertThat(stored()).isEqualTo(foldOfAll());
    }

    @Test
    void aPartitionWhoseLastBatchFinishesBeforeItsPauseIsResumed() {
        Sinks.Empty<Void> gate = Sinks.empty();
        store.around = transaction -> gate.asMono().then(transaction);
        log.beforePause = () -> {
            store.around = UnaryOperator.identity();
            gate.tryEmitEmpty();
            await().atMost(Duration.ofSeconds(20))
                    .until(() -> log.done.getOrDefault(FIRST, 0L) >= 5L * (MAX_UNFINISHED + 1));
        };
        appendSome(FIRST, 500);
        start(store, appender);

        awaitAllDone();
        assertThat(stored()).isEqualTo(foldOfAll());
    }

    @Test
    void onePartitionThatStandsStillHoldsUpNoOther() {
        Sinks.Empty<Void> gate = Sinks.empty();
        appender.aroundDeadLetters = append -> gate.asMono().then(append);
        log.append(FIRST, id(FIRST, 1), "no json", Headers.NONE);
        appendSome(FIRST, 50);
        appendSome(PARTITIONS.get(1), 200);
        start(store, appender);

        await().until(() -> log.done.getOrDefault(PARTITIONS.get(1), 0L) == 200);
        assertThat(log.done).doesNotContainKey(FIRST);
        gate.tryEmitEmpty();
        awaitAllDone();
    }

    @Test
    void whatCannotBeFoldedWhateverTheFaultIsADeadLetterAndTheRestGoesOn() {
        Resolver usual = resolver;
        resolver = (known, event, position) -> {
            switch ((int) position.offset()) {
                case 1 -> throw new StackOverflowError();
                case 2 -> throw new IllegalStateException("a fault");
                default -> {
                    return usual.resolve(known, event, position);
                }
            }
        };
        for (int i = 0; i < 4; i++) {
            append(FIRST, 1, "{\"a\":" + i + "}");
        }
        start(store, appender);
        awaitAllDone();

        assertThat(appender.deadLetters())
                .extracting(letter -> String.valueOf(letter.headers().text("sluice-dead-reason"))
                        .replaceAll(":.*", ""))
                .containsExactly("internal", "internal");
        assertThat(offsets(appender.announced(TYPE), FIRST)).containsExactly(0L, 3L);
        assertThat(restarts).isEmpty();
    }

    @Test
    void whatCannotBeReadIsADeadLetterAndTheRestGoesOn() {
        append(FIRST, 1, "{\"a\":1}");
        log.append(FIRST, id(FIRST, 1), "no json", Fixtures.headers("x", "y"));
        log.append(FIRST, null, "{}", Headers.NONE);
        log.append(FIRST, id(PARTITIONS.get(1), 1), "{}", Fixtures.headers("sluice-moved-from", "elsewhere/0/1"));
        log.append(FIRST, id(FIRST, 1), "{}", new Headers(List.of(new Headers.Header("sluice-wait", new byte[] {-1}))));
        append(FIRST, 1, "{\"a\":2}");
        start(store, appender);
        awaitAllDone();

        assertThat(appender.deadLetters())
                .extracting(letter -> String.valueOf(letter.headers().text("sluice-dead-reason"))
                        .replaceAll(":.*", ""))
                .containsExactly("malformed-json", "malformed-key", "wrong-partition", "malformed-header");
        OutRecord first = appender.deadLetters().getFirst();
        assertThat(Fixtures.text(first.value())).isEqualTo("no json");
        assertThat(first.headers().text("x")).isEqualTo("y");
        assertThat(first.headers().text("sluice-dead-source")).isEqualTo("customer-events-0@1");
        assertThat(offsets(appender.announced(TYPE), FIRST)).containsExactly(0L, 5L);
        assertThat(restarts).isEmpty();
    }

    private void storeAll() {
        Disposable first = start(store, appender);
        awaitAllDone();
        first.dispose();
    }

    private void assertStopped(String reason) {
        await().atMost(Duration.ofSeconds(10)).until(() -> stopped.isStopped(TYPE));
        assertThat(stopped.reasons().get("customer")).contains(reason);
        // Whatever comes now, nothing of it is folded.
        long before = store.transactions().size();
        PARTITIONS.forEach(partition -> appendSome(partition, 10));
        await().during(Duration.ofMillis(300)).until(() -> store.transactions().size() == before);
        assertThat(restarts).isEmpty();
    }

    @Test
    void aStoreThatHasGoneBackIsBroughtToWhatItWasWhetherEventsComeOrNot() {
        start(store, appender);
        PARTITIONS.forEach(partition -> appendSome(partition, 12));
        awaitAllDone();
        MemoryStore.Copy copy = store.copy();
        PARTITIONS.forEach(partition -> appendSome(partition, 8));
        awaitAllDone();
        List<String> before = outcomes();
        store.goBackTo(copy);

        await().atMost(Duration.ofSeconds(20))
                .until(() -> PARTITIONS.stream()
                        .allMatch(partition -> store.progress(partition).next() == 20));
        assertThat(outcomes()).isEqualTo(before);
        assertThat(stored()).isEqualTo(foldOfAll());
        assertThat(restarts).hasSize(1);
        assertThat(restarts.getFirst()).isInstanceOf(LostPartitionException.class);

        store.goBackTo(copy);
        PARTITIONS.forEach(partition -> appendSome(partition, 5));
        await().atMost(Duration.ofSeconds(20))
                .until(() -> PARTITIONS.stream()
                        .allMatch(partition -> store.progress(partition).next() == 25));
        assertThat(outcomes()).containsAll(before);
        assertThat(stored()).isEqualTo(foldOfAll());
        assertDense(appender.announced(TYPE));
    }

    /** What became of each event, and which version that made. */
    private List<String> outcomes() {
        return PARTITIONS.stream()
                .flatMap(partition -> store.journal(partition).stream())
                .map(outcome -> outcome.position() + " " + outcome.resolution().kind() + " "
                        + outcome.after().revision())
                .toList();
    }

    @Test
    void aLogThatEndsBeforeWhatIsStoredOfItStopsTheType() {
        appendSome(FIRST, 10);
        storeAll();
        log.close();
        log = new MemoryLog(PARTITIONS, 5);
        appendSome(FIRST, 4);
        start(store, appender);

        assertStopped("customer-events-0 ends at 4, and 10 is stored of it");
        assertThat(store.stopped)
                .isEqualTo(Map.of(TYPE.topic(), stopped.reasons().get("customer")));
    }

    @Test
    void aLogThatHasDroppedWhatWasNotReadStopsTheType() {
        appendSome(FIRST, 10);
        storeAll();
        appendSome(FIRST, 10);
        log.begins.put(FIRST, 13L);
        start(store, appender);

        assertStopped("customer-events-0 begins at 13 by now, and events from 10 on were not read");
        assertThat(store.stopped).containsOnlyKeys(TYPE.topic());
    }

    @Test
    void aLogOfWhichNothingIsStoredIsReadFromItsBeginningWhereverThatIs() {
        appendSome(FIRST, 10);
        log.begins.put(FIRST, 4L);
        start(store, appender);
        awaitAllDone();

        assertThat(store.journal(FIRST))
                .first()
                .extracting(outcome -> outcome.position().offset())
                .isEqualTo(4L);
        assertThat(stopped.reasons()).isEmpty();
    }

    @Test
    void aPartitionMoreThanThereMayBeStopsTheType() {
        log.close();
        log = new MemoryLog(List.of(FIRST, new Partition(TYPE.topic(), 3)), 5);
        start(store, appender);

        await().atMost(Duration.ofSeconds(10)).until(() -> stopped.isStopped(TYPE));
        assertThat(stopped.reasons().get("customer")).contains("has a partition 3 (expected: 3 partitions");
        log.append(FIRST, id(FIRST, 1), "{}", Headers.NONE);
        await().during(Duration.ofMillis(300)).until(() -> store.journal(FIRST).isEmpty());
    }

    @Test
    void aTypeThatIsStoppedWhileItIsReadStandsStill() {
        PARTITIONS.forEach(partition -> appendSome(partition, 20));
        start(store, appender);
        awaitAllDone();
        stopped.stop(TYPE, "a test says so");
        stopped.stop(TYPE, "and says it again");

        assertStopped("a test says so");
    }

    @Test
    void whatIsInTheWrongPartitionIsMovedBeforeProgressPassesIt() {
        Sinks.Empty<Void> gate = Sinks.empty();
        Partition right = PARTITIONS.get(1);
        appender.aroundUpdates = append -> gate.asMono().then(append);
        log.append(FIRST, id(right, 1), "{\"a\":1}", Fixtures.headers("x", "y"));
        log.append(FIRST, id(right, 1), null, Headers.NONE);
        start(store, appender);
        await().during(Duration.ofMillis(300)).until(() -> store.progress(FIRST).next() == 0);
        gate.tryEmitEmpty();
        awaitAllDone();

        List<OutRecord> moved = appender.to(TYPE.topic());
        assertThat(moved).extracting(OutRecord::partition).containsExactly(right.number(), right.number());
        assertThat(moved).extracting(m -> Fixtures.text(m.key())).containsOnly(id(right, 1));
        assertThat(moved).extracting(m -> Fixtures.text(m.value())).containsExactly("{\"a\":1}", null);
        assertThat(moved)
                .extracting(m -> m.headers().text("sluice-moved-from"))
                .containsExactly("customer-events/0/0", "customer-events/0/1");
        assertThat(moved.getFirst().headers().text("x")).isEqualTo("y");
        assertThat(store.journal(FIRST)).isEmpty();
        assertThat(appender.deadLetters()).isEmpty();
        assertThat(restarts).isEmpty();
    }

    @Test
    void whatHasBecomeTooLargeToBeMovedIsADeadLetterAndTheRestIsMoved() {
        appender.tooLarge = record -> record.topic().equals(TYPE.topic()) && record.value().length > 20;
        log.append(FIRST, id(PARTITIONS.get(1), 1), "{\"a\":\"" + "x".repeat(30) + "\"}", Headers.NONE);
        log.append(FIRST, id(PARTITIONS.get(1), 1), "{\"a\":1}", Headers.NONE);
        start(store, appender);
        awaitAllDone();

        assertThat(appender.deadLetters())
                .singleElement()
                .satisfies(letter ->
                        assertThat(letter.headers().text("sluice-dead-reason")).startsWith("wrong-partition: "));
        assertThat(appender.to(TYPE.topic()))
                .extracting(m -> Fixtures.text(m.value()))
                .containsExactly("{\"a\":1}");
        assertThat(restarts).isEmpty();
    }

    @Test
    void aDeadLetterThatTakesItsTimeDoesNotLetALaterBatchPass() {
        Sinks.Empty<Void> gate = Sinks.empty();
        appender.aroundDeadLetters = append -> gate.asMono().then(append);
        log.append(FIRST, id(FIRST, 1), "no json", Headers.NONE);
        appendSome(FIRST, 14);
        appendSome(PARTITIONS.get(1), 100);
        start(store, appender);
        await().until(() -> log.done.getOrDefault(PARTITIONS.get(1), 0L) == 100);
        gate.tryEmitEmpty();
        awaitAllDone();

        assertThat(restarts).isEmpty();
        assertThat(appender.deadLetters()).hasSize(1);
        assertThat(stored()).isEqualTo(foldOfAll());
    }

    @Test
    void whatTheStoreRefusesIsRejectedAloneAndAllOthersAreAppliedOnce() {
        store.refuses = outcome -> isPoison(outcome) && outcome.resolution() instanceof Resolution.Visible;
        PARTITIONS.forEach(partition -> appendSome(partition, 23));
        append(FIRST, 1, "{\"a\":\"poison\"}");
        PARTITIONS.forEach(partition -> appendSome(partition, 23));
        start(store, appender);
        awaitAllDone();

        assertThat(stored()).isEqualTo(foldOfAll());
        assertDense(appender.announced(TYPE));
        assertThat(store.journal(FIRST).get(23).resolution())
                .isInstanceOfSatisfying(
                        Resolution.Rejected.class,
                        rejected -> assertThat(rejected.reason()).isEqualTo(Resolution.Reason.REFUSED_BY_STORE));
        assertThat(appender.deadLetters())
                .isNotEmpty()
                .allSatisfy(letter ->
                        assertThat(letter.headers().text("sluice-dead-source")).isEqualTo("customer-events-0@23"));
    }

    @Test
    void whatTheStoreRefusesInEveryFormIsPassedOver() {
        store.refuses = LanePipelineTest::isPoison;
        appendSome(FIRST, 7);
        append(FIRST, 1, "{\"a\":\"poison\"}");
        append(FIRST, 2, "{\"a\":\"poison\"}");
        appendSome(FIRST, 7);
        start(store, appender);
        awaitAllDone();

        assertThat(stored()).isEqualTo(foldOfAll());
        assertThat(appender.deadLetters())
                .extracting(letter -> letter.headers().text("sluice-dead-source"))
                .contains("customer-events-0@7", "customer-events-0@8");
    }

    @Test
    void aDatabaseThatIsAwayIsWaitedFor() {
        start(store, appender);
        appendSome(FIRST, 20);
        awaitAllDone();
        store.away = true;
        PARTITIONS.forEach(partition -> appendSome(partition, 200));
        await().until(() -> log.paused.contains(FIRST));
        store.away = false;
        awaitAllDone();

        assertThat(stored()).isEqualTo(foldOfAll());
        assertThat(restarts).isEmpty();
    }

    @Test
    void aDatabaseThatIsAwayAtTheStartIsWaitedForToo() {
        store.away = true;
        appendSome(FIRST, 20);
        start(store, appender);
        await().until(() -> !restarts.isEmpty());
        store.away = false;
        awaitAllDone();

        assertThat(stored()).isEqualTo(foldOfAll());
    }

    @Test
    void whatWasStoredAndNotAnnouncedIsAnnouncedByTheNextOwner() {
        appender.aroundUpdates = append -> Mono.never();
        appendSome(FIRST, 12);
        Disposable first = start(store, appender);
        await().until(() -> store.progress(FIRST).next() == 12);
        first.dispose();
        assertThat(appender.announced(TYPE)).isEmpty();

        RecordingAppender second = new RecordingAppender();
        appendSome(FIRST, 3);
        start(store, second);
        awaitAllDone();

        assertThat(offsets(second.announced(TYPE), FIRST))
                .isEqualTo(LongStream.range(0, 15).boxed().toList());
        assertThat(store.progress(FIRST).epoch()).isEqualTo(2);
        assertDense(second.announced(TYPE));
    }

    @Test
    void whoeverLostThePartitionStoresNothingMore() {
        Sinks.Empty<Void> gate = Sinks.empty();
        Sinks.Empty<Void> held = Sinks.empty();
        store.around = transaction -> Mono.defer(() -> {
            held.tryEmitEmpty();
            return gate.asMono().then(transaction);
        });
        appendSome(FIRST, 12);
        start(store, appender);
        held.asMono().block(Duration.ofSeconds(20));
        long epoch = store.take(FIRST).block().epoch();
        store.around = UnaryOperator.identity();
        gate.tryEmitEmpty();
        await().until(() -> !restarts.isEmpty());

        assertThat(restarts.getFirst()).isInstanceOf(LostPartitionException.class);
        awaitAllDone();
        assertThat(store.progress(FIRST).epoch()).isGreaterThan(epoch);
        assertThat(stored()).isEqualTo(foldOfAll());
        assertThat(offsets(appender.announced(TYPE), FIRST))
                .isEqualTo(LongStream.range(0, 12).boxed().toList());
    }

    @Test
    void batchesThatWereReadBeforeARebalanceAreNotFoldedAfterIt() throws Exception {
        Seeds.repeat(20, random -> {
            log.close();
            log = new MemoryLog(PARTITIONS, 1 + random.nextInt(4));
            MemoryStore someStore = new MemoryStore();
            Sinks.Empty<Void> gate = Sinks.empty();
            someStore.around = transaction -> gate.asMono().then(transaction);
            CountDownLatch full = new CountDownLatch(1);
            CountDownLatch rebalanced = new CountDownLatch(1);
            // While the pause is asked for, batches wait behind it, and the partition changes hands.
            log.beforePause = () -> {
                full.countDown();
                await().until(() -> rebalanced.getCount() == 0);
            };
            appendSome(FIRST, 60);
            start(someStore, new RecordingAppender());
            assertThat(full.await(20, TimeUnit.SECONDS)).isTrue();
            log.rebalance(FIRST);
            await().until(() -> someStore.progress(FIRST).epoch() == 2);
            rebalanced.countDown();
            someStore.around = UnaryOperator.identity();
            gate.tryEmitEmpty();
            await().atMost(Duration.ofSeconds(20)).until(() -> log.done.getOrDefault(FIRST, 0L) == 60);

            assertThat(someStore.journal(FIRST))
                    .extracting(outcome -> outcome.position().offset())
                    .isEqualTo(LongStream.range(0, 60).boxed().toList());
            running.dispose();
        });
    }

    @Test
    void whoWaitsIsToldWhateverTheOutcome() {
        log.append(FIRST, id(FIRST, 1), "{}", Fixtures.headers("sluice-wait", "n-1"));
        log.append(FIRST, id(FIRST, 1), "{}", Fixtures.headers("sluice-wait", "n-2"));
        log.append(FIRST, id(FIRST, 1), "{}", Fixtures.headers("sluice-wait", "n-3", "sluice-if-none-match", "*"));
        log.append(FIRST, id(FIRST, 1), "{}", Headers.NONE);
        start(store, appender);
        awaitAllDone();

        assertThat(appender.announced(TYPE))
                .extracting(Announced::told)
                .containsExactly(
                        new Announced.Told("n-1", "applied", null, null),
                        new Announced.Told("n-2", "unchanged", null, null),
                        appender.announced(TYPE).get(2).told());
        assertThat(appender.announced(TYPE).get(2).told().reason()).isEqualTo("condition-not-met");
        assertThat(appender.deadLetters()).isEmpty();
    }

    @Test
    void whateverHappensEachEventCountsOnce() throws Exception {
        Seeds.repeat(6, random -> {
            MemoryStore someStore = new MemoryStore();
            RecordingAppender all = new RecordingAppender();
            log.close();
            log = new MemoryLog(PARTITIONS, 1 + random.nextInt(8));
            someStore.refuses = outcome -> isPoison(outcome) && outcome.resolution() instanceof Resolution.Visible;
            start(someStore, all);
            for (int step = 0; step < 60; step++) {
                disturb(random, someStore, all);
            }
            someStore.away = false;
            awaitAllDone();
            Map<ContextKey, ContextState> states = new HashMap<>();
            someStore.contexts().forEach((key, remembered) -> {
                if (remembered.state() != null) {
                    states.put(key, remembered.state());
                }
            });
            assertThat(states).isEqualTo(foldOfAll());
            assertDense(all.announced(TYPE));
            assertEachIsAnnounced(someStore, all);
            running.dispose();
        });
    }

    private void disturb(Random random, MemoryStore someStore, RecordingAppender all) {
        Partition partition = PARTITIONS.get(random.nextInt(PARTITIONS.size()));
        switch (random.nextInt(12)) {
            case 0 -> someStore.away = random.nextBoolean();
            case 1 -> log.rebalance(partition);
            case 2 -> {
                running.dispose();
                start(someStore, all);
            }
            case 3 -> append(partition, 1, random.nextInt(3) == 0 ? "{\"a\":\"poison\"}" : "no json");
            case 4 -> log.append(partition, id(partition, 2), null, Headers.NONE);
            case 5 ->
                someStore.around = random.nextBoolean()
                        ? UnaryOperator.identity()
                        : transaction -> Mono.delay(Duration.ofMillis(5)).then(transaction);
            default -> appendSome(partition, random.nextInt(30));
        }
    }

    private static void assertEachIsAnnounced(MemoryStore someStore, RecordingAppender all) {
        for (Partition partition : PARTITIONS) {
            List<Long> visible = new ArrayList<>();
            someStore.journal(partition).stream()
                    .filter(Outcome::isAnnounced)
                    .forEach(outcome -> visible.add(outcome.position().offset()));
            assertThat(offsets(all.announced(TYPE), partition).stream()
                            .distinct()
                            .toList())
                    .containsExactlyElementsOf(visible);
        }
    }
}
