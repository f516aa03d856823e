package io.sluice.gateway.websocket;

import io.sluice.gateway.journal.Journal;
import io.sluice.resolver.ContextKey;
import io.sluice.resolver.ContextState;
import io.sluice.resolver.ContextUpdate;
import io.sluice.resolver.Revision;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Mono;

/**
 * What a client that comes back has missed: all of it, or else the context as it is now.
 *
 * @param states what is stored of contexts
 * @param versions likewise, of one
 */
record Recovery(Function<Collection<ContextKey>, Mono<Map<ContextKey, ContextState>>> states, Versions versions) {

    /** As {@link Journal#versions} has them. */
    @FunctionalInterface
    interface Versions {

        Mono<List<ContextUpdate>> of(
                ContextKey key, long incarnation, long from, long to, boolean descending, int limit);
    }

    static Recovery from(Journal journal) {
        return new Recovery(journal::states, journal::versions);
    }

    /** So many publications are worth more than the state that they made. */
    static final int MAX_MISSED = 256;

    /** @param complete whether the publications are all that was missed */
    record Recovered(Position position, boolean complete, List<byte[]> publications) {}

    /**
     * @param now where the context is as far as this node knows, or {@link Position#NONE} if it is not there
     * @param latest the push of that; null: none
     */
    Mono<Recovered> missed(ContextKey key, Position since, Position now, byte @Nullable [] latest) {
        if (latest != null && !isBehind(now, since)) {
            return missed(key, since, now, List.of(latest));
        }
        // It may have been deleted meanwhile: then that is the last thing to tell. Or the client has been told more by
        // another
        // node than this one has heard of; what was told is stored.
        return states.apply(List.of(key)).flatMap(found -> {
            ContextState state = found.get(key);
            return state == null
                    ? Mono.just(new Recovered(now, since.offset() == 0, List.of()))
                    : missed(key, since, Position.of(state.revision()), state.isDeleted() ? List.of() : push(state));
        });
    }

    private static boolean isBehind(Position now, Position since) {
        Revision there = new Revision(Long.parseLong(now.epoch()), now.offset());
        Revision seen = since.revision(there.incarnation());
        return seen != null && seen.isAfter(there);
    }

    private Mono<Recovered> missed(ContextKey key, Position since, Position now, List<byte[]> latest) {
        Recovered lost = new Recovered(now, false, latest);
        long incarnation = Long.parseLong(now.epoch());
        Revision seen = since.revision(incarnation);
        boolean first =
                since.offset() == 0 && (since.epoch().isEmpty() || since.epoch().equals(now.epoch()));
        boolean sameLife = first ? incarnation == 1 : seen != null && seen.incarnation() == incarnation;
        long count = now.offset() - since.offset();
        if (!sameLife || count < 0 || count > MAX_MISSED) {
            return Mono.just(lost);
        }
        if (count == 0) {
            return Mono.just(new Recovered(now, true, List.of()));
        }
        return versions.of(key, incarnation, since.offset() + 1, now.offset(), false, MAX_MISSED)
                .map(updates -> updates.size() == count ? new Recovered(now, true, pushes(key, updates)) : lost)
                .onErrorReturn(lost);
    }

    private static List<byte[]> push(ContextState state) {
        return List.of(Replies.publication(ChannelNames.of(state.key()), state));
    }

    static List<byte[]> pushes(ContextKey key, List<ContextUpdate> updates) {
        String channel = ChannelNames.of(key);
        return updates.stream()
                .map(update -> Replies.publication(channel, update))
                .toList();
    }
}
