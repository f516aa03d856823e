package io.sluice.embedded;

/** One of the embedded servers, on one data folder that this process holds. */
interface Server {
    /** Ends what an earlier process of ours, killed the hard way, left running on the folder. Bounded. */
    void sweep();

    /** Blocks until the server serves, and returns its address. Fails with a {@link PartsException}. */
    String start();

    /** Stops what {@link #start()} started, as cleanly as it can within a bound; nothing if nothing runs. */
    void stop();
}
