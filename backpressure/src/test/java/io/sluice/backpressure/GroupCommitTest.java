package io.sluice.backpressure;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.sluice.resolver.Causality;
import io.sluice.resolver.Change;
import io.sluice.resolver.Condition;
import io.sluice.resolver.ContextEvent;
import io.sluice.resolver.ContextState;
import io.sluice.resolver.Partition;
import io.sluice.resolver.Resolution;
import io.sluice.resolver.Revision;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import reactor.core.Disposable;
import reactor.core.publisher.Sinks;
import reactor.core.scheduler.Schedulers;

@Timeout(60)
class GroupCommitTest {

    private static final ContextType TYPE = Fixtures.type("customer", 4);
    private static final Partition A = TYPE.allPartitions().get(0);
    private static final Partition B = TYPE.allPartitions().get(1);
    private static final Partition C = TYPE.allPartitions().get(2);

    private final MemoryStore store = new MemoryStore();
    private final GroupCommit commit =
            new GroupCommit(Lane.STANDARD, store, PipelineEvents.NONE, Schedulers.parallel());
    private final AtomicBoolean held = new AtomicBoolean();
    private Disposable running;

    @BeforeEach
    void start() {
        TYPE.allPartitions().forEach(partition -> store.take(partition).block());
        running = commit.run().subscribe();
    }

    @AfterEach
    void stop() {
        running.dispose();
    }

    /** A batch of one event that changed nothing. */
    private static Folded batch(Partition partition, long offset) {
        ContextEvent event = new ContextEvent(
                Fixtures.key(TYPE, "k" + partition.number()),
                Fixtures.cause("e" + offset),
                Causality.UNSTATED,
                Condition.NONE,
                Change.DELETE);
        Outcome outcome =
                new Outcome(Fixtures.position(partition, offset), event, new Resolution.Unchanged(), null, null);
        return new Folded(partition, 1, offset, offset + 1, offset, List.of(outcome), List.of(), Map.of());
    }

    private CompletableFuture<Void> store(Partition partition, long offset) {
        return commit.store(batch(partition, offset)).toFuture();
    }

    private static Throwable failure(CompletableFuture<Void> future) {
        return future.handle((nothing, e) -> e)
                .orTimeout(20, java.util.concurrent.TimeUnit.SECONDS)
                .join();
    }

    /** Holds the next transaction until the sink says so. */
    private Sinks.Empty<Void> hold() {
        Sinks.Empty<Void> gate = Sinks.empty();
        store.around = transaction -> {
            held.set(true);
            return gate.asMono().then(transaction);
        };
        return gate;
    }

    /** What is stored from now on comes into the transaction after the one that is held. */
    private void awaitHeld() {
        await().untilTrue(held);
    }

    @Test
    void whatComesWhileATransactionRunsIsStoredTogetherInTheNext() {
        Sinks.Empty<Void> gate = hold();
        var first = store(A, 0);
        awaitHeld();
        var others = List.of(store(A, 1), store(B, 0), store(A, 2), store(C, 0));
        assertThat(first).isNotDone();
        store.around = UnaryOperator.identity();
        gate.tryEmitEmpty();
        others.forEach(other -> assertThat(failure(other)).isNull());

        assertThat(store.transactions().size()).isLessThanOrEqualTo(2);
        assertThat(store.transactions().getLast()).extracting(Folded::partition).contains(A, B, C);
        assertThat(store.progress(A).next()).isEqualTo(3);
    }

    @Test
    void largeDocumentsAreStoredAFewAtATime() {
        String large = "{\"a\":\"" + "x".repeat(12 << 20) + "\"}";
        Sinks.Empty<Void> gate = hold();
        var first = store(A, 0);
        awaitHeld();
        var others = TYPE.allPartitions().stream()
                .map(partition -> commit.store(batch(partition, partition.equals(A) ? 1 : 0, large))
                        .toFuture())
                .toList();
        store.around = UnaryOperator.identity();
        gate.tryEmitEmpty();
        others.forEach(other -> assertThat(failure(other)).isNull());

        assertThat(failure(first)).isNull();
        assertThat(store.transactions()).extracting(List::size).containsExactly(1, 2, 2);
    }

    /** A batch of one event that made that document. */
    private static Folded batch(Partition partition, long offset, String json) {
        Folded unchanged = batch(partition, offset);
        Outcome outcome = unchanged.outcomes().getFirst();
        ContextState state = Fixtures.state(outcome.event().key(), Revision.FIRST, outcome.position(), json);
        Outcome applied =
                new Outcome(outcome.position(), outcome.event(), new Resolution.Applied(state, null), state, null);
        return new Folded(partition, 1, offset, offset + 1, offset, List.of(applied), List.of(), Map.of());
    }

    @Test
    void manyPartitionsAtOnceAreAllStoredInTheirOrder() {
        int count = 5_000;
        List<CompletableFuture<Void>> all = TYPE.allPartitions().parallelStream()
                .flatMap(
                        partition -> java.util.stream.LongStream.range(0, count)
                                .mapToObj(offset -> store(partition, offset))
                                .toList()
                                .stream())
                .toList();
        all.forEach(future -> assertThat(failure(future)).isNull());

        TYPE.allPartitions().forEach(p -> assertThat(store.progress(p).next()).isEqualTo(count));
        assertThat(store.transactions().size()).isLessThan(4 * count);
        assertThat(store.transactions())
                .allSatisfy(group -> assertThat(group.stream()
                                .mapToInt(b -> b.outcomes().size())
                                .sum())
                        .isLessThanOrEqualTo(5_000));
    }

    @Test
    void whileTheDatabaseIsAwayItIsTriedAgainUntilItIsBack() {
        store.away = true;
        var stored = store(A, 0);
        await().during(Duration.ofMillis(200)).until(() -> !stored.isDone());
        store.away = false;

        assertThat(failure(stored)).isNull();
        assertThat(store.progress(A).next()).isEqualTo(1);
    }

    @Test
    void anAnswerThatIsLostDoesNoHarm() {
        var answers = new java.util.concurrent.atomic.AtomicInteger();
        store.around = transaction -> transaction.flatMap(stored -> answers.getAndIncrement() == 0
                ? reactor.core.publisher.Mono.error(
                        new io.sluice.resolver.UnavailableException("store-unavailable", "the connection broke"))
                : reactor.core.publisher.Mono.just(stored));

        assertThat(failure(store(A, 0))).isNull();
        assertThat(store.journal(A)).hasSize(1);
    }

    @Test
    void whatTheDatabaseRefusesFailsItsOwnPartitionOnly() {
        store.refuses = outcome -> outcome.position().equals(Fixtures.position(B, 1));
        Sinks.Empty<Void> gate = hold();
        var first = store(C, 0);
        awaitHeld();
        var a = store(A, 0);
        var b0 = store(B, 0);
        var b1 = store(B, 1);
        var c = store(C, 1);
        store.around = UnaryOperator.identity();
        gate.tryEmitEmpty();

        assertThat(failure(first)).isNull();
        assertThat(failure(a)).isNull();
        assertThat(failure(c)).isNull();
        assertThat(failure(b0)).isInstanceOf(RefusedException.class);
        assertThat(failure(b1)).isInstanceOf(RefusedException.class);
        assertThat(store.progress(B).next()).isZero();
    }

    @Test
    void aPartitionThatWasTakenOverFailsAloneAndStoresNothing() {
        store.take(B).block();
        Sinks.Empty<Void> gate = hold();
        var first = store(C, 0);
        var a = store(A, 0);
        var b = store(B, 0);
        store.around = UnaryOperator.identity();
        gate.tryEmitEmpty();

        assertThat(failure(first)).isNull();
        assertThat(failure(a)).isNull();
        assertThat(failure(b)).isInstanceOf(LostPartitionException.class);
        assertThat(store.journal(B)).isEmpty();
    }

    @Test
    void aFaultOfTheStoreFailsTheBatchAndNotTheStage() {
        store.around = transaction -> reactor.core.publisher.Mono.error(new IllegalStateException("a fault"));
        assertThat(failure(store(A, 0))).isInstanceOf(IllegalStateException.class);
        store.around = UnaryOperator.identity();

        assertThat(failure(store(A, 0))).isNull();
    }
}
