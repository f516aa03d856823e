package io.sluice.loadtest;

/** Durations, kept to within one part in 128, so that any number of them takes the same room. Safe for many threads. */
public final class Latencies {

    private static final int PARTS = 128;

    private final long[] counts = new long[PARTS * 64];
    private long total;
    private long max;

    public synchronized void add(long nanos) {
        long value = Math.max(0, nanos);
        counts[index(value)]++;
        total++;
        max = Math.max(max, value);
    }

    public synchronized long total() {
        return total;
    }

    public synchronized long max() {
        return max;
    }

    /** At most so many nanoseconds took that share of them, from 0 to 1; 0 if there are none. */
    public synchronized long percentile(double share) {
        long wanted = Math.max(1, (long) Math.ceil(share * total));
        long seen = 0;
        for (int i = 0; i < counts.length; i++) {
            seen += counts[i];
            if (seen >= wanted) {
                return Math.min(max, highest(i));
            }
        }
        return max;
    }

    /** Below {@link #PARTS} one each; from there on each doubling has as many of them, ever wider. */
    private static int index(long value) {
        if (value < PARTS) {
            return (int) value;
        }
        int doublings = Long.numberOfTrailingZeros(Long.highestOneBit(value / PARTS));
        return (doublings + 1) * PARTS + (int) (value >>> doublings) - PARTS;
    }

    private static long highest(int index) {
        if (index < PARTS) {
            return index;
        }
        int doublings = index / PARTS - 1;
        return ((PARTS + index % PARTS + 1L) << doublings) - 1;
    }
}
