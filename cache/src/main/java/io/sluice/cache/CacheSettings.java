package io.sluice.cache;

import java.time.Duration;

/**
 * How much is remembered in the process, and how long a load may take.
 *
 * @param localBytes heap for remembered contexts, as estimated by their encoded size
 * @param localTtl after so long without an update a context is asked for anew, should an update ever have been missed
 * @param loadTimeout what has not come from the store by then has failed
 * @param maxLoads so many contexts are loaded at a time; more are refused
 * @param batchKeys so many contexts at most in one call to the loader
 */
public record CacheSettings(long localBytes, Duration localTtl, Duration loadTimeout, int maxLoads, int batchKeys) {

    public CacheSettings {
        Settings.requireAtLeast("localBytes", localBytes, 1);
        Settings.requirePositive("localTtl", localTtl);
        Settings.requirePositive("loadTimeout", loadTimeout);
        Settings.requireAtLeast("maxLoads", maxLoads, 1);
        Settings.requireAtLeast("batchKeys", batchKeys, 1);
    }

    public static CacheSettings defaults() {
        return new CacheSettings(64L << 20, Duration.ofMinutes(10), Duration.ofSeconds(5), 10_000, 512);
    }
}
