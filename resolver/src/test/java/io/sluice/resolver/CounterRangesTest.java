package io.sluice.resolver;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;

class CounterRangesTest {

    private static final int HIGHEST = 700;

    /** The counters that were folded, one by one, and up to where the gaps were closed. */
    private static final class Model {
        private final TreeSet<Long> folded = new TreeSet<>();
        private long floor;

        void add(long counter) {
            folded.add(counter);
            if (ends().length > 2 * CounterRanges.MAX_RANGES) {
                floor = ends()[1];
                folded.headSet(floor, true).clear();
            }
        }

        long[] ends() {
            List<Long> ends = new ArrayList<>();
            for (long counter : folded) {
                if (!folded.contains(counter - 1)) {
                    ends.add(counter);
                }
                if (!folded.contains(counter + 1)) {
                    ends.add(counter);
                }
            }
            return ends.stream().mapToLong(Long::longValue).toArray();
        }
    }

    private static CounterRanges folded(long... counters) {
        CounterRanges ranges = CounterRanges.NONE;
        for (long counter : counters) {
            ranges = ranges.with(counter);
        }
        return ranges;
    }

    @Test
    void neighboursAreOneRangeInWhateverOrderTheyCome() {
        for (List<Long> order : FoldedContext.orders(List.of(3L, 4L, 5L, 6L))) {
            CounterRanges ranges =
                    folded(order.stream().mapToLong(Long::longValue).toArray());
            assertThat(ranges.ends()).as("after " + order).containsExactly(3, 6);
        }
    }

    @Test
    void aGapIsOpenUntilItIsFilled() {
        CounterRanges gap = folded(1, 3);
        assertThat(gap.has(2)).isFalse();
        assertThat(gap.isForgotten(2)).isFalse();
        assertThat(gap.with(2).ends()).containsExactly(1, 3);
        assertThat(gap).isEqualTo(folded(3, 1));
    }

    @Test
    void whatIsFoldedTwiceChangesNothing() {
        CounterRanges ranges = folded(1, 2, 3, 7, 9);
        for (long counter : new long[] {1, 2, 3, 7, 9}) {
            assertThat(ranges.with(counter)).isEqualTo(ranges);
        }
    }

    @Test
    void theGreatestCounterFits() {
        CounterRanges ranges = folded(VersionVector.MAX_COUNTER, 1);
        assertThat(ranges.has(VersionVector.MAX_COUNTER)).isTrue();
        assertThat(ranges.has(VersionVector.MAX_COUNTER - 1)).isFalse();
    }

    @Test
    void beyond128RangesTheLowestGapIsClosed() {
        CounterRanges ranges = CounterRanges.NONE;
        for (int i = 1; i <= CounterRanges.MAX_RANGES; i++) {
            ranges = ranges.with(10L * i);
        }
        assertThat(ranges.floor()).isZero();

        CounterRanges closed = ranges.with(5_000);
        assertThat(closed.ends()).hasSize(2 * CounterRanges.MAX_RANGES);
        assertThat(closed.isForgotten(9)).isTrue();
        assertThat(closed.isForgotten(10)).isTrue();
        assertThat(closed.isForgotten(11)).isFalse();
        assertThat(closed.has(20)).isTrue();
    }

    @Test
    void theyAreWhatASetOfCountersIs() {
        Seeds.forAll(
                "counter ranges",
                300,
                CounterRangesTest::counters,
                (counters, seed) -> {
                    CounterRanges ranges = CounterRanges.NONE;
                    Model model = new Model();
                    for (long counter : counters) {
                        // Nobody folds what is behind the floor.
                        assertThat(ranges.isForgotten(counter)).isEqualTo(counter <= model.floor);
                        if (counter <= model.floor) {
                            continue;
                        }
                        ranges = ranges.with(counter);
                        model.add(counter);
                    }
                    assertThat(ranges.floor()).isEqualTo(model.floor);
                    assertThat(ranges.ends()).containsExactly(model.ends());
                    for (long counter = 1; counter <= HIGHEST + 1; counter++) {
                        assertThat(ranges.has(counter)).isEqualTo(model.folded.contains(counter));
                    }
                    assertThat(CounterRanges.of(ranges.floor(), ranges.ends())).isEqualTo(ranges);
                },
                Object::toString);
    }

    /** Mostly many, and far apart, so that gaps are closed. */
    private static List<Long> counters(Random random) {
        int count = random.nextInt(600);
        int step = 1 + random.nextInt(3);
        List<Long> counters = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            counters.add(1L + step * random.nextInt(HIGHEST / step));
        }
        return counters;
    }
}
