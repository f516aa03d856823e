package io.sluice.gateway.feed;

import io.sluice.backpressure.FeedSource;
import io.sluice.backpressure.Selection;
import io.sluice.cache.ContextCache;
import io.sluice.gateway.journal.Journal;
import io.sluice.resolver.ContextKey;
import io.sluice.resolver.ContextState;
import io.sluice.resolver.Partition;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Mono;

/** Where feeds get what they did not see live: contexts by their keys through the caches, all else from the journal. */
public record StoredContexts(ContextCache cache, Journal journal) implements FeedSource {

    @Override
    public Mono<List<ContextState>> states(List<ContextKey> keys) {
        return cache.getAll(keys)
                .map(found -> found.values().stream().flatMap(Optional::stream).toList());
    }

    @Override
    public Mono<StatePage> states(String tenant, String type, @Nullable String after) {
        return journal.states(tenant, type, after, 0);
    }

    @Override
    public Mono<UpdatePage> updates(Selection selection, Partition partition, long from) {
        return journal.updates(selection, partition, from);
    }
}
