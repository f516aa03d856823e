package io.sluice.resolver;

/** One immutable change that somebody wants, with who, why and on what grounds. */
public record ContextEvent(
        ContextKey key, Cause cause, Causality causality, Condition condition, Change change, Fingerprint content) {

    public ContextEvent(ContextKey key, Cause cause, Causality causality, Condition condition, Change change) {
        this(key, cause, causality, condition, change, Fingerprint.of(change));
    }

    public Identity identity() {
        return cause.identity();
    }
}
