package io.sluice.gateway.publish;

import java.util.concurrent.atomic.AtomicLong;

/** Bytes that several may hold, together at most so many. Safe for use by several threads. */
final class Room {

    private final long max;
    private final AtomicLong held = new AtomicLong();

    Room(long max) {
        this.max = max;
    }

    long held() {
        return held.get();
    }

    /** @param most that it may hold by itself */
    Share share(long most) {
        return new Share(most);
    }

    /** Whoever finds it empty may take more than there is, lest what is larger waits for ever. */
    private boolean enter(long bytes) {
        long now = held.get();
        while (now == 0 || now + bytes <= max) {
            if (held.compareAndSet(now, now + bytes)) {
                return true;
            }
            now = held.get();
        }
        return false;
    }

    /** What one of them holds. To be closed, whatever happens: then it holds nothing, and takes nothing any more. */
    final class Share implements AutoCloseable {

        private final long most;
        private long own;
        private boolean closed;

        private Share(long most) {
            this.most = most;
        }

        /** Whether there was room; if not, nothing was taken. */
        synchronized boolean take(long bytes) {
            if (closed || own > 0 && own + bytes > most || !enter(bytes)) {
                return false;
            }
            own += bytes;
            return true;
        }

        synchronized void give(long bytes) {
            if (!closed) {
                own -= bytes;
                held.addAndGet(-bytes);
            }
        }

        @Override
        public synchronized void close() {
            closed = true;
            held.addAndGet(-own);
            own = 0;
        }
    }
}
