package io.sluice.backpressure;

import io.sluice.resolver.ContextKey;
import io.sluice.resolver.Partition;
import io.sluice.resolver.Remembered;
import java.time.Instant;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Set;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

/**
 * Where outcomes are kept for good. Fails with {@link io.sluice.resolver.UnavailableException} when the database is away, and
 * with {@link RefusedException} when it does not take a row.
 */
public interface ContextStore {

    /** Makes the caller the owner of the partition: whoever was so before loses every later {@link #store}. */
    Mono<Progress> take(Partition partition);

    /** What is remembered of these contexts, in one query. A context that was never written is not in the map. */
    Mono<Map<ContextKey, Remembered>> load(Collection<ContextKey> keys);

    /**
     * Stores, in one transaction, the batches of all partitions whose progress still stands where the batch began and whose
     * owner is still the same. Repeating a call whose answer was lost is safe.
     *
     * @param batches of a partition in order and without gaps
     * @return the partitions that were stored; the others have been taken by somebody else
     */
    Mono<Set<Partition>> store(List<Folded> batches);

    /** How far each partition is stored that was ever taken: the offset of the first event that is not. */
    Mono<Map<Partition, Long>> progress();

    /**
     * Remembers that a topic must not be read on, and why, until somebody sees to it: what was seen may not be seen later, when
     * the log has grown.
     */
    Mono<Void> stop(String topic, String reason);

    /** Stored outcomes with a source offset in [from, to) that somebody has to hear of, in order. */
    Flux<Outcome> toAnnounce(Partition partition, long from, long to);

    /**
     * How far a partition is.
     *
     * @param epoch which ownership this is
     * @param next the offset of the first event that is not stored
     * @param announced the offset of the first event of which it is not known that its outcome was announced
     * @param time log time up to which it is stored: of what comes after that, none is earlier
     */
    record Progress(Partition partition, long epoch, long next, long announced, Instant time) {}
}
