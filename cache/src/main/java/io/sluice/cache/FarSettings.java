package io.sluice.cache;

import java.time.Duration;

/**
 * How long the shared cache is waited for, and how long it remembers.
 *
 * @param findTimeout a reader goes on without it after that
 * @param storeTimeout a writer does, for a batch; also bounds each command
 * @param ttl an entry that is not written again is forgotten after that
 * @param retryAfter so long it is left alone after it has failed repeatedly
 */
public record FarSettings(Duration findTimeout, Duration storeTimeout, Duration ttl, Duration retryAfter) {

    public FarSettings {
        Settings.requirePositive("findTimeout", findTimeout);
        Settings.requirePositive("storeTimeout", storeTimeout);
        Settings.requirePositive("ttl", ttl);
        Settings.requirePositive("retryAfter", retryAfter);
    }

    public static FarSettings defaults() {
        return new FarSettings(
                Duration.ofMillis(100), Duration.ofMillis(500), Duration.ofHours(1), Duration.ofSeconds(1));
    }
}
