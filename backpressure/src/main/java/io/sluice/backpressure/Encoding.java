package io.sluice.backpressure;

import io.sluice.resolver.ContextKey;
import io.sluice.resolver.ContextState;
import io.sluice.resolver.ContextUpdate;

/**
 * Turns what happens in a feed into the bytes of one wire format. Stateless; called on any thread. Two that are equal make the
 * same bytes.
 */
public interface Encoding {

    /** Who makes these bodies: of two that say the same, each body is made once for both. */
    default Encoding bodies() {
        return this;
    }

    /** A change, for who has the revision before. Made once for all who watch. */
    byte[] update(ContextUpdate update);

    /** A change, for who has any revision before, or none. */
    byte[] whole(ContextUpdate update);

    byte[] snapshot(ContextState state);

    /** A context is in the feed no more, though it exists. */
    byte[] removed(ContextKey key);

    /** Whether a change is one for who sees it so and has the revision before. Asked once for all who watch. */
    default boolean shows(ContextUpdate update) {
        return true;
    }

    /** @param contexts that the snapshot had; negative: there was none, the feed goes on where it was */
    byte[] ready(long contexts);

    byte[] reset(String reason);

    /** Something that says no more than that the connection lives. */
    byte[] heartbeat();

    /** The last words before the gateway ends a feed: when to come again. */
    byte[] goodbye();

    /** One whole frame: a body behind its cursor. @param cursor empty: the reader keeps the one that it has */
    byte[] withCursor(String cursor, byte[] body);
}
