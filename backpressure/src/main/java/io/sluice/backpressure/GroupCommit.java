package io.sluice.backpressure;

import io.sluice.resolver.Partition;
import io.sluice.resolver.UnavailableException;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.core.publisher.Sinks;
import reactor.core.scheduler.Scheduler;
import reactor.util.retry.Retry;

/**
 * The store stage of one lane: one transaction at a time, holding whatever the partitions of the lane have ready. Under a light
 * load that is one batch; while a transaction runs, more gather.
 *
 * <p>What waits is bounded by the unfinished batches that each partition is allowed. While the database is away the stage
 * repeats the same transaction, with a growing pause, for as long as it takes.
 */
final class GroupCommit {

    private static final Logger log = LoggerFactory.getLogger(GroupCommit.class);

    /** Events in one transaction, at most: past that the gain of a larger one is small and its latency is not. */
    private static final int MAX_EVENTS = 5_000;

    /** Of documents, about. More than one batch is too large only alone. */
    private static final long MAX_BYTES = 32 << 20;

    private static final Duration FIRST_PAUSE = Duration.ofMillis(50);
    private static final Duration LONGEST_PAUSE = Duration.ofSeconds(2);

    private final Lane lane;
    private final ContextStore store;
    private final PipelineEvents events;
    private final Object lock = new Object();
    private final Queue<Pending> ready = new ArrayDeque<>();
    private final Sinks.Many<Boolean> wakeUps = Sinks.many().unicast().onBackpressureBuffer();

    private final Scheduler thread;

    /** @param thread where batches are made ready for the store; not closed here */
    GroupCommit(Lane lane, ContextStore store, PipelineEvents events, Scheduler thread) {
        this.thread = thread;
        this.lane = lane;
        this.store = store;
        this.events = events;
    }

    private record Pending(Folded batch, Sinks.Empty<Void> stored) {}

    /** The stage at work. To be subscribed once, before any batch comes. Never completes. */
    Flux<Void> run() {
        return wakeUps.asFlux().onBackpressureLatest().publishOn(thread, 1).concatMap(wakeUp -> commitAllReady(), 1);
    }

    /**
     * Completes when the batch is stored. Fails with {@link LostPartitionException} if the partition was taken over, and with
     * {@link RefusedException} if the database does not take a row of it or of a neighbour in the same partition.
     */
    Mono<Void> store(Folded batch) {
        return Mono.defer(() -> {
            Pending pending = new Pending(batch, Sinks.empty());
            synchronized (lock) {
                ready.add(pending);
                wakeUps.tryEmitNext(Boolean.TRUE);
            }
            return pending.stored().asMono();
        });
    }

    private Mono<Void> commitAllReady() {
        return Mono.defer(() -> commit(takeReady())).repeat(this::isReady).then();
    }

    private boolean isReady() {
        synchronized (lock) {
            return !ready.isEmpty();
        }
    }

    private List<Pending> takeReady() {
        List<Pending> group = new ArrayList<>();
        synchronized (lock) {
            int count = 0;
            long bytes = 0;
            while (!ready.isEmpty()) {
                Folded next = ready.element().batch();
                count += next.outcomes().size();
                bytes += next.bytes();
                if (!group.isEmpty() && (count > MAX_EVENTS || bytes > MAX_BYTES)) {
                    break;
                }
                group.add(ready.remove());
            }
        }
        return group;
    }

    private Mono<Void> commit(List<Pending> group) {
        if (group.isEmpty()) {
            return Mono.empty();
        }
        long start = System.nanoTime();
        List<Folded> batches = group.stream().map(Pending::batch).toList();
        return Mono.defer(() -> store.store(batches))
                .retryWhen(untilTheStoreIsBack(lane))
                // The next transaction is made ready here too, and not on the event loop of a connection.
                .publishOn(thread)
                .doOnNext(stored -> {
                    events.took(PipelineEvents.Leg.STORE, lane, Duration.ofNanos(System.nanoTime() - start));
                    events.stored(
                            lane,
                            batches.size(),
                            batches.stream().mapToInt(b -> b.outcomes().size()).sum());
                    tell(group, stored);
                })
                .then()
                .onErrorResume(e -> apart(group, e));
    }

    private static void tell(List<Pending> group, Set<Partition> stored) {
        for (Pending pending : group) {
            Partition partition = pending.batch().partition();
            if (stored.contains(partition)) {
                pending.stored().tryEmitEmpty();
            } else {
                pending.stored().tryEmitError(new LostPartitionException(partition));
            }
        }
    }

    /** What the database does not take fails its own partition only: each is tried alone. */
    private Mono<Void> apart(List<Pending> group, Throwable error) {
        Map<Partition, List<Pending>> byPartition = new LinkedHashMap<>();
        group.forEach(p -> byPartition
                .computeIfAbsent(p.batch().partition(), partition -> new ArrayList<>())
                .add(p));
        if (byPartition.size() == 1) {
            group.forEach(pending -> pending.stored().tryEmitError(error));
            return Mono.empty();
        }
        return Flux.fromIterable(byPartition.values()).concatMap(this::commit).then();
    }

    /** Repeats what failed because the database is away, with a growing pause, for as long as it takes. */
    static Retry untilTheStoreIsBack(Lane lane) {
        return Retry.backoff(Long.MAX_VALUE, FIRST_PAUSE)
                .maxBackoff(LONGEST_PAUSE)
                .filter(UnavailableException.class::isInstance)
                .doBeforeRetry(signal -> {
                    if (signal.totalRetries() % 10 == 0) {
                        log.warn(
                                "Lane {} waits for the database ({} tries so far): {}",
                                lane.label(),
                                signal.totalRetries() + 1,
                                signal.failure().getMessage());
                    }
                });
    }
}
