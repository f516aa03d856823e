package io.sluice.backpressure;

import io.sluice.backpressure.ContextStore.Progress;
import io.sluice.backpressure.Moves.Move;
import io.sluice.resolver.ContextKey;
import io.sluice.resolver.Partition;
import io.sluice.resolver.Remembered;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.core.publisher.Sinks;

/**
 * One partition from the moment this node owns it until it does not: load, fold, store, cache, announce.
 *
 * <p>Batches are folded one after the other, each from what the one before left in the working set; those of large documents in
 * parts. Up to {@code maxUnfinished} batches may be unfinished; with one more waiting, the partition is paused. As many parts are
 * stored at a time, as many wait to be announced, and one or two are folded ahead. So what a partition holds is bounded, and
 * that is all of the backpressure of the way in.
 *
 * <p>When the database has refused a batch, the flow that comes after it <em>crawls</em> over that stretch of the log: one
 * record at a time, each stored before the next is folded, until the refused one is found and rejected by itself.
 */
final class PartitionFlow {

    private static final Duration MAX_SET_BACK = Duration.ofHours(1);

    private final LanePipeline lane;
    private final BatchFold fold;
    private final Progress start;
    private final long crawlUntil;
    private final WorkingSet workingSet;
    private final Sinks.Many<List<LogRecord>> inbox = Sinks.many().unicast().onBackpressureBuffer();
    private final Sinks.Empty<Void> closed = Sinks.empty();
    private final AtomicInteger unfinished = new AtomicInteger();
    /** Touched by the fold only, and there by one thread at a time. */
    private long folded;

    private volatile long announced;
    private volatile long stored;

    private final long dispatched;
    private boolean readAnew;
    private long expected;
    private Instant latest;

    /**
     * @param crawlUntil records before that offset are taken one by one
     * @param dispatched where the last batch ended that this member was given of the partition, under any ownership
     */
    PartitionFlow(LanePipeline lane, BatchFold fold, Progress start, long crawlUntil, long dispatched) {
        this.lane = lane;
        this.fold = fold;
        this.start = start;
        this.crawlUntil = crawlUntil;
        this.workingSet = new WorkingSet(lane.settings().workingSetBytes());
        this.folded = start.next();
        this.announced = start.announced();
        this.stored = start.next();
        this.dispatched = dispatched;
        this.readAnew = start.next() >= dispatched;
        this.expected = start.next();
        this.latest = start.time();
    }

    Partition partition() {
        return start.partition();
    }

    /**
     * Called by the one thread that reads.
     *
     * <p>When a partition is taken away and given back, batches may still come that were read before. They begin where the
     * last one ended; those of this ownership begin where the store stands. So what begins behind the first place is dropped
     * until something before it has come, and what comes twice is taken once: nothing is folded before what precedes it.
     *
     * @return whether there is room for another batch
     */
    boolean offer(List<LogRecord> batch) {
        if (!readAnew && batch.getFirst().position().offset() >= dispatched) {
            return true;
        }
        readAnew = true;
        List<LogRecord> news = batch.getFirst().position().offset() >= expected
                ? batch
                : batch.stream()
                        .filter(record -> record.position().offset() >= expected)
                        .toList();
        if (news.isEmpty()) {
            return true;
        }
        expected = news.getLast().position().offset() + 1;
        int waiting = unfinished.incrementAndGet();
        inbox.tryEmitNext(news.stream().map(this::inOrderOfTime).toList());
        return waiting <= lane.settings().maxUnfinished();
    }

    /**
     * A broker's clock may be set back, or a partition come to another broker: what was so at an instant must stay so. Who goes
     * back further than that has times of producers in its log, one of which may be of any year, and no order of time at all.
     */
    private LogRecord inOrderOfTime(LogRecord record) {
        Instant time = record.position().time();
        LogRecord timed =
                time.isBefore(latest) && time.isAfter(latest.minus(MAX_SET_BACK)) ? record.at(latest) : record;
        latest = timed.position().time();
        return timed;
    }

    /** The store has said that everything before that offset is stored. */
    long stored() {
        return stored;
    }

    boolean isFull() {
        return unfinished.get() > lane.settings().maxUnfinished();
    }

    /** The partition is no longer ours: everything unfinished is dropped. What was stored, the next owner announces. */
    void close() {
        closed.tryEmitEmpty();
    }

    Flux<Void> run() {
        Flux<Void> batches = inbox.asFlux()
                .publishOn(lane.folding(), 1)
                .concatMap(this::take, 1)
                .flatMapSequential(this::stored, lane.settings().maxUnfinished(), 1)
                // Each partition writes its announcements by itself, and the next transaction waits for none of them.
                .publishOn(lane.folding(), lane.settings().maxUnfinished())
                .concatMap(this::announced, 1)
                .doOnError(RefusedException.class, e -> lane.crawl(partition(), folded));
        // A partition that was paused when it was taken away may be given back paused.
        return lane.resume(partition())
                .then(lane.takeOver(partition(), start.next()))
                .then(announceLeftOver())
                .thenMany(batches)
                .takeUntilOther(closed.asMono());
    }

    private Flux<Work> take(List<LogRecord> batch) {
        return batch.getFirst().position().offset() < crawlUntil
                ? Flux.fromIterable(batch)
                        .concatMap(record -> crawl(List.of(record)).publishOn(lane.folding()))
                        .then(finished().publishOn(lane.folding()))
                        .thenMany(Flux.empty())
                // The next part is folded while this one is stored, and not by who stores it.
                : folding(batch, null).concatMap(this::setAside, 0).publishOn(lane.folding(), 1);
    }

    /** What the owner before stored and did not live to announce. */
    private Mono<Void> announceLeftOver() {
        return Flux.defer(() -> lane.store().toAnnounce(partition(), start.announced(), start.next()))
                .buffer(lane.settings().maxBatch())
                .concatMap(lane::announce)
                .then(Mono.fromRunnable(() -> {
                    announced = start.next();
                    if (start.next() > start.announced()) {
                        lane.done(partition(), start.next());
                    }
                }));
    }

    private Mono<Void> crawl(List<LogRecord> one) {
        return Mono.defer(() -> {
            long from = folded;
            return folding(one, null)
                    .single()
                    .flatMap(this::setAside)
                    .flatMap(this::stored)
                    .onErrorResume(RefusedException.class, e -> {
                        folded = from;
                        return folding(one, e).single().flatMap(this::setAside).flatMap(this::stored);
                    })
                    // Not even the row that says so is taken: the dead letter is all that is left of it.
                    .onErrorResume(RefusedException.class, e -> stored(passedOver(one, from)))
                    .flatMap(this::announcedOnly);
        });
    }

    private Work passedOver(List<LogRecord> one, long from) {
        folded = one.getLast().position().offset() + 1;
        return new Work(
                new Folded(partition(), start.epoch(), from, folded, announced, List.of(), List.of(), Map.of()),
                fold.read(one).keys(),
                List.of(),
                true);
    }

    /**
     * A batch, or a part of one that makes large documents.
     *
     * @param keys that are no longer needed when it is done
     * @param last of its batch
     */
    private record Work(Folded folded, Set<ContextKey> keys, List<Move> moves, boolean last) {}

    private Flux<Work> folding(List<LogRecord> records, @Nullable RefusedException refusal) {
        return Flux.defer(() -> {
            lane.took(
                    PipelineEvents.Leg.READ,
                    Duration.between(records.getFirst().position().time(), Instant.now()));
            BatchFold.Batch batch = fold.read(records);
            if (refusal == null) {
                workingSet.pin(batch.keys());
            }
            // A part is folded when the one before has gone on.
            return load(batch.keys(), refusal != null).thenMany(Flux.generate(part -> {
                part.next(fold(batch, refusal));
                if (batch.isFolded()) {
                    part.complete();
                }
            }));
        });
    }

    /** @param anew after a refusal, what the fold left in the working set was never stored */
    private Mono<Void> load(Set<ContextKey> keys, boolean anew) {
        List<ContextKey> missing = anew ? List.copyOf(keys) : workingSet.missing(keys);
        if (missing.isEmpty()) {
            return Mono.empty();
        }
        long begin = System.nanoTime();
        return lane.load(missing)
                .publishOn(lane.folding())
                .doOnNext(loaded -> {
                    missing.forEach(key -> workingSet.put(key, loaded.getOrDefault(key, Remembered.NOTHING)));
                    lane.took(PipelineEvents.Leg.LOAD, Duration.ofNanos(System.nanoTime() - begin));
                })
                .then();
    }

    private Work fold(BatchFold.Batch batch, @Nullable RefusedException refusal) {
        long begin = System.nanoTime();
        BatchFold.Results results = batch.fold(workingSet, refusal);
        long from = folded;
        folded = results.next();
        lane.took(PipelineEvents.Leg.FOLD, Duration.ofNanos(System.nanoTime() - begin));
        Folded done = new Folded(
                partition(),
                start.epoch(),
                from,
                folded,
                announced,
                results.outcomes(),
                results.deadLetters(),
                results.changed());
        return new Work(done, batch.isFolded() ? batch.keys() : Set.of(), results.moves(), batch.isFolded());
    }

    /**
     * What is moved, and dead letters, go before the batch is stored, after which nothing would bring them back; and one batch
     * after the other, so that batches come to the store in their order, and what is moved keeps its own.
     */
    private Mono<Work> setAside(Work work) {
        if (work.moves().isEmpty() && work.folded().deadLetters().isEmpty()) {
            return Mono.just(work);
        }
        return lane.move(work.moves())
                .then(lane.deadLetters(work.folded().deadLetters()))
                .thenReturn(work)
                // What is folded next is folded where this goes on.
                .publishOn(lane.folding());
    }

    private Mono<Work> stored(Work work) {
        return lane.commit().store(work.folded()).then(Mono.fromSupplier(() -> {
            stored = work.folded().next();
            return work;
        }));
    }

    private Mono<Void> announced(Work work) {
        return work.last() ? announcedOnly(work).then(finished()) : announcedOnly(work);
    }

    private Mono<Void> announcedOnly(Work work) {
        Folded batch = work.folded();
        return lane.refreshCache(batch).then(lane.announce(batch.outcomes())).then(Mono.fromRunnable(() -> {
            workingSet.release(work.keys());
            announced = batch.next();
            lane.done(partition(), batch.next());
        }));
    }

    private Mono<Void> finished() {
        return Mono.defer(() -> unfinished.decrementAndGet() == lane.settings().maxUnfinished()
                ? lane.resume(partition())
                : Mono.empty());
    }
}
