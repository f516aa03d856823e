package io.sluice.gateway.websocket;

import io.sluice.resolver.Revision;
import org.jspecify.annotations.Nullable;

/**
 * Where a client stands in a channel.
 *
 * @param epoch the incarnation of the context, as text; from a client any text, empty where it knows of none
 * @param offset the version; 0: nothing was seen
 */
public record Position(String epoch, long offset) {

    /** That of a context not yet written. */
    public static final Position NONE = new Position("", 0);

    public Position {
        if (offset < 0) {
            throw new IllegalArgumentException("offset: " + offset + " (expected: >= 0)");
        }
    }

    public static Position of(Revision revision) {
        return new Position(Long.toString(revision.incarnation()), revision.version());
    }

    /**
     * The revision that a context can have at this place.
     *
     * @param incarnation that of the context now: an empty epoch stands for it, as in the original
     * @return null: none. The epoch is not one of ours, or nothing was seen
     */
    public @Nullable Revision revision(long incarnation) {
        try {
            long life = epoch.isEmpty() ? incarnation : Long.parseLong(epoch);
            return life < 1 || offset < 1 ? null : new Revision(life, offset);
        } catch (NumberFormatException e) {
            return null;
        }
    }
}
