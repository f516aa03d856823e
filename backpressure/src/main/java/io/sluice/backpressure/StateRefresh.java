package io.sluice.backpressure;

import io.sluice.resolver.ContextState;
import io.sluice.resolver.Partition;
import java.util.Collection;
import reactor.core.publisher.Mono;

/** Whoever wants the new states of a partition after they are stored and before they are announced: the shared cache. */
@FunctionalInterface
public interface StateRefresh {

    StateRefresh NONE = (partition, from, next, states) -> Mono.empty();

    /**
     * The last states of the contexts that changed in the source offsets [from, next). Called in order for each partition. The
     * announcement waits for it: it has to be bounded in time, and must not fail. The first call of an owner has {@code from} and
     * {@code next} where the store stands, and no states.
     */
    Mono<Void> store(Partition partition, long from, long next, Collection<ContextState> states);
}
