package io.sluice.backpressure;

import io.sluice.resolver.Partition;
import java.time.Duration;

/** What the hub has to say of itself. Called often, on its thread: must be cheap and never fail. */
public interface HubEvents {

    HubEvents NONE = new HubEvents() {};

    /** An update was encoded: once, however many watch. */
    default void encoded() {}

    default void delivered(int frames) {}

    default void subscribers(int now) {}

    default void reset(String reason) {}

    /** @param lag from the announcement until the hub has it */
    default void received(Partition partition, Duration lag) {}

    default void tailRestarted(Throwable cause) {}
}
