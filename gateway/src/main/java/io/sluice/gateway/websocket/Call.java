package io.sluice.gateway.websocket;

import io.sluice.resolver.Change;
import io.sluice.resolver.ContextKey;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/** A remote procedure: what HTTP has addresses and methods for. The answer is what HTTP has as the body. */
public sealed interface Call {

    ContextKey key();

    record Get(ContextKey key) implements Call {}

    /** @param limit 0: as many as usual @param after the cursor of an answer before; null: from the begin */
    record History(ContextKey key, int limit, @Nullable String after) implements Call {}

    /**
     * @param eventId what tells this write from all others, so that it can be said again; null: nothing does
     * @param maxWait how long to wait for the resolved context; null: the answer comes once the log has the event
     */
    record Write(
            ContextKey key,
            Change change,
            @Nullable String eventId,
            @Nullable Duration maxWait) implements Call {}
}
