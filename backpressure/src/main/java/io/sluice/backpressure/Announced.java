package io.sluice.backpressure;

import io.sluice.resolver.ContextState;
import io.sluice.resolver.ContextUpdate;
import io.sluice.resolver.LogPosition;
import org.jspecify.annotations.Nullable;

/**
 * One announcement, as the tail of an updates topic reads it.
 *
 * @param source the position of the event that it is about; its time is that of the announcement
 * @param update null: nothing visible changed, and only the one who waits is told
 * @param state what the context was right after the event; null if it did not exist
 * @param told for the one who waits, if anybody
 * @param bytes that it took in the log
 */
public record Announced(
        LogPosition source,
        @Nullable ContextUpdate update,
        @Nullable ContextState state,
        @Nullable Told told,
        int bytes) {

    /**
     * The outcome, for whoever waits.
     *
     * @param resolution the word for it
     * @param reason of a rejection
     */
    public record Told(
            String waiter,
            String resolution,
            @Nullable String reason,
            @Nullable String detail) {}
}
