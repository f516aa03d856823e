package io.sluice.gateway.websocket;

import io.sluice.resolver.Cause;
import io.sluice.resolver.Change;
import io.sluice.resolver.ContextKey;
import io.sluice.resolver.ContextState;
import io.sluice.resolver.ContextUpdate;
import io.sluice.resolver.Document;
import io.sluice.resolver.Identity;
import io.sluice.resolver.Json;
import io.sluice.resolver.LogPosition;
import io.sluice.resolver.MergePatch;
import io.sluice.resolver.Revision;
import io.sluice.resolver.VersionVector;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import org.jspecify.annotations.Nullable;
import reactor.core.Disposable;
import reactor.core.Disposables;
import reactor.core.publisher.Mono;
import tools.jackson.databind.node.ObjectNode;

/** Contexts in maps, with every update of a life kept until it is forgotten. Answers at once, or when the test says so. */
final class ContextsInMemory implements Contexts {

    private static final Instant TIME = Instant.parse("2026-02-01T00:00:00Z");

    private final Map<ContextKey, List<ContextUpdate>> updates = new HashMap<>();
    private final Map<ContextKey, List<Listener>> listeners = new HashMap<>();
    private final Map<ContextKey, Integer> forgotten = new HashMap<>();
    final List<Call> calls = new ArrayList<>();
    private final Queue<Runnable> later = new ArrayDeque<>();
    private boolean answersLater;
    private @Nullable RuntimeException failure;
    private @Nullable Unsubscribed refusal;

    /** From now on nothing is answered before {@link #answer}. */
    void answerLater() {
        answersLater = true;
    }

    /** Answers what was asked so far. */
    void answer() {
        for (Runnable answer = later.poll(); answer != null; answer = later.poll()) {
            answer.run();
        }
    }

    int waiting() {
        return later.size();
    }

    void failWith(RuntimeException failure) {
        this.failure = failure;
    }

    /** Subscriptions end before they begin. */
    void refuseWith(Unsubscribed why) {
        refusal = why;
    }

    int listeners() {
        return listeners.values().stream().mapToInt(List::size).sum();
    }

    void write(ContextKey key, ObjectNode patch) {
        List<ContextUpdate> all = updates.computeIfAbsent(key, k -> new ArrayList<>());
        ContextState before = all.isEmpty() ? null : all.getLast().state();
        Document document = before == null ? null : before.document();
        ObjectNode tree = MergePatch.apply(document == null ? Json.newObject() : document.tree(), patch);
        announce(
                key,
                Document.of(tree),
                before == null ? Revision.FIRST : before.revision().next());
    }

    void delete(ContextKey key) {
        announce(key, null, updates.get(key).getLast().revision().next());
    }

    /** What was written before now can be read, but no more told one by one. */
    void forgetPast(ContextKey key) {
        forgotten.put(key, updates.get(key).size());
    }

    void beginNewLife(ContextKey key) {
        Revision next = updates.get(key).getLast().revision().nextLife();
        updates.get(key).clear();
        unsubscribe(key, Unsubscribed.INSUFFICIENT_STATE);
        announce(key, Document.of(Json.newObject()), next);
    }

    void unsubscribe(ContextKey key, Unsubscribed why) {
        List.copyOf(listeners.getOrDefault(key, List.of())).forEach(listener -> listener.unsubscribed(why));
    }

    private void announce(ContextKey key, @Nullable Document document, Revision revision) {
        ContextState state = new ContextState(
                key,
                revision,
                document,
                VersionVector.EMPTY,
                new Cause(new Identity("http", "e" + revision.version()), "changed", TIME, null, null, null),
                new LogPosition("customer-events", 0, revision.version(), TIME));
        ContextUpdate update = new ContextUpdate(state, null, List.of());
        updates.get(key).add(update);
        byte[] push = Replies.publication(ChannelNames.of(key), update);
        List.copyOf(listeners.getOrDefault(key, List.of())).forEach(listener -> listener.publications(push));
    }

    @Override
    public Disposable subscribe(ContextKey key, @Nullable Position recoverFrom, Listener listener) {
        if (failure != null) {
            throw failure;
        }
        Disposable.Swap subscription = Disposables.swap();
        ask(() -> {
            if (!subscription.isDisposed()) {
                listeners.computeIfAbsent(key, k -> new ArrayList<>()).add(listener);
                subscription.update(() -> listeners.get(key).remove(listener));
                if (refusal != null) {
                    listener.unsubscribed(refusal);
                } else {
                    begin(key, recoverFrom, listener);
                }
            }
        });
        return subscription;
    }

    private void begin(ContextKey key, @Nullable Position from, Listener listener) {
        List<ContextUpdate> all = updates.getOrDefault(key, List.of());
        Position top = all.isEmpty() ? Position.NONE : Position.of(all.getLast().revision());
        boolean recovered = from != null
                && (from.epoch().isEmpty() || from.epoch().equals(top.epoch()))
                && from.offset() <= top.offset()
                && from.offset() >= forgotten.getOrDefault(key, 0);
        String channel = ChannelNames.of(key);
        List<byte[]> publications = new ArrayList<>();
        if (recovered) {
            all.stream()
                    .filter(update -> update.revision().version() > from.offset())
                    .forEach(update -> publications.add(Replies.publication(channel, update)));
        } else if (!all.isEmpty()) {
            publications.add(Replies.publication(channel, all.getLast().state()));
        }
        listener.subscribed(top, recovered, publications);
    }

    @Override
    public Mono<Void> publish(ContextKey key, ObjectNode patch) {
        return answered(() -> write(key, patch)).then();
    }

    @Override
    public Mono<History> history(ContextKey key, Range range) {
        return answered(() -> {}).then(Mono.fromSupplier(() -> {
            List<ContextUpdate> all = new ArrayList<>(updates.getOrDefault(key, List.of()));
            Position top =
                    all.isEmpty() ? Position.NONE : Position.of(all.getLast().revision());
            if (range.since() != null && range.since().offset() < forgotten.getOrDefault(key, 0)) {
                throw Errors.UNRECOVERABLE_POSITION.failure();
            }
            if (range.reverse()) {
                Collections.reverse(all);
            }
            List<byte[]> publications = all.stream()
                    .filter(update -> range.since() == null
                            || update.revision().version() > range.since().offset())
                    .limit(range.limit() < 0 ? Long.MAX_VALUE : range.limit())
                    .map(update -> Replies.publication(ChannelNames.of(key), update))
                    .toList();
            return new History(top, publications);
        }));
    }

    @Override
    public Mono<byte[]> call(Call call) {
        calls.add(call);
        return answered(() -> {
                    if (call
                            instanceof
                            Call.Write(ContextKey key, Change.Patch(ObjectNode patch), String id, var wait)) {
                        write(key, patch);
                    }
                })
                .then(Mono.defer(() -> {
                    List<ContextUpdate> all = updates.getOrDefault(call.key(), List.of());
                    return all.isEmpty()
                            ? Mono.empty()
                            : Mono.just(Json.bytes(Json.newObject()
                                    .put("key", call.key().path())
                                    .put("version", all.getLast().revision().version())));
                }));
    }

    private Mono<Boolean> answered(Runnable work) {
        return Mono.create(sink -> ask(() -> {
            if (failure != null) {
                sink.error(failure);
            } else {
                work.run();
                sink.success(true);
            }
        }));
    }

    private void ask(Runnable answer) {
        if (answersLater) {
            later.add(answer);
        } else {
            answer.run();
        }
    }
}
