package io.sluice.resolver;

/**
 * Decides what becomes of an event. A pure function: same arguments, same outcome, on every node and at any time. Safe for use
 * by several threads.
 */
@FunctionalInterface
public interface Resolver {

    /** @param position where the event stands; its time is the only clock */
    Resolution resolve(Remembered known, ContextEvent event, LogPosition position);

    /** Events count in the order in which the log has them. */
    static Resolver inLogOrder(Bounds bounds) {
        return new LogOrderResolver(bounds);
    }
}
