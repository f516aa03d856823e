package io.sluice.cache;

import java.time.Duration;

/** Hears what the cache does. Called on the threads that do it, event loops among them: must not block nor throw. */
public interface CacheEvents {

    CacheEvents NONE = new CacheEvents() {};

    /** The tier had what was asked for. */
    default void hit(Tier tier) {}

    /** The tier was asked and had nothing, or nothing that may be used. */
    default void miss(Tier tier) {}

    /** The tier is away, slow or full, so a call went on without it. */
    default void bypassed(Tier tier) {}

    /** The tier answered, for one context or a batch. */
    default void loaded(Tier tier, Duration took) {}
}
