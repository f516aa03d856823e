package io.sluice.resolver;

import org.jspecify.annotations.Nullable;

/**
 * What the fold of the next event of a context starts from.
 *
 * @param state null: never written
 */
public record Remembered(@Nullable ContextState state, RecentIdentities identities) {

    public static final Remembered NOTHING = new Remembered(null, RecentIdentities.NONE);

    /** What is remembered after an event had this outcome. A rejected event leaves no trace: its repeat is judged anew. */
    public Remembered after(ContextEvent event, LogPosition position, Resolution resolution) {
        return switch (resolution) {
            case Resolution.Visible visible -> new Remembered(visible.next(), with(event, position, visible.next()));
            case Resolution.Unchanged u -> new Remembered(state, with(event, position, state));
            case Resolution.Superseded s -> new Remembered(state, with(event, position, state));
            case Resolution.Duplicate d -> this;
            case Resolution.Rejected r -> this;
        };
    }

    private RecentIdentities with(ContextEvent event, LogPosition position, @Nullable ContextState after) {
        return identities.with(new RecentIdentities.Seen(
                Fingerprint.of(event.identity()),
                event.content(),
                position.time(),
                after == null ? null : after.revision()));
    }
}
