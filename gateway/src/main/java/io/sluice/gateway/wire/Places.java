package io.sluice.gateway.wire;

import io.sluice.backpressure.Budget;
import io.sluice.resolver.UnavailableException;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * The places of this process for all who watch: feeds, sockets, and each subscription of a socket. Between being asked for and
 * being taken none is held, so that whoever asks meanwhile may come in too. Safe for use by several threads.
 */
public final class Places {

    private final int most;
    private final Budget budget;
    private final AtomicInteger taken = new AtomicInteger();

    public Places(int most, Budget budget) {
        this.most = most;
        this.budget = budget;
    }

    /** @throws UnavailableException if there is none, or too much waits for slow readers already */
    public void require() {
        int now = taken.get();
        if (now >= most) {
            throw new UnavailableException(
                    "too-many-subscribers",
                    "open feeds, sockets and subscriptions: " + now + " (expected: fewer than " + most + ", later)");
        }
        if (budget.isTight()) {
            throw new UnavailableException(
                    "slow-readers", "what waits for slow readers: " + budget.held() + " bytes (expected: less, later)");
        }
    }

    public void taken() {
        taken.incrementAndGet();
    }

    /** To be called once for each that was taken. */
    public void left() {
        taken.decrementAndGet();
    }
}
