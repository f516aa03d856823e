package io.sluice.resolver;

import java.time.Instant;

/**
 * Where in the log an event stands.
 *
 * @param time when the log took the event: the only clock that the fold knows
 */
public record LogPosition(String topic, int partition, long offset, Instant time) {

    @Override
    public String toString() {
        return topic + "-" + partition + "@" + offset;
    }
}
