package io.sluice.backpressure;

/** How urgent a type is. Each lane has a consumer and a store stage of its own, so that none waits for another. */
public enum Lane {
    CRITICAL,
    STANDARD,
    BULK;

    /** The word for settings and metrics. */
    public String label() {
        return name().toLowerCase(java.util.Locale.ROOT);
    }
}
