package io.sluice.gateway.feed;

import io.sluice.gateway.journal.Journal;
import io.sluice.gateway.journal.Journal.Stored;
import io.sluice.resolver.Partition;
import io.sluice.resolver.UnavailableException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Mono;
import reactor.util.retry.Retry;

/**
 * Until which log time everything is stored, so that what is told of an instant never changes.
 *
 * <p>What the log took later than the last event that is stored of a partition is no earlier than that. Of a partition in which
 * nothing came since the instant, the log says whether all of it is stored; what comes after it was asked is later than the
 * instant, if the clock of no broker is further than {@link #CLOCKS_AGREE} behind that of this node.
 */
public final class Settled {

    private static final Duration CLOCKS_AGREE = Duration.ofSeconds(1);
    private static final Duration PATIENCE = Duration.ofSeconds(3);
    private static final Duration PAUSE = Duration.ofMillis(100);

    private final Journal journal;
    private final Mono<Map<Partition, Long>> ends;
    private final InstantSource clock;
    private volatile @Nullable Asked last;

    /** @param time before the log was asked */
    private record Asked(Instant time, Map<Partition, Long> ends) {}

    /** @param ends of each partition of events the offset of the next record */
    public Settled(Journal journal, Mono<Map<Partition, Long>> ends, InstantSource clock) {
        this.journal = journal;
        this.ends = ends.onErrorMap(e -> new UnavailableException(
                "log-unavailable", "Kafka does not say how far the log is: " + e.getMessage(), e));
        this.clock = clock;
    }

    /** Completes when all that the log took in these partitions up to that time is stored; fails if that takes too long. */
    Mono<Void> at(Collection<Partition> partitions, Instant time) {
        return Mono.defer(() -> isSettled(partitions, time))
                .filter(Boolean::booleanValue)
                .switchIfEmpty(Mono.error(() -> new UnavailableException(
                        "not-settled",
                        "at: " + time
                                + " is so recent that not all events up to then are resolved (expected: an earlier"
                                + " time, or the same a little later)")))
                .retryWhen(Retry.fixedDelay(PATIENCE.dividedBy(PAUSE), PAUSE)
                        .filter(UnavailableException.class::isInstance)
                        .onRetryExhaustedThrow((retry, signal) -> signal.failure()))
                .then();
    }

    private Mono<Boolean> isSettled(Collection<Partition> partitions, Instant time) {
        return journal.stored(partitions).flatMap(stored -> {
            Set<Partition> open = new HashSet<>(partitions);
            stored.stream().filter(s -> s.time().isAfter(time)).forEach(s -> open.remove(s.partition()));
            if (open.isEmpty()) {
                return Mono.just(true);
            }
            // The log is asked first, then the store: what is stored by then may only be more.
            return clock.instant().isAfter(time.plus(CLOCKS_AGREE))
                    ? ends(time).flatMap(log -> journal.stored(open).map(now -> reach(log, open, now)))
                    : Mono.just(false);
        });
    }

    /** As they were when that time was over: so most requests need not ask. */
    private Mono<Map<Partition, Long>> ends(Instant time) {
        Asked known = last;
        if (known != null && known.time().isAfter(time.plus(CLOCKS_AGREE))) {
            return Mono.just(known.ends());
        }
        Instant now = clock.instant();
        return ends.doOnNext(found -> last = new Asked(now, found));
    }

    private static boolean reach(Map<Partition, Long> ends, Set<Partition> partitions, List<Stored> stored) {
        Map<Partition, Long> next = stored.stream().collect(Collectors.toMap(Stored::partition, Stored::next));
        return partitions.stream().allMatch(p -> next.getOrDefault(p, 0L) >= ends.getOrDefault(p, Long.MAX_VALUE));
    }
}
