package io.sluice.backpressure;

import io.sluice.resolver.Partition;
import java.time.Duration;

/** What the hub has to say of itself. Called often, on its thread unless said otherwise: must be cheap and never fail. */
public interface HubEvents {

    HubEvents NONE = new HubEvents() {};

    /** An update was encoded: once, however many watch. */
    default void encoded() {}

    default void delivered(int frames) {}

    /** A word of a context took the place of one that a reader was too slow for. On its event loop. */
    default void conflated() {}

    default void subscribers(int now) {}

    /** How many different views are watched. */
    default void views(int now) {}

    /** A page is read from the source, for all who catch up and wait for it. */
    default void read() {}

    /** One who catches up waits for a page that is being read for another. */
    default void readShared() {}

    default void reset(String reason) {}

    /** @param lag from the announcement until the hub has it */
    default void received(Partition partition, Duration lag) {}

    default void tailRestarted(Throwable cause) {}
}
