package io.sluice.loadtest.fold;

import io.sluice.resolver.ContextEvent;
import io.sluice.resolver.Json;
import io.sluice.resolver.LogPosition;
import io.sluice.resolver.Remembered;
import io.sluice.resolver.Resolution;
import io.sluice.resolver.Resolved;
import io.sluice.resolver.Resolver;
import java.time.Instant;
import java.util.List;
import tools.jackson.databind.node.ObjectNode;

/** Events of one context, folded one by one, over and over. For one thread. */
final class History {

    static final History EMPTY =
            new History((known, event, position) -> new Resolved(new Resolution.Unchanged(), known), List.of());

    private static final Instant START = Instant.parse("2026-01-31T12:00:00Z");

    private final Resolver resolver;
    private final List<ContextEvent> events;
    private Remembered known = Remembered.NOTHING;
    private int next;

    /** @param events the first makes the context */
    History(Resolver resolver, List<ContextEvent> events) {
        this.resolver = resolver;
        this.events = events;
    }

    Resolved foldNext() {
        if (next == events.size()) {
            next = 0;
            known = Remembered.NOTHING;
        }
        LogPosition position = new LogPosition("order-events", 0, next, START.plusMillis(next));
        Resolved resolved = resolver.resolve(known, events.get(next++), position);
        if (resolved.resolution() instanceof Resolution.Rejected rejected) {
            throw new IllegalStateException("event " + (next - 1) + " is rejected: " + rejected);
        }
        known = resolved.after();
        return resolved;
    }

    /** What stands after the first event. */
    ObjectNode document() {
        next = events.size();
        var state = foldNext().after().state();
        return state == null || state.document() == null
                ? Json.newObject()
                : state.document().tree();
    }
}
