package io.sluice.resolver;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * Which of a writer's counters were folded: ranges, both ends included. Gaps are legal, and what is in one may still come. Of
 * very many gaps the lowest are closed: what would come there is too late. Immutable.
 */
final class CounterRanges {

    static final CounterRanges NONE = new CounterRanges(0, new long[0]);

    /** So many ranges are told apart. */
    static final int MAX_RANGES = 128;

    /** What is at or below it was folded, or is too late. */
    private final long floor;

    /** From, to, from, to: rising, with at least one number between two ranges. */
    private final long[] ends;

    private CounterRanges(long floor, long[] ends) {
        this.floor = floor;
        this.ends = ends;
    }

    /** @param ends as {@link #ends} gives them */
    static CounterRanges of(long floor, long[] ends) {
        return new CounterRanges(floor, ends.clone());
    }

    boolean has(long counter) {
        for (int i = ends.length - 2; i >= 0 && ends[i + 1] >= counter; i -= 2) {
            if (ends[i] <= counter) {
                return true;
            }
        }
        return false;
    }

    /** Whether nobody knows any more if the counter was folded. */
    boolean isForgotten(long counter) {
        return counter <= floor;
    }

    CounterRanges with(long counter) {
        int at = 0; // the first range that ends at or behind the number before the counter
        while (at < ends.length && ends[at + 1] < counter - 1) {
            at += 2;
        }
        boolean touches = at < ends.length && ends[at] <= counter + 1;
        if (!touches) {
            return bounded(splice(at, at, counter, counter));
        }
        long from = Math.min(ends[at], counter);
        long to = Math.max(ends[at + 1], counter);
        boolean closesGap = at + 2 < ends.length && ends[at + 2] == to + 1;
        return bounded(closesGap ? splice(at, at + 4, from, ends[at + 3]) : splice(at, at + 2, from, to));
    }

    private long[] splice(int from, int to, long first, long last) {
        long[] more = new long[ends.length - (to - from) + 2];
        System.arraycopy(ends, 0, more, 0, from);
        more[from] = first;
        more[from + 1] = last;
        System.arraycopy(ends, to, more, from + 2, ends.length - to);
        return more;
    }

    private CounterRanges bounded(long[] all) {
        return all.length <= 2 * MAX_RANGES
                ? new CounterRanges(floor, all)
                : new CounterRanges(all[1], Arrays.copyOfRange(all, 2, all.length));
    }

    long floor() {
        return floor;
    }

    long[] ends() {
        return ends.clone();
    }

    @Override
    public boolean equals(@Nullable Object other) {
        return other instanceof CounterRanges ranges && floor == ranges.floor && Arrays.equals(ends, ranges.ends);
    }

    @Override
    public int hashCode() {
        return 31 * Long.hashCode(floor) + Arrays.hashCode(ends);
    }

    @Override
    public String toString() {
        return "CounterRanges[floor " + floor + ", " + Arrays.toString(ends) + "]";
    }
}
