package io.sluice.loadtest.simulation;

import org.jspecify.annotations.Nullable;

/** What one watcher has had of one context. Used by one thread. */
final class Track {

    /** What is promised of the next version. */
    enum Promise {
        /** It is the next one. */
        EACH,
        /** It is a higher one. */
        HIGHER,
        /** It may be one that was there before: a conflated stream that goes on repeats rather than misses. */
        ANY
    }

    private long incarnation;
    private long version;
    private long update = -1;
    private long marks;
    private long skipped;
    private boolean whole = true;

    /** What is there without its history. */
    @Nullable
    Fault snapshot(long ofIncarnation, long newVersion, long newUpdate) {
        Fault fault = newVersion < version ? Fault.OUT_OF_ORDER : another(ofIncarnation);
        whole &= newVersion == version;
        version = newVersion;
        update = newUpdate;
        return fault;
    }

    /** @return null: as promised */
    @Nullable
    Fault update(long ofIncarnation, long newVersion, long newUpdate, Promise promise) {
        Fault fault = another(ofIncarnation);
        if (newVersion <= version) {
            Fault again = newVersion == version ? Fault.REPEATED : Fault.OUT_OF_ORDER;
            return promise == Promise.ANY ? fault : again;
        }
        if (newVersion > version + 1) {
            whole = false;
            skipped += newVersion - version - 1;
            fault = promise == Promise.EACH ? Fault.GAP : fault;
        }
        marks += Ledger.mark(newUpdate);
        version = newVersion;
        update = newUpdate;
        return fault;
    }

    /** Nothing is ever deleted here, so each context has one life. */
    private @Nullable Fault another(long ofIncarnation) {
        boolean isFirst = incarnation == 0;
        boolean isSame = incarnation == ofIncarnation;
        incarnation = ofIncarnation;
        return isFirst || isSame ? null : Fault.WRONG;
    }

    /** How many versions of those that were acknowledged did not come. */
    static long lost(@Nullable Track track, Ledger ledger, int context) {
        return Math.max(0, ledger.least(context) - (track == null ? 0 : track.version));
    }

    /** Whether what came in the end, and with each version, is what was acknowledged. */
    boolean isRight(Ledger ledger, int context) {
        boolean isKnown = ledger.least(context) == ledger.most(context);
        boolean isSame = !whole || !isKnown || marks == ledger.marks(context);
        boolean isLast = !isKnown || ledger.last(context) < 0 || ledger.last(context) == update;
        return version <= ledger.most(context) && isSame && isLast;
    }

    long incarnation() {
        return incarnation;
    }

    /** 0: nothing yet. */
    long version() {
        return version;
    }

    /** Versions that did not come, because others were in their place. */
    long skipped() {
        return skipped;
    }
}
