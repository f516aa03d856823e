package io.sluice.gateway.feed;

import io.sluice.backpressure.EventCodec;
import io.sluice.resolver.MalformedException;
import java.time.Instant;

/** Reads instants that have been. */
final class PastInstant {

    private PastInstant() {}

    /** @throws io.sluice.gateway.web.ProblemException if it is none, or is still to come */
    static Instant parse(String name, String text, Instant now) {
        Instant time;
        try {
            time = EventCodec.time(text, now);
        } catch (MalformedException e) {
            throw Parameters.malformed(name, text, "RFC 3339, such as 2026-01-31T12:00:00Z");
        }
        if (time.isAfter(now)) {
            throw Parameters.malformed(
                    name, text, "no later than now, " + now + ": what is not yet written cannot be promised");
        }
        return time;
    }
}
