package io.sluice.resolver;

import org.jspecify.annotations.Nullable;

/**
 * What the fold of the next event of a context starts from.
 *
 * @param state null: there is nothing to see of it, and never was
 */
public record Remembered(@Nullable ContextState state, Registers registers, RecentIdentities identities) {

    public static final Remembered NOTHING = new Remembered(null, Registers.NONE, RecentIdentities.NONE);

    Remembered with(ContextEvent event, Fingerprint identity, LogPosition position) {
        RecentIdentities.Seen seen = new RecentIdentities.Seen(
                identity, event.content(), event.dot(), position.time(), state == null ? null : state.revision());
        return new Remembered(state, registers, identities.with(seen));
    }
}
