package io.sluice.gateway.websocket;

import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/** What a client asks. What Sluice has no use for (names of SDKs, flags, tokens of subscriptions) is not kept. */
sealed interface Command {

    /** What the answer carries. 0: there will be none. */
    long id();

    /** @param token empty: none */
    record Connect(long id, String token) implements Command {}

    /**
     * @param since where the client stands; null: it does not ask for what it missed
     * @param allOrError whether a position that cannot be recovered is an error
     * @param type 0: a stream; what else there is in the original, is not here
     * @param filtered by tags
     */
    record Subscribe(long id, String channel, @Nullable Position since, boolean allOrError, long type, boolean filtered)
            implements Command {}

    record Unsubscribe(long id, String channel) implements Command {}

    /** @param data null: none @param type 0: on a stream */
    record Publish(long id, String channel, @Nullable JsonNode data, long type) implements Command {}

    /** @param limit 0: only the position is asked for; negative: no limit @param since null: from the begin */
    record History(
            long id, String channel, int limit, @Nullable Position since, boolean reverse) implements Command {}

    record Presence(long id, String channel) implements Command {}

    record PresenceStats(long id, String channel) implements Command {}

    /** @param data null: none */
    record Rpc(long id, String method, @Nullable JsonNode data) implements Command {}

    record Refresh(long id) implements Command {}

    record SubRefresh(long id, String channel) implements Command {}

    /** A message that nobody answers. */
    record Send(long id) implements Command {}

    /** The answer to a ping: an empty object. */
    record Pong() implements Command {
        @Override
        public long id() {
            return 0;
        }
    }
}
