package io.sluice.cache;

import io.sluice.resolver.ContextKey;
import io.sluice.resolver.ContextState;
import java.util.Optional;

/** Estimates the heap behind a remembered context. */
final class Weight {

    /** The cache's own node, the key and, if there is a state, its parts of fixed size. */
    private static final int ABSENT = 200;

    private static final int STATE = 700;
    private static final int WRITER = 120;

    /** A document is held as bytes and as a tree, which takes several times as much. */
    private static final int PER_BYTE = 5;

    private Weight() {}

    static int of(ContextKey key, Optional<ContextState> state) {
        long weight = ABSENT + state.map(Weight::of).orElse(0L);
        return (int) Math.min(weight, Integer.MAX_VALUE);
    }

    private static long of(ContextState state) {
        var document = state.document();
        long bytes = document == null ? 0 : document.json().length;
        return STATE + (long) WRITER * state.clock().counters().size() + PER_BYTE * bytes;
    }
}
