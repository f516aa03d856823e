package io.sluice.cache;

/** Where a context may be found, nearest first. */
public enum Tier {
    /** In this process. */
    LOCAL,
    /** In the cache that all nodes share. */
    FAR,
    /** Where every state is kept. */
    STORE
}
