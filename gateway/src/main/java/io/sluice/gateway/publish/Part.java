package io.sluice.gateway.publish;

import io.sluice.gateway.web.Problem;

/** One event of many, as it was cut out of the body. */
sealed interface Part {

    /** @param json whatever stands where an event should @param held of the room for what is not yet handed over */
    @SuppressWarnings("ArrayRecordComponent") // Read once, and never compared.
    record Event(byte[] json, int held) implements Part {}

    record Refused(Problem problem) implements Part {}

    /** The body goes on, and is not read any further. */
    record Stopped() implements Part {}

    static Part tooLarge(long bytes, int max) {
        return new Refused(
                Problem.of(Problem.Kind.TOO_LARGE, "event: " + bytes + " bytes (expected: at most " + max + " bytes)"));
    }
}
