package io.sluice.loadtest;

import java.util.BitSet;

/**
 * What one watcher has had of the context, and whether it is what was promised: that versions rise by one. Used by one thread.
 *
 * <p>A version that is skipped is missing until it comes; if it still comes, it is out of order instead. A new incarnation
 * begins the count anew; so does a reset, with the snapshot behind it.
 */
final class Received {

    private final BitSet stamps = new BitSet();
    private final BitSet versions = new BitSet();
    private long incarnation = -1;
    private long base;
    private long last;
    private long missing;
    private long repeated;
    private long outOfOrder;
    private int resets;

    /** What is there when the watching begins. */
    void snapshot(long snapshotIncarnation, long version) {
        begin(snapshotIncarnation, version);
    }

    /** All that was before is void. */
    void reset() {
        resets++;
        close();
        incarnation = -1;
    }

    /**
     * An update, or a deletion.
     *
     * @param stamp which update of this run it shows, or -1
     * @return whether it shows it for the first time
     */
    boolean update(long ofIncarnation, long version, int stamp) {
        boolean isNew = version(ofIncarnation, version);
        if (stamp < 0) {
            return false;
        }
        boolean first = !stamps.get(stamp);
        stamps.set(stamp);
        // One update that made two versions.
        repeated += isNew && !first ? 1 : 0;
        return first;
    }

    private boolean version(long ofIncarnation, long version) {
        if (incarnation < 0) {
            begin(ofIncarnation, version - 1);
        } else if (ofIncarnation > incarnation) {
            begin(ofIncarnation, 0);
        }
        int index = (int) (version - base);
        if (ofIncarnation < incarnation || index < 0) {
            outOfOrder++;
            return false;
        }
        if (index == 0 || versions.get(index)) {
            repeated++;
            return false;
        }
        outOfOrder += version < last ? 1 : 0;
        versions.set(index);
        last = Math.max(last, version);
        return true;
    }

    private void begin(long newIncarnation, long newBase) {
        close();
        incarnation = newIncarnation;
        base = newBase;
        last = newBase;
    }

    private void close() {
        missing = missing();
        versions.clear();
        base = last;
    }

    /** The stamps of the updates that came. */
    BitSet stamps() {
        return stamps;
    }

    /** Versions below the highest that did not come. */
    long missing() {
        return missing + (last - base) - versions.cardinality();
    }

    /** Versions that came a second time, and updates that came with a second version. */
    long repeated() {
        return repeated;
    }

    /** Versions that came after a higher one. */
    long outOfOrder() {
        return outOfOrder;
    }

    int resets() {
        return resets;
    }
}
