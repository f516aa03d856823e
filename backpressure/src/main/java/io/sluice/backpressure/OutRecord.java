package io.sluice.backpressure;

import org.jspecify.annotations.Nullable;

/**
 * A record to be appended to the log. Key and value are shared, never changed.
 *
 * @param partition null: any
 */
@SuppressWarnings("ArrayRecordComponent") // The bytes are shared on purpose, and records are not compared.
public record OutRecord(
        String topic, @Nullable Integer partition, byte @Nullable [] key, byte @Nullable [] value, Headers headers) {

    /** About how much memory it takes until the log has it. */
    public int bytes() {
        return 100 + (key == null ? 0 : key.length) + (value == null ? 0 : value.length);
    }
}
