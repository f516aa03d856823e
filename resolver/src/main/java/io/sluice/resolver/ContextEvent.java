package io.sluice.resolver;

import org.jspecify.annotations.Nullable;

/** One immutable change that somebody wants, with who, why and on what grounds. */
public record ContextEvent(
        ContextKey key, Cause cause, Causality causality, Condition condition, Change change, Fingerprint content) {

    public ContextEvent(ContextKey key, Cause cause, Causality causality, Condition condition, Change change) {
        this(key, cause, causality, condition, change, Fingerprint.of(change));
    }

    public Identity identity() {
        return cause.identity();
    }

    /** The writer and its own counter in the clock that it states; null if it states none. */
    @Nullable
    Fingerprint dot() {
        return causality instanceof Causality.Clock clock
                ? Fingerprint.ofDot(
                        identity().writer(), clock.seen().counter(identity().writer()))
                : null;
    }
}
