package io.sluice.backpressure;

import io.sluice.backpressure.Published.Passage;
import io.sluice.resolver.ContextKey;
import io.sluice.resolver.ContextState;
import org.jspecify.annotations.Nullable;

/**
 * One event of a feed, with its bytes: shared by all who get it. Safe for use by several threads.
 *
 * @param key whose latest word it is; null: it is no word of a context, and must not be left out
 * @param body without its cursor
 * @param frame body behind its cursor
 * @param cursor where the feed stands after it
 * @param published null unless it is a change
 * @param relative whether it may be only for who has what was before it
 */
@SuppressWarnings("ArrayRecordComponent") // Never compared.
record FeedEvent(
        @Nullable ContextKey key,
        Encoding encoding,
        byte[] body,
        byte[] frame,
        String cursor,
        @Nullable Published published,
        boolean relative) {

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
        return new FeedEvent(
                published.update().key(),
                encoding,
                body,
                encoding.withCursor(cursor, body),
                cursor,
                published,
                passage == Passage.STAYS);
    }

    static FeedEvent snapshot(ContextState state, Encoding encoding, String cursor) {
        byte[] body = encoding.snapshot(state);
        return new FeedEvent(state.key(), encoding, body, encoding.withCursor(cursor, body), cursor, null, false);
    }

    static FeedEvent word(byte[] body, Encoding encoding, String cursor) {
        return new FeedEvent(null, encoding, body, encoding.withCursor(cursor, body), cursor, null, false);
    }

    /** For who missed what was before it. */
    byte[] whole() {
        return published != null && relative ? published.whole(encoding) : body;
    }
}
