package io.sluice.backpressure;

import io.sluice.resolver.ContextKey;
import io.sluice.resolver.ContextState;
import io.sluice.resolver.ContextUpdate;
import io.sluice.resolver.LogPosition;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One announcement, as the tail of an updates topic reads it. What it says of the context is read when somebody asks for it: each
 * node has the announcements of all, and few of them are of a context that it is asked for. Safe for use by several threads.
 */
public final class Announced {

    private static final Logger log = LoggerFactory.getLogger(Announced.class);

    private final LogPosition source;
    private final ContextKey key;
    private final boolean visible;
    private final @Nullable Told told;
    private final int bytes;
    private final LogPosition place;

    /** What there is to be read; null when it has been. Not the record: most of what that takes are its headers. */
    private @Nullable Unread unread;

    private Body body = Body.NOTHING;

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

    /** What it says of the context. */
    record Body(@Nullable ContextState state, @Nullable ContextUpdate update) {

        static final Body NOTHING = new Body(null, null);
    }

    /** @param value of the record @param clock of the state */
    @SuppressWarnings("ArrayRecordComponent") // The bytes are shared on purpose, and these are not compared.
    record Unread(byte[] value, @Nullable String clock) {}

    /** @param visible it says that it has a visible change @param place of the record */
    Announced(
            LogPosition source,
            ContextKey key,
            boolean visible,
            @Nullable Told told,
            LogPosition place,
            Unread unread) {
        this.source = source;
        this.key = key;
        this.visible = visible;
        this.told = told;
        this.place = place;
        this.unread = unread;
        this.bytes = unread.value().length;
    }

    /** The position of the event that it is about; its time is that of the announcement. */
    public LogPosition source() {
        return source;
    }

    public ContextKey key() {
        return key;
    }

    /** Whether there is a change to see; else only the one who waits is told. */
    public boolean isVisible() {
        return visible;
    }

    /** For the one who waits, if anybody. */
    public @Nullable Told told() {
        return told;
    }

    /** That it took in the log. */
    int bytes() {
        return bytes;
    }

    /** What the context was right after the event. Null if it did not exist, or what was written of it cannot be read. */
    public @Nullable ContextState state() {
        return body().state();
    }

    /** The change. Null if there is none to see, or it cannot be read. */
    @Nullable
    ContextUpdate update() {
        return body().update();
    }

    private synchronized Body body() {
        Unread left = unread;
        if (left != null) {
            unread = null;
            try {
                body = UpdateCodec.body(this, left);
            } catch (RuntimeException e) {
                log.error("Skips what {} says, which is no announcement of Sluice", place, e);
            }
        }
        return body;
    }
}
