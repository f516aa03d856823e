package io.sluice.backpressure;

import java.time.Duration;

/** What becomes of frames that a reader is too slow for. */
public sealed interface DeliveryPolicy {

    /** Of each context the latest word waits, whole: bounded by what the reader watches. */
    DeliveryPolicy CONFLATE = new Conflate();

    /** Every frame waits, up to a bound. Then the reader is told to forget what it holds, and begins anew. */
    DeliveryPolicy EVERY = new Every();

    record Conflate() implements DeliveryPolicy {}

    record Every() implements DeliveryPolicy {}

    /** Of each context at most one word in each interval, the latest. */
    record Sample(Duration interval) implements DeliveryPolicy {}
}
