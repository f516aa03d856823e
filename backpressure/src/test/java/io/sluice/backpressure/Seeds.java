package io.sluice.backpressure;

import java.util.Random;

/**
 * Random numbers for generated tests. A failure says the seed: with {@code -Dsluice.test.seed=} it comes again,
 * first of all. With {@code -Dsluice.test.times=20}, so many times as many seeds are tried.
 */
final class Seeds {

    private static final long SEED = Long.getLong("sluice.test.seed", System.nanoTime());
    private static final int TIMES = Integer.getInteger("sluice.test.times", 1);

    private Seeds() {}

    interface Experiment {
        void run(Random random) throws Exception;
    }

    /** Runs it with that many seeds. */
    static void repeat(int times, Experiment experiment) throws Exception {
        for (long seed = SEED; seed < SEED + (long) times * TIMES; seed++) {
            try {
                experiment.run(new Random(seed));
            } catch (Throwable e) {
                throw new AssertionError("With -Dsluice.test.seed=" + seed + ": " + e.getMessage(), e);
            }
        }
    }
}
