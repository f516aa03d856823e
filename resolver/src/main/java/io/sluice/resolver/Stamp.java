package io.sluice.resolver;

import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What the registers keep of one event, shared by everything that it wrote.
 *
 * @param writer and counter: the event's dot. A writer that states no clock has one of the reserved names
 * @param time the event time, at most a skew later than the log's
 * @param logTime when it was folded: what is behind the horizon is no longer tracked
 * @param clock what it had seen. Of a reserved writer without its own dot, which would speak for all that lies between
 * @param content to tell another change with the same dot; null where the dot cannot come again
 */
record Stamp(
        String writer,
        long counter,
        Identity identity,
        Instant time,
        Instant logTime,
        VersionVector clock,
        @Nullable Fingerprint content) {

    /** What whoever has seen this event has seen. */
    VersionVector told() {
        return clock.with(writer, counter);
    }

    boolean hasSeen(Stamp other) {
        return clock.counter(other.writer) >= other.counter;
    }

    /** Whether one of them is causally after this. */
    boolean isBefore(List<Stamp> any) {
        for (Stamp other : any) {
            if (other.isAfter(this)) {
                return true;
            }
        }
        return false;
    }

    /**
     * Whether this is causally after the other. Of two that claim to have seen each other, which no honest clocks do, neither
     * is.
     */
    boolean isAfter(Stamp other) {
        return hasSeen(other) && !other.hasSeen(this);
    }
}
