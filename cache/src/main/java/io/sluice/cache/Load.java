package io.sluice.cache;

import io.sluice.resolver.ContextKey;
import io.sluice.resolver.ContextState;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Mono;
import reactor.core.publisher.Sinks;

/** One context on its way into the process, and all who wait for it. {@link LocalCache} has offers and the end take turns. */
final class Load {

    private final ContextKey key;
    private final Sinks.One<Optional<ContextState>> outcome = Sinks.one();
    private volatile @Nullable ContextState offered;

    Load(ContextKey key) {
        this.key = key;
    }

    ContextKey key() {
        return key;
    }

    /** What all get. To cancel is to stop waiting; the load goes on. */
    Mono<Optional<ContextState>> outcome() {
        return outcome.asMono();
    }

    void offer(ContextState state) {
        offered = ContextState.newer(offered, state);
    }

    /** The newest of what was loaded and what was announced in the meantime. */
    Optional<ContextState> newest(@Nullable ContextState loaded) {
        return Optional.ofNullable(ContextState.newer(loaded, offered));
    }

    void succeed(Optional<ContextState> state) {
        outcome.tryEmitValue(state);
    }

    void fail(Throwable error) {
        outcome.tryEmitError(error);
    }
}
