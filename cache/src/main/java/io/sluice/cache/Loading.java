package io.sluice.cache;

import io.sluice.cache.FarTier.Answer;
import io.sluice.cache.FarTier.Loaded;
import io.sluice.resolver.ContextException;
import io.sluice.resolver.ContextKey;
import io.sluice.resolver.ContextState;
import io.sluice.resolver.UnavailableException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.core.publisher.Timed;

/** The way down: looks into the shared cache, then the store, and settles loads with what it finds. */
final class Loading {

    /** So many finds of one look-up are under way at a time. */
    private static final int FINDS = 64;

    private final ContextLoader loader;
    private final int batchKeys;
    private final Duration timeout;
    private final FarTier far;
    private final LocalCache local;
    private final CacheEvents events;

    Loading(CacheSettings settings, ContextLoader loader, FarTier far, LocalCache local, CacheEvents events) {
        this.loader = loader;
        this.batchKeys = settings.batchKeys();
        this.timeout = settings.loadTimeout();
        this.far = far;
        this.local = local;
        this.events = events;
    }

    /**
     * Settles these loads, each with a state or an error. Completes when that is done, never with an error, and then fills in
     * the shared cache, for which nobody waits. Runs to its end once subscribed: to cancel is to stop waiting.
     */
    Mono<Void> run(List<Load> loads) {
        if (loads.isEmpty()) {
            return Mono.empty();
        }
        return Flux.fromIterable(loads)
                .flatMap(far::ask, FINDS)
                .filter(this::isOpen)
                .buffer(batchKeys)
                .concatMap(this::read)
                .collectList()
                .doOnError(e -> loads.forEach(load -> local.fail(load, unavailable(e))))
                .onErrorReturn(List.of())
                .flatMapMany(loaded ->
                        Flux.concat(Mono.just(loaded), far.fill(loaded).then(Mono.empty())))
                .cache(1)
                .next()
                .then();
    }

    private boolean isOpen(Answer answer) {
        ContextState state = answer.found().state();
        if (state != null) {
            local.settle(answer.load(), state, true);
        }
        return state == null;
    }

    private Flux<Loaded> read(List<Answer> open) {
        List<ContextKey> keys = open.stream().map(answer -> answer.load().key()).toList();
        return loader.load(keys).timeout(timeout).single().timed().flatMapIterable(states -> settle(open, states));
    }

    private List<Loaded> settle(List<Answer> open, Timed<Map<ContextKey, ContextState>> states) {
        events.loaded(Tier.STORE, states.elapsed());
        return open.stream().map(answer -> settle(answer, states.get())).toList();
    }

    private Loaded settle(Answer answer, Map<ContextKey, ContextState> states) {
        ContextState state = states.get(answer.load().key());
        if (state == null) {
            events.miss(Tier.STORE);
        } else {
            events.hit(Tier.STORE);
        }
        local.settle(answer.load(), state, answer.followed());
        return new Loaded(answer, state);
    }

    private static ContextException unavailable(Throwable e) {
        return e instanceof ContextException known
                ? known
                : new UnavailableException("store-unavailable", "Contexts cannot be read from the store: " + e, e);
    }
}
