package io.sluice.backpressure;

import io.sluice.resolver.ContextEvent;
import io.sluice.resolver.ContextState;
import io.sluice.resolver.ContextUpdate;
import io.sluice.resolver.Document;
import io.sluice.resolver.LogPosition;
import io.sluice.resolver.Resolution;
import org.jspecify.annotations.Nullable;

/**
 * What became of one event of the log.
 *
 * @param after what the context was right after it; null if it did not exist
 * @param waiter the token of whoever waits for it, if anybody
 */
public record Outcome(
        LogPosition position,
        ContextEvent event,
        Resolution resolution,
        @Nullable ContextState after,
        @Nullable String waiter) {

    /** The update that everybody who watches gets; null if nothing visible changed. */
    public @Nullable ContextUpdate update() {
        return resolution instanceof Resolution.Visible visible
                ? new ContextUpdate(
                        visible.next(), visible.delta(), visible.conflicts(), visible.operations(), visible.replaced())
                : null;
    }

    /** Whether anybody has to hear of it. */
    public boolean isAnnounced() {
        return waiter != null || resolution instanceof Resolution.Visible;
    }

    /** Of the document that is stored with it. */
    long bytes() {
        Document document = after != null && isAnnounced() ? after.document() : null;
        return document == null ? 0 : document.json().length;
    }
}
