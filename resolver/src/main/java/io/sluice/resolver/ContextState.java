package io.sluice.resolver;

import org.jspecify.annotations.Nullable;

/**
 * What a context is, after everything that was resolved. A deletion is a state too.
 *
 * @param document null: the context is deleted
 * @param clock what the state has seen of each writer
 * @param cause the event that made this revision
 * @param position where in the log that event stands
 * @param marks what is open between writers, and the revisions of what they edit together
 */
public record ContextState(
        ContextKey key,
        Revision revision,
        @Nullable Document document,
        VersionVector clock,
        Cause cause,
        LogPosition position,
        Marks marks) {

    public ContextState(
            ContextKey key,
            Revision revision,
            @Nullable Document document,
            VersionVector clock,
            Cause cause,
            LogPosition position) {
        this(key, revision, document, clock, cause, position, Marks.NONE);
    }

    ContextState withClock(VersionVector seen) {
        return seen.equals(clock) ? this : new ContextState(key, revision, document, seen, cause, position, marks);
    }

    public boolean isDeleted() {
        return document == null;
    }

    /** Of two states of one context, or none, the one at the later revision. */
    public static @Nullable ContextState newer(@Nullable ContextState a, @Nullable ContextState b) {
        if (a == null || b == null) {
            return a == null ? b : a;
        }
        return b.revision().isAfter(a.revision()) ? b : a;
    }
}
