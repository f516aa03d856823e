package io.sluice.backpressure;

import io.sluice.resolver.ContextState;
import io.sluice.resolver.ContextUpdate;

/** Turns what happens in a feed into the bytes of one wire format. Stateless; called on the hub's thread. */
public interface Encoding {

    /** The part of an update that all who watch share, whatever they have selected. The costly part: made once. */
    byte[] update(ContextUpdate update);

    byte[] snapshot(ContextState state);

    byte[] ready(long contexts);

    byte[] reset(String reason);

    /** Something that says no more than that the connection lives. */
    byte[] heartbeat();

    /** One whole frame: a body behind its cursor. */
    byte[] withCursor(String cursor, byte[] body);
}
