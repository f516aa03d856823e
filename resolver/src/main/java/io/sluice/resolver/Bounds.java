package io.sluice.resolver;

import java.time.Duration;

/**
 * How far one context may grow, and how long things are remembered.
 *
 * @param documentBytes the encoded document, at most; and what is open between writers in it, likewise
 * @param tombstoneRetention in log time: a context that is written again later than this after its deletion begins a new life
 * @param horizon in log time: how long it is known who wrote what. An event that others had seen and that comes later than
 *     this is too late
 * @param skew an event time counts as at most so much later than the log's
 */
public record Bounds(int documentBytes, Duration tombstoneRetention, Duration horizon, Duration skew) {

    public Bounds {
        if (documentBytes < 2) {
            throw new IllegalArgumentException("document: " + documentBytes + " bytes (expected: >= 2)");
        }
        require("tombstone retention", tombstoneRetention);
        require("horizon", horizon);
        require("skew", skew);
    }

    public Bounds(int documentBytes, Duration tombstoneRetention) {
        this(documentBytes, tombstoneRetention, Duration.ofDays(7), Duration.ofMinutes(1));
    }

    private static void require(String what, Duration duration) {
        if (duration.isNegative()) {
            throw new IllegalArgumentException(what + ": " + duration + " (expected: >= 0)");
        }
    }
}
