package io.sluice.gateway.wire;

import io.sluice.backpressure.Budget;
import io.sluice.resolver.UnavailableException;
import java.util.concurrent.atomic.AtomicInteger;
import reactor.core.Disposable;
import reactor.core.Disposables;

/**
 * The places of this process for all who watch: feeds, sockets, and each subscription of a socket. Safe for use by several
 * threads: never more are taken than there are.
 */
public final class Places {

    private final int most;
    private final Budget budget;
    private final AtomicInteger taken = new AtomicInteger();

    public Places(int most, Budget budget) {
        this.most = most;
        this.budget = budget;
    }

    /**
     * @return to be disposed of by who leaves; more than once does no harm
     * @throws UnavailableException if there is none, or too much waits for slow readers already
     */
    public Disposable take() {
        if (budget.isTight()) {
            throw new UnavailableException(
                    "slow-readers", "what waits for slow readers: " + budget.held() + " bytes (expected: less, later)");
        }
        int before = taken.getAndUpdate(now -> Math.min(now + 1, most));
        if (before >= most) {
            throw new UnavailableException(
                    "too-many-subscribers",
                    "open feeds, sockets and subscriptions: " + before + " (expected: fewer than " + most + ", later)");
        }
        return Disposables.composite(taken::decrementAndGet);
    }
}
