package io.sluice.loadtest.simulation;

import java.util.concurrent.atomic.AtomicIntegerArray;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicLongArray;

/**
 * What the gateway has said of the updates, by context. All contexts are new, and each update makes one version. It stays as
 * small as it is however many updates there are. Safe for many threads.
 */
final class Ledger {

    private final AtomicIntegerArray acknowledged;
    private final AtomicIntegerArray unknown;
    private final AtomicLongArray marks;
    private final AtomicLongArray resolved;
    private final AtomicLongArray last;
    private final AtomicLong allSent = new AtomicLong();
    private final AtomicLong allAcknowledged = new AtomicLong();
    private final AtomicLong allRefused = new AtomicLong();
    private final AtomicLong allUnknown = new AtomicLong();

    Ledger(int contexts) {
        acknowledged = new AtomicIntegerArray(contexts);
        unknown = new AtomicIntegerArray(contexts);
        marks = new AtomicLongArray(contexts);
        resolved = new AtomicLongArray(contexts);
        last = new AtomicLongArray(contexts);
        for (int i = 0; i < contexts; i++) {
            last.set(i, -1);
        }
    }

    int contexts() {
        return acknowledged.length();
    }

    /** The number of the next update. */
    long next() {
        return allSent.getAndIncrement();
    }

    int context(long update) {
        return (int) (update % contexts());
    }

    void acknowledge(long update) {
        int context = context(update);
        marks.addAndGet(context, mark(update));
        acknowledged.incrementAndGet(context);
        allAcknowledged.incrementAndGet();
    }

    /** It is certain that it was not written. */
    void refuse() {
        allRefused.incrementAndGet();
    }

    /** Nobody can say whether it was written. */
    void leaveUnknown(long update) {
        unknown.incrementAndGet(context(update));
        allUnknown.incrementAndGet();
    }

    /** The gateway has shown that version to a publisher who waited. */
    void resolve(int context, long version) {
        resolved.accumulateAndGet(context, version, Math::max);
    }

    /** The highest version that any publisher was shown; 0: none. */
    long resolved(int context) {
        return resolved.get(context);
    }

    /** In the end, the context says that this was its last update. */
    void end(int context, long update) {
        last.set(context, update);
    }

    /** -1: was not asked for. */
    long last(int context) {
        return last.get(context);
    }

    /** How many versions a context has at least. */
    int least(int context) {
        return acknowledged.get(context);
    }

    /** How many it has at most. */
    int most(int context) {
        return acknowledged.get(context) + unknown.get(context);
    }

    /** The sum of the {@link #mark}s of what was acknowledged. */
    long marks(int context) {
        return marks.get(context);
    }

    long sent() {
        return allSent.get();
    }

    long acknowledged() {
        return allAcknowledged.get();
    }

    long refused() {
        return allRefused.get();
    }

    long unknown() {
        return allUnknown.get();
    }

    /** Sums of these are the same for the same updates in any order, and for others only by a rare chance (SplitMix64). */
    static long mark(long update) {
        long mark = (update + 1) * 0x9E3779B97F4A7C15L;
        mark = (mark ^ (mark >>> 30)) * 0xBF58476D1CE4E5B9L;
        mark = (mark ^ (mark >>> 27)) * 0x94D049BB133111EBL;
        return mark ^ (mark >>> 31);
    }
}
