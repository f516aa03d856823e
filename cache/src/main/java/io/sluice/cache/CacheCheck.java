package io.sluice.cache;

import io.sluice.resolver.ContextKey;
import io.sluice.resolver.ContextState;
import io.sluice.resolver.Partition;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

/**
 * Compares what the caches have of some contexts with the store. What is asked first may only be older than what is asked later:
 * where the tail stands, then the caches, then the store. What is stored meanwhile is no difference; and what the tail is just
 * bringing is none a moment later, which is why all is asked twice.
 */
final class CacheCheck {

    /** So many finds are under way at a time. */
    private static final int FINDS = 16;

    private static final Duration AGAIN = Duration.ofSeconds(1);

    private final LocalCache local;
    private final FarCache far;
    private final Tail tail;
    private final ContextLoader loader;

    CacheCheck(LocalCache local, FarCache far, Tail tail, ContextLoader loader) {
        this.local = local;
        this.far = far;
        this.tail = tail;
        this.loader = loader;
    }

    /** What the caches said, for a reader who has seen all below an offset. @param near null: the process remembers nothing */
    private record Asked(
            ContextKey key,
            long seen,
            @Nullable Optional<ContextState> near,
            @Nullable ContextState shared) {}

    Mono<Checked> next(int contexts) {
        return Mono.defer(() -> {
            List<ContextKey> keys = local.walk(contexts);
            return differences(keys)
                    .flatMap(first -> first.isEmpty()
                            ? Mono.just(first)
                            : Mono.delay(AGAIN)
                                    .then(differences(first.stream()
                                            .map(Checked.Difference::key)
                                            .distinct()
                                            .toList())))
                    .flatMap(lasting -> forget(lasting).thenReturn(new Checked(keys.size(), lasting)));
        });
    }

    private Mono<List<Checked.Difference>> differences(Collection<ContextKey> keys) {
        if (keys.isEmpty()) {
            return Mono.just(List.of());
        }
        return Flux.fromIterable(keys)
                .flatMap(this::ask, FINDS)
                .collectList()
                .flatMap(asked -> loader.load(keys).map(states -> differences(asked, states)));
    }

    private Mono<Asked> ask(ContextKey key) {
        Partition partition = tail.partitions().apply(key);
        long seen = tail.seen().applyAsLong(partition);
        if (seen < 0) {
            return Mono.empty();
        }
        Optional<ContextState> near = local.peek(key);
        return far.find(key, partition, seen)
                .onErrorComplete()
                .defaultIfEmpty(Found.NOTHING)
                .map(found -> new Asked(key, seen, near, found.state()));
    }

    private static List<Checked.Difference> differences(List<Asked> asked, Map<ContextKey, ContextState> states) {
        List<Checked.Difference> differences = new ArrayList<>();
        for (Asked one : asked) {
            ContextState stored = states.get(one.key());
            if (one.near() != null) {
                add(differences, one, Tier.LOCAL, difference(one.near().orElse(null), stored, one.seen()));
            }
            if (one.shared() != null) {
                add(differences, one, Tier.FAR, difference(one.shared(), stored, one.seen()));
            }
        }
        return differences;
    }

    private static void add(List<Checked.Difference> differences, Asked one, Tier tier, @Nullable String what) {
        if (what != null) {
            differences.add(new Checked.Difference(one.key(), tier, what));
        }
    }

    private static @Nullable String difference(
            @Nullable ContextState cached, @Nullable ContextState stored, long seen) {
        if (stored == null) {
            return cached == null ? null : "at " + cached.revision() + " (the store: nothing)";
        }
        if (cached == null || stored.revision().isAfter(cached.revision())) {
            return stored.position().offset() < seen
                    ? (cached == null ? "nothing" : "still at " + cached.revision()) + " (the store: "
                            + stored.revision() + ", which has come by)"
                    : null;
        }
        if (cached.revision().isAfter(stored.revision())) {
            return "at " + cached.revision() + " (the store: only " + stored.revision() + ")";
        }
        return Objects.equals(cached.document(), stored.document())
                ? null
                : "at " + cached.revision() + ", with another content than the store";
    }

    /** The next reader takes it from the store. */
    private Mono<Void> forget(List<Checked.Difference> differences) {
        return Flux.fromIterable(differences)
                .map(Checked.Difference::key)
                .distinct()
                .concatMap(key -> far.drop(key, tail.partitions().apply(key))
                        .onErrorComplete()
                        .then(Mono.fromRunnable(() -> local.forget(key))))
                .then();
    }
}
