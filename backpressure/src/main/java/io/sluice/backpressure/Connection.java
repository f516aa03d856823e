package io.sluice.backpressure;

import java.util.concurrent.ScheduledExecutorService;

/**
 * The way to one reader. Everything but {@link #loop} is called on its event loop only, and never blocks.
 *
 * <p>It tells the {@link Hub.Subscription} when it is writable again, and when the reader is gone.
 */
public interface Connection {

    /** The thread that writes to it. One object for all connections of a thread: what they share is made once for all. */
    ScheduledExecutorService loop();

    /** Whether the reader keeps up: if not, nothing is written but what has to be. */
    boolean isWritable();

    /**
     * One or more whole frames of contexts, or one that is of none, such as {@code ready}. Not yet flushed.
     *
     * @param frames shared with other connections, never changed
     */
    void write(byte[] frames);

    void flush();

    /** Ends the feed when what was written is out: the reader is to come again, here or elsewhere. */
    void close();
}
