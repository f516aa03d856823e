package io.sluice.cache;

import io.sluice.resolver.ContextKey;
import io.sluice.resolver.ContextState;
import java.util.Optional;

/** Estimates the heap behind a remembered context. */
final class Weight {

    /** The cache's own node and the key. */
    private static final int ABSENT = 240;

    private static final int STATE = 700;
    private static final int WRITER = 120;
    private static final int CONFLICT = 2_000;

    /** A document is held as a tree too, which takes several times its bytes: the more, the smaller its values are. */
    private static final int DOCUMENT = 250;

    private static final int PER_BYTE = 8;

    private Weight() {}

    static int of(ContextKey key, Optional<ContextState> state) {
        long weight = ABSENT + state.map(Weight::of).orElse(0L);
        return (int) Math.min(weight, Integer.MAX_VALUE);
    }

    private static long of(ContextState state) {
        var document = state.document();
        long content = document == null ? 0 : DOCUMENT + (long) PER_BYTE * document.json().length;
        return STATE
                + (long) WRITER * state.clock().size()
                + CONFLICT * (long) state.marks().conflicts().size()
                + content;
    }
}
