package io.sluice.gateway.websocket;

import io.sluice.backpressure.Hub;
import io.sluice.backpressure.UpdateJson;
import io.sluice.cache.ContextCache;
import io.sluice.gateway.journal.Journal;
import io.sluice.gateway.publish.Writes;
import io.sluice.gateway.web.Problem;
import io.sluice.gateway.web.ProblemException;
import io.sluice.gateway.wire.Places;
import io.sluice.resolver.Change;
import io.sluice.resolver.ContextKey;
import io.sluice.resolver.ContextState;
import io.sluice.resolver.ContextUpdate;
import io.sluice.resolver.Json;
import io.sluice.resolver.MalformedException;
import io.sluice.resolver.Texts;
import io.sluice.resolver.UnavailableException;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import reactor.core.Disposable;
import reactor.core.Disposables;
import reactor.core.publisher.Mono;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** The contexts of this node, for one client. */
final class HubContexts implements Contexts {

    private static final int USUAL_ITEMS = 100;
    private static final int MAX_ITEMS = 1_000;

    /** What they need of the node. @param writes null: this node takes none */
    record Node(
            Hub hub,
            ContextCache cache,
            Journal journal,
            @Nullable Writes writes,
            Places places) {}

    private final Node node;
    private final SocketClient client;

    HubContexts(Node node, SocketClient client) {
        this.node = node;
        this.client = client;
    }

    @Override
    public Disposable subscribe(ContextKey key, @Nullable Position recoverFrom, Listener listener) {
        Disposable place = takePlace();
        ChannelFeed feed = new ChannelFeed(client, key, recoverFrom, listener, Recovery.from(node.journal())::missed);
        Disposable both = Disposables.composite(feed, place);
        try {
            feed.begin(node.hub());
        } catch (RuntimeException e) {
            both.dispose();
            throw e;
        }
        return both;
    }

    /** Clients come again by themselves after an error that is temporary. */
    private Disposable takePlace() {
        try {
            return node.places().take();
        } catch (UnavailableException e) {
            throw Errors.TOO_MANY_REQUESTS
                    .because(String.valueOf(e.getMessage()))
                    .failure();
        }
    }

    @Override
    public Mono<Void> publish(ContextKey key, ObjectNode patch) {
        return write(key, new Change.Patch(patch), null, null).then();
    }

    private Mono<Writes.Written> write(
            ContextKey key, Change change, @Nullable String eventId, @Nullable Duration wait) {
        if (node.writes() == null) {
            return Mono.error(() -> Errors.NOT_AVAILABLE
                    .because("writes on this node (expected: one with the role publish)")
                    .failure());
        }
        return node.writes()
                .write(key, change, eventId, wait)
                .onErrorMap(ProblemException.class, e -> told(e.problem()));
    }

    /** The same status as over HTTP. */
    private static CommandFailure told(Problem problem) {
        return new ErrorReply(
                        problem.kind().status(),
                        problem.detail(),
                        problem.kind().isRetryable())
                .failure();
    }

    private Mono<Optional<ContextState>> stored(ContextKey key) {
        return node.journal().states(List.of(key)).map(found -> Optional.ofNullable(found.get(key)));
    }

    @Override
    public Mono<History> history(ContextKey key, Range range) {
        return stored(key).flatMap(found -> {
            Position since = range.since();
            if (found.isEmpty()) {
                return since == null || since.offset() == 0
                        ? Mono.just(new History(Position.NONE, List.of()))
                        : Mono.error(Errors.UNRECOVERABLE_POSITION.failure());
            }
            Position top = Position.of(found.get().revision());
            if (since != null && !since.epoch().isEmpty() && !since.epoch().equals(top.epoch())) {
                return Mono.error(Errors.UNRECOVERABLE_POSITION.failure());
            }
            if (range.limit() == 0) {
                return Mono.just(new History(top, List.of()));
            }
            long from = since == null || range.reverse() ? 1 : since.offset() + 1;
            long to = since == null || !range.reverse() ? top.offset() : since.offset() - 1;
            int limit = range.limit() < 0 ? MAX_ITEMS : Math.min(range.limit(), MAX_ITEMS);
            return node.journal()
                    .versions(key, found.get().revision().incarnation(), from, to, range.reverse(), limit)
                    .map(updates -> {
                        boolean dropped = since != null
                                && !range.reverse()
                                && from <= to
                                && (updates.isEmpty()
                                        || updates.getFirst().revision().version() != from);
                        if (dropped) {
                            throw Errors.UNRECOVERABLE_POSITION.failure();
                        }
                        return new History(top, Recovery.pushes(key, updates));
                    });
        });
    }

    @Override
    public Mono<byte[]> call(Call call) {
        return switch (call) {
            case Call.Get get ->
                node.cache()
                        .get(get.key())
                        .mapNotNull(found -> found.map(ContextState::document).orElse(null))
                        .map(document -> document.json());
            case Call.History history -> page(history);
            case Call.Write write ->
                write(write.key(), write.change(), write.eventId(), write.maxWait())
                        .map(written -> Json.bytes(answer(write.key(), written)));
        };
    }

    private static ObjectNode answer(ContextKey key, Writes.Written written) {
        ContextState state = written.state();
        if (state == null) {
            return Json.newObject().put("eventId", written.eventId()).put("key", key.path());
        }
        return UpdateJson.snapshot(state).put("eventId", written.eventId());
    }

    /** The newest first; {@code next} is what to give as {@code after} for those before. */
    private Mono<byte[]> page(Call.History history) {
        int limit = history.limit() == 0 ? USUAL_ITEMS : Math.min(history.limit(), MAX_ITEMS);
        return stored(history.key()).flatMap(found -> {
            if (found.isEmpty()) {
                return Mono.empty();
            }
            long to = history.after() == null ? found.get().revision().version() : before(history.after());
            return node.journal()
                    .versions(history.key(), found.get().revision().incarnation(), 1, to, true, limit)
                    .map(HubContexts::items);
        });
    }

    private static long before(String after) {
        try {
            return Long.parseLong(after) - 1;
        } catch (NumberFormatException e) {
            throw new MalformedException(
                    "malformed-call",
                    "after: \"" + Texts.shown(after) + "\" (expected: what `next` of the page before said)");
        }
    }

    private static byte[] items(List<ContextUpdate> updates) {
        ObjectNode page = Json.newObject();
        ArrayNode items = page.putArray("items");
        updates.forEach(update -> items.add(UpdateJson.update(update)));
        long first = updates.isEmpty() ? 1 : updates.getLast().revision().version();
        return Json.bytes(first > 1 ? page.put("next", String.valueOf(first)) : page.putNull("next"));
    }
}
