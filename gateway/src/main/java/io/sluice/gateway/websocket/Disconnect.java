package io.sluice.gateway.websocket;

import java.nio.charset.StandardCharsets;

/**
 * Why a connection is closed.
 *
 * @param code of the close frame: it tells the client whether to come back
 * @param reason at most 123 bytes, which is what a close frame holds
 */
public record Disconnect(int code, String reason) {

    public Disconnect {
        if (code < 3000 || code > 4999) {
            throw new IllegalArgumentException("code: " + code + " (expected: 3000 to 4999)");
        }
        if (reason.getBytes(StandardCharsets.UTF_8).length > 123) {
            throw new IllegalArgumentException("reason: \"" + reason + "\" (expected: at most 123 bytes)");
        }
    }

    /** Whether a client comes back after it. */
    public boolean reconnects() {
        return code % 1000 < 500;
    }
}
