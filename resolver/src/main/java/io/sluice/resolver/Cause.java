package io.sluice.resolver;

import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * What is told of an event to those who see its effect.
 *
 * @param time the event time that the writer gave, else the log's
 */
public record Cause(
        Identity identity,
        String eventType,
        Instant time,
        @Nullable String correlationId,
        @Nullable String causationId,
        @Nullable String traceparent) {}
