package io.sluice.backpressure;

import java.util.Random;

/**
 * Random numbers for generated tests. A failure says the seed: with {@code -Dsluice.seed} it comes again. With
 * {@code -Dsluice.seeds=20}, so many times as many seeds are tried.
 */
final class Seeds {

    private static final Long GIVEN = Long.getLong("sluice.seed");
    private static final int FACTOR = Integer.getInteger("sluice.seeds", 1);

    private Seeds() {}

    interface Experiment {
        void run(Random random) throws Exception;
    }

    /** Runs it with that many seeds, or once with the seed that was given. */
    static void repeat(int times, Experiment experiment) throws Exception {
        long first = GIVEN == null ? System.nanoTime() : GIVEN;
        for (long seed = first; seed < first + (GIVEN == null ? times * FACTOR : 1); seed++) {
            try {
                experiment.run(new Random(seed));
            } catch (Throwable e) {
                throw new AssertionError("With -Dsluice.seed=" + seed + ": " + e.getMessage(), e);
            }
        }
    }
}
