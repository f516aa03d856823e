package io.sluice.gateway.publish;

import java.util.UUID;
import java.util.concurrent.atomic.AtomicLong;

/** Ids for events whose writers give none. Unique over nodes and restarts; asking never waits for entropy. */
final class EventIds {

    private final String run = Long.toUnsignedString(UUID.randomUUID().getMostSignificantBits(), 36);
    private final AtomicLong count = new AtomicLong();

    String next() {
        return run + "-" + Long.toString(count.incrementAndGet(), 36);
    }
}
