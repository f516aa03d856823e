package io.sluice.resolver;

import java.time.Duration;
import java.time.Instant;

/** Events and states of one context for tests. */
final class States {

    static final ContextKey KEY = new ContextKey(ContextKey.DEFAULT_TENANT, "customer", "67890");
    static final Instant START = Instant.parse("2026-01-31T12:00:00Z");

    private States() {}

    static ContextState state(Revision revision) {
        return new ContextState(
                KEY, revision, Document.of(Json.newObject()), VersionVector.EMPTY, cause("w", "1"), position(0));
    }

    /** One second of log time lies between two offsets. */
    static LogPosition position(long offset) {
        return position(offset, Duration.ofSeconds(offset));
    }

    static LogPosition position(long offset, Duration afterStart) {
        return new LogPosition("customer-events", 2, offset, START.plus(afterStart));
    }

    static Cause cause(String writer, String eventId) {
        return new Cause(new Identity(writer, eventId), "io.sluice.customer.changed", START, null, null, null);
    }

    static ContextEvent event(String eventId, Change change) {
        return event(eventId, change, Causality.UNSTATED, Condition.NONE);
    }

    static ContextEvent event(String eventId, Change change, Causality causality, Condition condition) {
        return new ContextEvent(KEY, cause("w", eventId), causality, condition, change);
    }

    static Change patch(String json) {
        return new Change.Patch(JsonTrees.object(json));
    }

    static Change replace(String json) {
        return new Change.Replace(JsonTrees.object(json));
    }
}
