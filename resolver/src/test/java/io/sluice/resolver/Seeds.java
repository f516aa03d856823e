package io.sluice.resolver;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.function.Function;
import java.util.function.Predicate;
import org.junit.jupiter.api.Assertions;

/**
 * Properties of generated lists. The seed is printed, and can be given ({@code -Dsluice.test.seed=}); so can how many times as many
 * cases as usual are tried ({@code -Dsluice.test.times=}). A case that fails is made smaller before it is shown.
 */
final class Seeds {

    private static final long SEED = Long.getLong("sluice.test.seed", System.nanoTime());
    private static final int TIMES = Integer.getInteger("sluice.test.times", 1);

    private Seeds() {}

    /** What a property finds wrong with a case. */
    @FunctionalInterface
    interface Property<T> {
        void check(List<T> list, long seed);
    }

    static <T> void forAll(
            String name,
            int cases,
            Function<Random, List<T>> generator,
            Property<T> property,
            Function<List<T>, String> shown) {
        System.out.println(name + ": seed " + SEED + ", " + cases * TIMES + " cases");
        for (int i = 0; i < cases * TIMES; i++) {
            long seed = SEED + i;
            List<T> list = generator.apply(new Random(seed));
            if (fails(property, list, seed)) {
                List<T> small = smaller(list, candidate -> fails(property, candidate, seed));
                try {
                    property.check(small, seed);
                } catch (AssertionError | RuntimeException e) {
                    Assertions.fail(name + " fails with -Dsluice.test.seed=" + seed + ":\n" + shown.apply(small), e);
                }
            }
        }
    }

    private static <T> boolean fails(Property<T> property, List<T> list, long seed) {
        try {
            property.check(list, seed);
            return false;
        } catch (AssertionError | RuntimeException e) {
            return true;
        }
    }

    /** Leaves out whatever is not needed to fail. */
    private static <T> List<T> smaller(List<T> list, Predicate<List<T>> fails) {
        List<T> small = list;
        for (int i = 0; i < small.size(); ) {
            List<T> without = new ArrayList<>(small);
            without.remove(i);
            if (fails.test(without)) {
                small = without;
                i = 0;
            } else {
                i++;
            }
        }
        return small;
    }
}
