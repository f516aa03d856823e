package io.sluice.resolver;

import java.time.Duration;

/**
 * How far one context may grow, and how long a deletion is remembered.
 *
 * @param documentBytes the encoded document, at most
 * @param tombstoneRetention in log time: a context that is written again later than this after its deletion begins a new life
 */
public record Bounds(int documentBytes, Duration tombstoneRetention) {

    public Bounds {
        if (documentBytes < 2) {
            throw new IllegalArgumentException("document: " + documentBytes + " bytes (expected: >= 2)");
        }
        if (tombstoneRetention.isNegative()) {
            throw new IllegalArgumentException("tombstone retention: " + tombstoneRetention + " (expected: >= 0)");
        }
    }
}
