package io.sluice.resolver;

import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * What is told of an event to those who see its effect.
 *
 * @param time the event time that the writer gave, else the log's
 * @param schemaVersion of the change, in the words of whoever wrote it; null: not said
 */
public record Cause(
        Identity identity,
        String eventType,
        Instant time,
        @Nullable String correlationId,
        @Nullable String causationId,
        @Nullable String traceparent,
        @Nullable String schemaVersion) {

    public Cause {
        require("event type", eventType);
        require("correlation id", correlationId);
        require("causation id", causationId);
        require("traceparent", traceparent);
        require("schema version", schemaVersion);
    }

    /** Without a schema version. */
    public Cause(
            Identity identity,
            String eventType,
            Instant time,
            @Nullable String correlationId,
            @Nullable String causationId,
            @Nullable String traceparent) {
        this(identity, eventType, time, correlationId, causationId, traceparent, null);
    }

    private static void require(String what, @Nullable String value) {
        if (value != null && (value.length() > Identity.MAX_LENGTH || !Texts.isPlain(value))) {
            throw new MalformedException(
                    "malformed-cause",
                    what + ": \"" + Texts.shown(value) + "\" (expected: at most " + Identity.MAX_LENGTH
                            + " characters, none of them a control character)");
        }
    }
}
