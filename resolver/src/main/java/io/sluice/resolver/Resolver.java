package io.sluice.resolver;

/**
 * Decides what becomes of an event. A pure function: same arguments, same outcome, on every node and at any time. Safe for use
 * by several threads.
 */
@FunctionalInterface
public interface Resolver {

    /** @param position where the event stands; its time is the only clock */
    Resolved resolve(Remembered known, ContextEvent event, LogPosition position);

    /**
     * By causality and by the policies. For events with clocks on registers, counters and sets, any order and any repetition
     * gives the same document and the same open conflicts, as long as no bound is met.
     */
    static Resolver of(Bounds bounds, Policies policies) {
        return new CausalResolver(bounds, policies);
    }
}
