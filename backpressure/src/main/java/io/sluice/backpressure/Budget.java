package io.sluice.backpressure;

import java.util.concurrent.atomic.AtomicLong;

/** What may wait for slow readers in the whole process, in bytes. Safe for use by several threads. */
public final class Budget {

    private final long bytes;
    private final AtomicLong held = new AtomicLong();

    public Budget(long bytes) {
        this.bytes = bytes;
    }

    /** Holds so much more. @return false if that is too much: it counts all the same, until it is released */
    boolean hold(long more) {
        return held.addAndGet(more) <= bytes;
    }

    void release(long less) {
        held.addAndGet(-less);
    }

    public long held() {
        return held.get();
    }

    /** Whether no more feeds should begin: three quarters are held. */
    public boolean isTight() {
        return held.get() > bytes / 4 * 3;
    }
}
