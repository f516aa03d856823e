package io.sluice.backpressure;

import io.sluice.resolver.ContextKey;
import io.sluice.resolver.Partition;
import io.sluice.resolver.Remembered;
import io.sluice.resolver.UnavailableException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Predicate;
import java.util.function.UnaryOperator;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

/** A store in memory that keeps the promises of the port, compare-and-set included, and can be made to fail. */
final class MemoryStore implements ContextStore {

    private final Map<Partition, Progress> progress = new HashMap<>();
    private final Map<Partition, TreeMap<Long, Outcome>> journal = new HashMap<>();
    private final Map<ContextKey, Remembered> contexts = new HashMap<>();
    private final List<List<Folded>> transactions = new ArrayList<>();

    /** Rows that the database does not take. */
    volatile Predicate<Outcome> refuses = outcome -> false;

    volatile boolean away;

    /** What is done with each transaction instead of just running it, such as to hold it back. */
    volatile UnaryOperator<Mono<Set<Partition>>> around = UnaryOperator.identity();

    @Override
    public synchronized Mono<Progress> take(Partition partition) {
        return Mono.fromCallable(() -> {
            requireThere();
            synchronized (this) {
                return progress.merge(
                        partition,
                        new Progress(partition, 1, 0, 0, Instant.EPOCH),
                        (old, first) ->
                                new Progress(partition, old.epoch() + 1, old.next(), old.announced(), old.time()));
            }
        });
    }

    @Override
    public Mono<Map<ContextKey, Remembered>> load(Collection<ContextKey> keys) {
        return Mono.fromCallable(() -> {
            requireThere();
            Map<ContextKey, Remembered> found = new HashMap<>();
            synchronized (this) {
                for (ContextKey key : keys) {
                    if (contexts.containsKey(key)) {
                        found.put(key, contexts.get(key));
                    }
                }
            }
            return found;
        });
    }

    /** Topics that must not be read on, with the reasons. */
    final Map<String, String> stopped = new ConcurrentHashMap<>();

    @Override
    public Mono<Void> stop(String topic, String reason) {
        return Mono.fromRunnable(() -> stopped.put(topic, reason));
    }

    @Override
    public Mono<Map<Partition, Long>> progress() {
        return Mono.fromCallable(() -> {
            requireThere();
            synchronized (this) {
                Map<Partition, Long> all = new HashMap<>();
                progress.forEach((partition, where) -> all.put(partition, where.next()));
                return all;
            }
        });
    }

    /** All that is stored, to come back to as a database does that fails over to a replica that is behind. */
    record Copy(
            Map<Partition, Progress> progress,
            Map<Partition, TreeMap<Long, Outcome>> journal,
            Map<ContextKey, Remembered> contexts) {}

    synchronized Copy copy() {
        Map<Partition, TreeMap<Long, Outcome>> rows = new HashMap<>();
        journal.forEach((partition, outcomes) -> rows.put(partition, new TreeMap<>(outcomes)));
        return new Copy(Map.copyOf(progress), rows, Map.copyOf(contexts));
    }

    synchronized void goBackTo(Copy copy) {
        progress.clear();
        progress.putAll(copy.progress());
        journal.clear();
        copy.journal().forEach((partition, outcomes) -> journal.put(partition, new TreeMap<>(outcomes)));
        contexts.clear();
        contexts.putAll(copy.contexts());
    }

    @Override
    public Mono<Set<Partition>> store(List<Folded> batches) {
        return Mono.defer(() -> around.apply(Mono.fromCallable(() -> transaction(batches))));
    }

    private synchronized Set<Partition> transaction(List<Folded> batches) {
        requireThere();
        transactions.add(List.copyOf(batches));
        Map<Partition, List<Folded>> byPartition = new LinkedHashMap<>();
        batches.forEach(b -> byPartition
                .computeIfAbsent(b.partition(), p -> new ArrayList<>())
                .add(b));
        for (Folded batch : batches) {
            if (batch.outcomes().stream().anyMatch(refuses)) {
                throw new RefusedException("a row is not taken", new IllegalStateException());
            }
        }
        Set<Partition> stored = new LinkedHashSet<>();
        byPartition.forEach((partition, all) -> {
            Progress now = progress.get(partition);
            Folded first = all.getFirst();
            Folded last = all.getLast();
            if (now.epoch() != first.epoch()) {
                return;
            }
            if (now.next() == first.from()) {
                for (int i = 1; i < all.size(); i++) {
                    require(all.get(i).from() == all.get(i - 1).next(), "batches of a partition come without gaps");
                }
                all.forEach(this::write);
                progress.put(
                        partition,
                        new Progress(
                                partition,
                                now.epoch(),
                                last.next(),
                                Math.max(now.announced(), last.announced()),
                                last.time() == null ? now.time() : last.time()));
                stored.add(partition);
            } else if (now.next() == last.next()) {
                stored.add(partition);
            }
        });
        return stored;
    }

    private void write(Folded batch) {
        for (Outcome outcome : batch.outcomes()) {
            Outcome before = journal.computeIfAbsent(batch.partition(), p -> new TreeMap<>())
                    .put(outcome.position().offset(), outcome);
            require(before == null, "an offset is stored once");
        }
        contexts.putAll(batch.changed());
    }

    @Override
    public Flux<Outcome> toAnnounce(Partition partition, long from, long to) {
        return Flux.defer(() -> {
            requireThere();
            synchronized (this) {
                return Flux.fromIterable(
                        journal.getOrDefault(partition, new TreeMap<>()).subMap(from, to).values().stream()
                                .filter(Outcome::isAnnounced)
                                .toList());
            }
        });
    }

    synchronized List<Outcome> journal(Partition partition) {
        return List.copyOf(journal.getOrDefault(partition, new TreeMap<>()).values());
    }

    synchronized Progress progress(Partition partition) {
        return progress.getOrDefault(partition, new Progress(partition, 0, 0, 0, Instant.EPOCH));
    }

    synchronized Map<ContextKey, Remembered> contexts() {
        return Map.copyOf(contexts);
    }

    synchronized List<List<Folded>> transactions() {
        return List.copyOf(transactions);
    }

    private void requireThere() {
        if (away) {
            throw new UnavailableException("store-unavailable", "the database is away");
        }
    }

    private static void require(boolean holds, String what) {
        if (!holds) {
            throw new AssertionError("Not so: " + what);
        }
    }
}
