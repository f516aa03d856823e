package io.sluice.backpressure;

import io.sluice.resolver.ContextKey;
import io.sluice.resolver.ContextState;
import io.sluice.resolver.ContextUpdate;
import io.sluice.resolver.Partition;
import java.util.List;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Mono;

/**
 * Where a feed gets what it did not see live. Each answer is at least as new as everything that the node's tail had seen when
 * the question was asked. Fails with {@link io.sluice.resolver.UnavailableException}.
 */
public interface FeedSource {

    /** Those of these contexts that were ever written. */
    Mono<List<ContextState>> states(List<ContextKey> keys);

    /**
     * The next contexts of a type that are not deleted, by the order of their id's bytes.
     *
     * @param after the id behind which to begin; null: at the beginning
     */
    Mono<StatePage> states(String tenant, String type, @Nullable String after);

    /** @param last whether there are no more */
    record StatePage(List<ContextState> states, boolean last) {}

    /**
     * The next visible changes in a partition, from that source offset on, of what the selection covers. Fails with
     * {@link io.sluice.resolver.NoLongerKeptException} if there may have been some that are dropped.
     */
    Mono<UpdatePage> updates(Selection selection, Partition partition, long from);

    /**
     * @param updates their states' positions are those of their events
     * @param next the source offset behind the last event that was looked at
     * @param last whether there were no more
     */
    record UpdatePage(List<ContextUpdate> updates, long next, boolean last) {}
}
