package io.sluice.cache;

import io.sluice.resolver.ContextKey;
import io.sluice.resolver.ContextState;
import io.sluice.resolver.Partition;
import java.util.Collection;
import reactor.core.publisher.Mono;

/**
 * The cache that all nodes share. It may be away, slow, empty or have lost anything at any time; it never gives out a state
 * that is older than what the reader has seen already. Safe for use by several threads.
 */
public interface FarCache {

    /**
     * What is known of a context, if it is as new as a reader must have it. One round trip.
     *
     * <ul>
     *   <li>Empty: the cache is of no use now.
     *   <li>Error: only of one that is not {@link #guarded}.
     *   <li>Thread: one of its own; must not be blocked.
     * </ul>
     *
     * @param seen the reader has seen every update from a source offset below this
     */
    Mono<Found> find(ContextKey key, Partition partition, long seen);

    /**
     * Remembers what a reader has read from the store after {@link #find} gave it the lease; does nothing if the lease is void.
     * Errors and threads are those of {@link #find}.
     */
    Mono<Void> fill(ContextState state, Partition partition, Found.Lease lease);

    /**
     * Remembers the outcome of a committed batch. The owner of a partition calls it for every batch, also for one that changed
     * nothing, in their order and before the updates are announced. Left out or failed, the entries from before are not used
     * any more; no harm is done. {@code from == next} says that nothing is missing from there on: said when a partition is
     * taken over, and now and then, it brings a cache into use again that has lost its memory.
     *
     * @param from the first source offset that the batch covers
     * @param next the one after its last
     * @param states the latest state of every context that the batch changed
     */
    Mono<Void> store(Partition partition, long from, long next, Collection<ContextState> states);

    /**
     * Asks whether it can be used, before anything depends on that. Completes also if it is away; fails with a
     * {@link io.sluice.resolver.MalformedException} that names the setting if it is there, and will never be of use as it is
     * spoken to: it does not take the password, or nobody vouches for it.
     */
    default Mono<Void> probe() {
        return Mono.empty();
    }

    /** Forgets a context, and makes leases of it void. Errors and threads are those of {@link #find}. */
    Mono<Void> drop(ContextKey key, Partition partition);

    /** Gives up connections and threads. Completes when they are gone; calls after that fail. */
    Mono<Void> close();

    /** One that remembers nothing. */
    static FarCache none() {
        return new NoFarCache();
    }

    /**
     * One in a Redis, 6.2 or later. Redis need not be there yet: it is connected to when it is first needed, again and again
     * until that succeeds, and once connected it is found again by itself.
     *
     * @param url such as {@code redis://user:password@host:6379/0} or {@code rediss://...}
     */
    static FarCache redis(String url, FarSettings settings) {
        return redis(url, FarAccess.asInUrl(), settings);
    }

    /** The same, with a user, a password or trust that are not in the URL. */
    static FarCache redis(String url, FarAccess access, FarSettings settings) {
        return new RedisFarCache(url, access, settings);
    }

    /**
     * One that goes on without {@code far} when that is slow or fails, and leaves it alone for a while when that happens
     * repeatedly. Never ends with an error. Closing it closes {@code far}.
     */
    static FarCache guarded(FarCache far, FarSettings settings, CacheEvents events) {
        return new GuardedFarCache(far, settings, events);
    }
}
