package io.sluice.gateway.feed;

import io.sluice.backpressure.DeliveryPolicy;
import io.sluice.backpressure.Filter;
import io.sluice.backpressure.Selection;
import io.sluice.backpressure.View;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * What somebody wants to watch, and how.
 *
 * @param resume the text of a cursor, of any origin; empty: none
 * @param since where to begin without a cursor; null: with a snapshot
 */
record FeedRequest(
        Selection selection,
        Filter filter,
        StreamEncoding encoding,
        DeliveryPolicy policy,
        String resume,
        @Nullable Instant since) {

    FeedRequest from(String cursor) {
        return new FeedRequest(selection, filter, encoding, policy, cursor, null);
    }

    View view() {
        return new View(selection, filter, encoding);
    }
}
