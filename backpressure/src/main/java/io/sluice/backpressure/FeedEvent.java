package io.sluice.backpressure;

import io.sluice.backpressure.Published.Passage;
import io.sluice.resolver.ContextKey;
import io.sluice.resolver.ContextState;
import org.jspecify.annotations.Nullable;

/** One event of a feed, with its bytes: shared by all who get it. Safe for use by several threads. */
final class FeedEvent {

    private final @Nullable ContextKey key;
    private final Encoding encoding;
    private final byte[] body;
    private final String cursor;
    private final @Nullable Published published;
    private final boolean relative;
    private byte @Nullable [] frame;

    private FeedEvent(
            @Nullable ContextKey key,
            Encoding encoding,
            byte[] body,
            String cursor,
            @Nullable Published published,
            boolean relative) {
        this.key = key;
        this.encoding = encoding;
        this.body = body;
        this.cursor = cursor;
        this.published = published;
        this.relative = relative;
    }

    /** Whether a change is an event of a feed that looks like that. */
    static boolean isOne(Published published, View view) {
        return switch (published.passage(view.filter())) {
            case STAYS -> view.encoding().shows(published.update());
            case ENTERS, LEAVES -> true;
            case PASSES_BY -> false;
        };
    }

    /** A change that is one. */
    static FeedEvent change(Published published, View view, String cursor) {
        Encoding encoding = view.encoding();
        Passage passage = published.passage(view.filter());
        byte[] body = switch (passage) {
            case STAYS -> published.body(encoding);
            case ENTERS -> published.whole(encoding);
            case LEAVES, PASSES_BY -> published.removed(encoding);
        };
        return new FeedEvent(published.key(), encoding, body, cursor, published, passage == Passage.STAYS);
    }

    static FeedEvent snapshot(ContextState state, Encoding encoding, String cursor) {
        return new FeedEvent(state.key(), encoding, encoding.snapshot(state), cursor, null, false);
    }

    static FeedEvent word(byte[] body, Encoding encoding, String cursor) {
        return new FeedEvent(null, encoding, body, cursor, null, false);
    }

    /** Whose latest word it is; null: it is no word of a context, and must not be left out. */
    @Nullable
    ContextKey key() {
        return key;
    }

    Encoding encoding() {
        return encoding;
    }

    /** Without its cursor. */
    byte[] body() {
        return body;
    }

    /** The body behind its cursor. Made by the first event loop that asks, for all: it may cost more than all else of the event. */
    synchronized byte[] frame() {
        byte[] made = frame;
        if (made == null) {
            made = encoding.withCursor(cursor, body);
            frame = made;
        }
        return made;
    }

    /** Where the feed stands after it. */
    String cursor() {
        return cursor;
    }

    /** Null unless it is a change. */
    @Nullable
    Published published() {
        return published;
    }

    /** For who missed what was before it. */
    byte[] whole() {
        return published != null && relative ? published.whole(encoding) : body;
    }
}
