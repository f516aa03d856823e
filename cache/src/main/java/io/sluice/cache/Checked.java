package io.sluice.cache;

import io.sluice.resolver.ContextKey;
import java.util.List;

/**
 * What was found out about some contexts.
 *
 * @param contexts how many were looked at
 * @param differences that lasted; the caches have forgotten these contexts
 */
public record Checked(int contexts, List<Difference> differences) {

    /** @param what the cache says, and what the store */
    public record Difference(ContextKey key, Tier tier, String what) {}

    public Checked {
        differences = List.copyOf(differences);
    }
}
