package io.sluice.gateway.feed;

import io.sluice.backpressure.DeliveryPolicy;
import io.sluice.backpressure.Filter;
import io.sluice.backpressure.Selection;
import io.sluice.backpressure.View;

/**
 * What somebody wants to watch, and how.
 *
 * @param resume the text of a cursor, of any origin; empty: none
 */
record FeedRequest(Selection selection, Filter filter, StreamEncoding encoding, DeliveryPolicy policy, String resume) {

    View view() {
        return new View(selection, filter, encoding);
    }
}
