package io.sluice.cache;

import io.sluice.resolver.ContextState;
import org.jspecify.annotations.Nullable;

/**
 * What a {@link FarCache} said about one context.
 *
 * @param state null: it has nothing that may be used
 * @param lease with it, what is loaded instead may be filled in; null: it may not
 */
public record Found(@Nullable ContextState state, @Nullable Lease lease) {

    static final Found NOTHING = new Found(null, null);

    static Found usable(ContextState state) {
        return new Found(state, null);
    }

    static Found missing(Lease lease) {
        return new Found(null, lease);
    }

    /**
     * The right to fill in what is loaded after it was given. Void as soon as anybody has stored or filled in the same context
     * or its entry is gone (Nishtala et al., Scaling Memcache at Facebook, 2013).
     *
     * @param asOf the source position up to which what is loaded is known to be current
     */
    public record Lease(long token, long asOf) {}
}
