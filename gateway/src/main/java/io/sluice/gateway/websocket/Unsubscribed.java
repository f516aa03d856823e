package io.sluice.gateway.websocket;

/**
 * Why a subscription ends that its client did not end.
 *
 * @param code from 2500 on the client subscribes again by itself
 */
public record Unsubscribed(int code, String reason) {

    public static final Unsubscribed BY_SERVER = new Unsubscribed(2000, "server unsubscribe");

    /** The client's place is lost, or was never one: it asks for what it missed since then. */
    public static final Unsubscribed INSUFFICIENT_STATE = new Unsubscribed(2500, "insufficient state");

    public static final Unsubscribed EXPIRED = new Unsubscribed(2501, "subscription expired");

    /** As before, but the client forgets where it was. */
    public static final Unsubscribed STATE_INVALIDATED = new Unsubscribed(2502, "state invalidated");

    public Unsubscribed {
        if (code < 2000 || code > 2999) {
            throw new IllegalArgumentException("code: " + code + " (expected: 2000 to 2999)");
        }
    }

    public boolean resubscribes() {
        return code >= 2500;
    }
}
