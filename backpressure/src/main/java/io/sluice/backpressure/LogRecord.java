package io.sluice.backpressure;

import io.sluice.resolver.LogPosition;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/** A record as the log has it. Key and value are shared, never changed. */
@SuppressWarnings("ArrayRecordComponent") // The bytes are shared on purpose, and records are not compared.
public record LogRecord(LogPosition position, byte @Nullable [] key, byte @Nullable [] value, Headers headers) {

    LogRecord at(Instant time) {
        return new LogRecord(
                new LogPosition(position.topic(), position.partition(), position.offset(), time), key, value, headers);
    }
}
