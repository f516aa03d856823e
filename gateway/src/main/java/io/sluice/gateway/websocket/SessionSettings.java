package io.sluice.gateway.websocket;

import java.time.Duration;

/**
 * @param maxFrameBytes of a frame that a client sends
 * @param maxCommands in one frame
 * @param maxDepth of a document in JSON
 * @param maxSubscriptions of one connection
 * @param maxInFlight publications, histories and calls of one connection that are not answered yet
 * @param ping how often a client is asked whether it is there; whole seconds
 * @param pongTimeout how long its answer may take; shorter than {@code ping}
 * @param connectTimeout how long a client may stay without having connected
 */
public record SessionSettings(
        int maxFrameBytes,
        int maxCommands,
        int maxDepth,
        int maxSubscriptions,
        int maxInFlight,
        Duration ping,
        Duration pongTimeout,
        Duration connectTimeout) {

    /** What is in a frame beside a document, or instead of it: the commands of a client that comes back with many channels. */
    private static final int ENVELOPE_BYTES = 64 << 10;

    public static final SessionSettings DEFAULTS = ofDocuments(1 << 20, 64);

    /** @param maxBytes of a document that a client sends @param maxDepth of it */
    public static SessionSettings ofDocuments(int maxBytes, int maxDepth) {
        return new SessionSettings(
                maxBytes + ENVELOPE_BYTES,
                4096,
                maxDepth,
                1024,
                64,
                Duration.ofSeconds(25),
                Duration.ofSeconds(10),
                Duration.ofSeconds(15));
    }

    public SessionSettings {
        require("max frame bytes", maxFrameBytes);
        require("max commands", maxCommands);
        require("max depth", maxDepth);
        require("max subscriptions", maxSubscriptions);
        require("max in flight", maxInFlight);
        if (ping.toSeconds() < 1 || ping.toNanosPart() != 0) {
            throw new IllegalArgumentException("ping: " + ping + " (expected: whole seconds, >= 1)");
        }
        if (!pongTimeout.isPositive() || pongTimeout.compareTo(ping) >= 0) {
            throw new IllegalArgumentException("pong timeout: " + pongTimeout + " (expected: > 0, < " + ping + ")");
        }
        if (!connectTimeout.isPositive()) {
            throw new IllegalArgumentException("connect timeout: " + connectTimeout + " (expected: > 0)");
        }
    }

    private static void require(String name, int value) {
        if (value < 1) {
            throw new IllegalArgumentException(name + ": " + value + " (expected: >= 1)");
        }
    }
}
