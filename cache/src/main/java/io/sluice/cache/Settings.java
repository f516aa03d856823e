package io.sluice.cache;

import java.time.Duration;

/** What settings are checked with: a message names the setting, its value and what was expected. */
final class Settings {

    private Settings() {}

    static void requireAtLeast(String name, long value, long least) {
        if (value < least) {
            throw new IllegalArgumentException(name + ": " + value + " (expected: >= " + least + ")");
        }
    }

    /** At least a millisecond: what is finer is nothing to Redis. */
    static void requirePositive(String name, Duration value) {
        if (value.compareTo(Duration.ofMillis(1)) < 0) {
            throw new IllegalArgumentException(name + ": " + value + " (expected: >= PT0.001S)");
        }
    }
}
