package io.sluice.cache;

import io.sluice.resolver.ContextKey;
import io.sluice.resolver.ContextState;
import io.sluice.resolver.LogPosition;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

/**
 * The way in for all reads of contexts: what the process remembers, else the shared cache, else the store. Safe for use by
 * several threads.
 *
 * <p>The node's tail hands every update to {@link #refresh}. Once that has returned, no read that starts later gets an older
 * state of that context, whatever was being loaded at the time.
 */
public final class ContextCache {

    private final LocalCache local;
    private final FarTier far;
    private final Loading loading;
    private final CacheCheck check;
    private final CacheEvents events;

    /** @param far best a {@link FarCache#guarded} one: its slowness is that of every read */
    public ContextCache(CacheSettings settings, ContextLoader loader, FarCache far, Tail tail, CacheEvents events) {
        this.local = new LocalCache(settings);
        this.far = new FarTier(far, tail, events);
        this.loading = new Loading(settings, loader, this.far, local, events);
        this.check = new CacheCheck(local, far, tail, loader);
        this.events = events;
    }

    /**
     * The state of a context; an empty optional if it was never written. A deleted one has a state.
     *
     * <ul>
     *   <li>Nothing is read before subscription; all who ask for one context while it is loaded share that load.
     *   <li>Error: {@link io.sluice.resolver.UnavailableException} with the code {@code store-unavailable} if the store fails,
     *       {@code store-busy} if too many contexts are being loaded. Errors are not remembered.
     *   <li>Cancel: the load goes on for the others and for the next who asks.
     *   <li>Thread: the caller's, or that on which the load ended. Must not be blocked.
     * </ul>
     */
    public Mono<Optional<ContextState>> get(ContextKey key) {
        return Mono.defer(() -> {
            Optional<ContextState> known = recall(key);
            return known != null ? Mono.just(known) : load(List.of(key)).map(found -> found.get(key));
        });
    }

    /**
     * The states of several contexts, each as {@link #get} gives it; the map has every key. What nobody is loading yet is
     * loaded in batches. Errors, cancel and threads are those of {@code get}; one context's error is the error of all.
     *
     * @param keys how many is for the caller to bound
     */
    public Mono<Map<ContextKey, Optional<ContextState>>> getAll(Collection<ContextKey> keys) {
        return Mono.defer(() -> {
            Map<ContextKey, Optional<ContextState>> found = new HashMap<>();
            List<ContextKey> missing = new ArrayList<>();
            for (ContextKey key : new HashSet<>(keys)) {
                Optional<ContextState> known = recall(key);
                if (known == null) {
                    missing.add(key);
                } else {
                    found.put(key, known);
                }
            }
            return missing.isEmpty()
                    ? Mono.just(found)
                    : load(missing).map(loaded -> {
                        found.putAll(loaded);
                        return found;
                    });
        });
    }

    /**
     * Takes note of an update: what is remembered or being loaded of that context becomes at least as new. A context that
     * nobody has asked for is not remembered, and its state not asked for. For the tail to call on one thread, for every update of
     * the partitions that it follows, in their order; cheap, and nothing waits.
     *
     * @param source the position of the event that changed it
     * @param state that it was changed to; null, if that cannot be said: then the context is forgotten
     */
    public void refresh(ContextKey key, LogPosition source, Supplier<@Nullable ContextState> state) {
        far.pass(source);
        local.refresh(key, state);
    }

    /**
     * Forgets everything in this process, what is being loaded included. For when a tail starts anew: after it has settled
     * where, and before it hands on its first update.
     */
    public void clear() {
        local.clear();
    }

    /**
     * Compares the next contexts that the process remembers, and what the shared cache has of them, with the store. What is wrong,
     * and still is a second later, is forgotten in both. Error: as the store's. Takes place on threads of others, which it does
     * not make wait.
     */
    public Mono<Checked> check(int contexts) {
        return check.next(contexts);
    }

    /** For gauges. Takes a lock for a moment: not for an event loop. */
    public Footprint footprint() {
        return local.footprint();
    }

    private @Nullable Optional<ContextState> recall(ContextKey key) {
        Optional<ContextState> known = local.find(key);
        if (known == null) {
            events.miss(Tier.LOCAL);
        } else {
            events.hit(Tier.LOCAL);
        }
        return known;
    }

    private Mono<Map<ContextKey, Optional<ContextState>>> load(Collection<ContextKey> keys) {
        List<Load> begun = new ArrayList<>();
        List<Load> joined = keys.stream().map(key -> local.join(key, begun)).toList();
        return loading.run(begun)
                .thenMany(Flux.fromIterable(joined))
                .concatMap(load -> load.outcome().map(state -> Map.entry(load.key(), state)))
                .collectMap(Map.Entry::getKey, Map.Entry::getValue);
    }
}
