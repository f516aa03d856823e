package io.sluice.cache;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import io.sluice.resolver.ContextKey;
import io.sluice.resolver.ContextState;
import io.sluice.resolver.UnavailableException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.Iterator;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * What is remembered in the process, and what is on its way there.
 *
 * <p>Per key, beginning a load, offering it an update and settling it exclude each other (they hold the key's lock in the map
 * of loads). So an update either finds the load and is merged into it, or finds what it left behind; and a load begins only if
 * nothing is there. A load that {@link #clear} has cut off still serves those who wait for it, and leaves nothing behind.
 */
final class LocalCache {

    private final Cache<ContextKey, Optional<ContextState>> remembered;
    private final ConcurrentHashMap<ContextKey, Load> loads = new ConcurrentHashMap<>();
    private final LongAdder evicted = new LongAdder();
    private final int maxLoads;
    private Iterator<ContextKey> walking = Collections.emptyIterator();

    LocalCache(CacheSettings settings) {
        this.maxLoads = settings.maxLoads();
        this.remembered = Caffeine.newBuilder()
                .maximumWeight(settings.localBytes())
                .weigher(Weight::of)
                .expireAfterWrite(settings.localTtl())
                .evictionListener((key, state, cause) -> evicted.increment())
                .executor(Runnable::run)
                .build();
    }

    /** Null: nothing is known. Empty: the context was never written. */
    @Nullable
    Optional<ContextState> find(ContextKey key) {
        return remembered.getIfPresent(key);
    }

    /**
     * The load of this context, which may have ended already. One that is new is added to {@code begun} too: the caller has to
     * run it.
     */
    Load join(ContextKey key, Collection<Load> begun) {
        Load fresh = new Load(key);
        Load load = loads.computeIfAbsent(key, k -> begin(fresh) ? fresh : null);
        if (load == fresh) {
            begun.add(fresh);
        }
        return load == null ? fresh : load;
    }

    private boolean begin(Load load) {
        Optional<ContextState> known = remembered.getIfPresent(load.key());
        if (known != null) {
            load.succeed(known);
        } else if (loads.mappingCount() >= maxLoads) {
            load.fail(new UnavailableException(
                    "store-busy", "Contexts being loaded: " + maxLoads + " (expected: fewer); try again later"));
        } else {
            return true;
        }
        return false;
    }

    /** Ends a load with what it found; null: the context was never written. */
    void settle(Load load, @Nullable ContextState loaded, boolean remember) {
        loads.computeIfPresent(load.key(), (key, current) -> {
            if (current != load) {
                return current;
            }
            if (remember) {
                remembered.put(key, load.newest(loaded));
            }
            return null;
        });
        load.succeed(load.newest(loaded));
    }

    void fail(Load load, Throwable error) {
        loads.remove(load.key(), load);
        load.fail(error);
    }

    /** @param state asked for if anything is known; null: that cannot be said, and nothing that is known is to be kept */
    void refresh(ContextKey key, Supplier<@Nullable ContextState> state) {
        // In this order: what settles meanwhile leaves something behind.
        if (loads.containsKey(key) || peek(key) != null) {
            refresh(key, state.get());
        }
    }

    private void refresh(ContextKey key, @Nullable ContextState news) {
        loads.computeIfPresent(key, (k, load) -> {
            if (news == null) {
                return null;
            }
            load.offer(news);
            return load;
        });
        remembered.asMap().computeIfPresent(key, (k, known) -> newer(known, news));
    }

    private static @Nullable Optional<ContextState> newer(Optional<ContextState> known, @Nullable ContextState news) {
        if (news == null) {
            return null;
        }
        return known.isPresent() && !news.revision().isAfter(known.get().revision()) ? known : Optional.of(news);
    }

    /** The next contexts that are remembered, so that all come by in time: nothing of those that come meanwhile is promised. */
    synchronized List<ContextKey> walk(int contexts) {
        if (!walking.hasNext()) {
            walking = remembered.asMap().keySet().iterator();
        }
        List<ContextKey> keys = new ArrayList<>();
        while (keys.size() < contexts && walking.hasNext()) {
            keys.add(walking.next());
        }
        return keys;
    }

    /** As {@link #find}, but without counting as one who asks. */
    @Nullable
    Optional<ContextState> peek(ContextKey key) {
        return remembered.policy().getIfPresentQuietly(key);
    }

    void forget(ContextKey key) {
        loads.remove(key);
        remembered.invalidate(key);
    }

    /** Cuts the loads off first: one that settles before that has left something behind, which is dropped then. */
    void clear() {
        loads.clear();
        remembered.invalidateAll();
    }

    Footprint footprint() {
        long bytes = remembered
                .policy()
                .eviction()
                .map(e -> e.weightedSize().orElse(0))
                .orElse(0L);
        return new Footprint(remembered.estimatedSize(), bytes, loads.size(), evicted.sum());
    }
}
