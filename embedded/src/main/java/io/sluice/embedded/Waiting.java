package io.sluice.embedded;

import java.time.Duration;
import java.util.function.BooleanSupplier;

/** Bounded waits for something that can only be looked at. */
final class Waiting {
    private static final Duration STEP = Duration.ofMillis(20);

    private Waiting() {}

    /** Whether the condition came true in time. An interrupt ends the wait early and stays set. */
    static boolean until(Duration bound, BooleanSupplier condition) {
        long start = System.nanoTime();
        while (!condition.getAsBoolean()) {
            if (System.nanoTime() - start > bound.toNanos() || !pause()) {
                return condition.getAsBoolean();
            }
        }
        return true;
    }

    private static boolean pause() {
        try {
            Thread.sleep(STEP);
            return true;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return false;
        }
    }
}
