package io.sluice.backpressure;

/**
 * The way to one reader. Called on the hub's thread only, never blocks.
 *
 * <p>It tells the {@link Hub.Subscription} when it has room again, and when the reader is gone.
 */
public interface Connection {

    /** Whether the reader keeps up: if not, nothing that can wait is offered, but what happens now still is. */
    boolean isWritable();

    /** @param frame shared, never changed @return false if it was not taken, since too much waits already */
    boolean offer(byte[] frame);

    /** Drops what waits and was not handed to the network yet. */
    void clear();

    /** Ends the feed: the reader is to come again, here or elsewhere. What waits is still written. */
    void close();
}
