package io.sluice.gateway.websocket;

import io.sluice.backpressure.Connection;
import io.sluice.backpressure.DeliveryPolicy;
import io.sluice.backpressure.Hub;
import io.sluice.backpressure.Selection;
import io.sluice.backpressure.View;
import io.sluice.resolver.ContextKey;
import io.sluice.resolver.Json;
import io.sluice.resolver.Revision;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.ScheduledExecutorService;
import org.jspecify.annotations.Nullable;
import reactor.core.Disposable;
import reactor.core.publisher.Mono;
import tools.jackson.databind.JsonNode;

/**
 * One subscription of a client, as a feed of the hub: the context as it is, and, where the client comes back, what it missed;
 * then every push that the client keeps up with. On the client's event loop.
 */
final class ChannelFeed implements Connection, Disposable {

    /** Finds out what a client has missed, as {@link Recovery#missed} does. */
    @FunctionalInterface
    interface Missed {

        Mono<Recovery.Recovered> missed(ContextKey key, Position since, Position now, byte @Nullable [] latest);
    }

    private enum Phase {
        BEGINNING,
        /** What was missed is being read. */
        RECOVERING,
        LIVE,
        ENDED
    }

    private final SocketClient client;
    private final ContextKey key;
    private final @Nullable Position since;
    private final Contexts.Listener listener;
    private final Missed missed;
    /** The push that came last before the client was answered: each is whole, and so stands for those before it. */
    private byte @Nullable [] early;

    private Hub.@Nullable Subscription subscription;
    private Phase phase = Phase.BEGINNING;
    /** How each push of the life ends that the client knows of. */
    private byte[] epoch = new byte[0];

    private long life;
    /** So far was told what was missed: the store may be ahead of the hub, which brings the same again. 0: it has not. */
    private long told;

    ChannelFeed(
            SocketClient client, ContextKey key, @Nullable Position since, Contexts.Listener listener, Missed missed) {
        this.client = client;
        this.key = key;
        this.since = since;
        this.listener = listener;
        this.missed = missed;
    }

    void begin(Hub hub) {
        client.add(this);
        subscription =
                hub.watch(new View(new Selection.One(key), ChannelEncoding.PUSHES), DeliveryPolicy.CONFLATE, "", this);
    }

    void writable() {
        if (subscription != null) {
            subscription.writable();
        }
    }

    @Override
    public ScheduledExecutorService loop() {
        return client.executor();
    }

    @Override
    public boolean isWritable() {
        return client.isWritable();
    }

    @Override
    public void write(byte[] frames) {
        if (phase == Phase.ENDED) {
            return;
        }
        switch (frames[0]) {
            case ChannelEncoding.READY -> ready();
            case ChannelEncoding.RESET -> lost();
            default -> pushes(frames);
        }
    }

    private void pushes(byte[] lines) {
        if (phase != Phase.LIVE) {
            early = Replies.split(lines).getLast();
        } else if (isOfThisLife(lines)) {
            byte[] news = told == 0 ? lines : news(lines);
            if (news.length > 0) {
                client.gather(() -> listener.publications(news));
            }
        } else if (!isOfEarlierLife(lines)) {
            end(Unsubscribed.INSUFFICIENT_STATE);
        }
    }

    /** Where the client knows of a life that the hub has not heard of yet. */
    private boolean isOfEarlierLife(byte[] lines) {
        return told > 0
                && Long.parseLong(position(Replies.split(lines).getLast()).epoch()) < life;
    }

    private byte[] news(byte[] lines) {
        List<byte[]> news = new ArrayList<>(Replies.split(lines));
        news.removeIf(push -> position(push).offset() <= told);
        if (news.isEmpty()) {
            return new byte[0];
        }
        told = 0;
        news.add(new byte[0]);
        return Replies.lines(news);
    }

    /** Of a context that was not yet written every life is the first that the client hears of. */
    private boolean isOfThisLife(byte[] lines) {
        if (epoch.length == 0) {
            epoch = end(position(Replies.split(lines).getLast()).epoch());
            return true;
        }
        int from = lines.length - 1 - epoch.length;
        return from >= 0 && Arrays.equals(lines, from, from + epoch.length, epoch, 0, epoch.length);
    }

    /** How {@link Replies#publication} ends a push of that life. */
    private static byte[] end(String epoch) {
        return ("\"epoch\":\"" + epoch + "\"}}}").getBytes(StandardCharsets.UTF_8);
    }

    private static Position position(byte[] push) {
        JsonNode publication = Json.TRUSTED.value(push).path("push").path("pub");
        return new Position(
                publication.path("epoch").asString(), publication.path("offset").asLong());
    }

    private void ready() {
        if (phase != Phase.BEGINNING) {
            return; // after a reset, of which the client was told
        }
        byte[] now = early;
        Position position = now == null ? Position.NONE : position(now);
        early = null;
        if (since == null) {
            begun(new Recovery.Recovered(position, false, now == null ? List.of() : List.of(now)));
        } else {
            phase = Phase.RECOVERING;
            client.ask(missed.missed(key, since, position, now), this::begun, e -> close());
        }
    }

    private void begun(Recovery.Recovered recovered) {
        if (phase == Phase.ENDED) {
            return;
        }
        phase = Phase.LIVE;
        Position now = recovered.position();
        epoch = now.epoch().isEmpty() ? epoch : end(now.epoch());
        life = now.epoch().isEmpty() ? 0 : Long.parseLong(now.epoch());
        told = since == null ? 0 : now.offset();
        listener.subscribed(now, recovered.complete(), recovered.publications());
        byte[] meanwhile = early;
        early = null;
        if (meanwhile != null && isAfter(position(meanwhile), now) && phase == Phase.LIVE) {
            pushes(Replies.lines(List.of(meanwhile, new byte[0])));
        }
        client.flush();
    }

    /** A new life begins with version 1 again. */
    private static boolean isAfter(Position push, Position now) {
        return now.epoch().isEmpty() || revision(push).isAfter(revision(now));
    }

    private static Revision revision(Position position) {
        return new Revision(Long.parseLong(position.epoch()), position.offset());
    }

    /** The client asks again, with what it has. Before it was told anything, a snapshot follows as after any beginning. */
    private void lost() {
        early = null;
        if (phase == Phase.LIVE || phase == Phase.RECOVERING) {
            end(Unsubscribed.INSUFFICIENT_STATE);
        }
    }

    private void end(Unsubscribed why) {
        dispose();
        listener.unsubscribed(why);
    }

    @Override
    public void flush() {
        client.flush();
    }

    /** The node stops, or the feed cannot be read: either way the client finds another node, or comes again. */
    @Override
    public void close() {
        if (phase != Phase.ENDED) {
            client.shutDown();
        }
    }

    @Override
    public void dispose() {
        if (phase != Phase.ENDED) {
            phase = Phase.ENDED;
            early = null;
            client.remove(this);
            if (subscription != null) {
                subscription.leave();
            }
        }
    }
}
