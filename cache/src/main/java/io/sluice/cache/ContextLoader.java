package io.sluice.cache;

import io.sluice.resolver.ContextKey;
import io.sluice.resolver.ContextState;
import java.util.Collection;
import java.util.Map;
import reactor.core.publisher.Mono;

/** Reads states from where they are kept for good. */
@FunctionalInterface
public interface ContextLoader {

    /**
     * The states of these contexts; one that is not in the map was never written. A deleted context has a state.
     *
     * <p>Reads nothing before it is subscribed, and then at least everything that was announced by that moment. Never empty.
     * An error fails every context of the call; a {@link io.sluice.resolver.ContextException} is passed on as it is.
     *
     * @param keys different ones, at least one and at most {@link CacheSettings#batchKeys}
     */
    Mono<Map<ContextKey, ContextState>> load(Collection<ContextKey> keys);
}
