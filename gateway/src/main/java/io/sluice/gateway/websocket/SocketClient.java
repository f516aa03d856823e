package io.sluice.gateway.websocket;

import io.netty.buffer.ByteBufUtil;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFutureListener;
import io.netty.handler.codec.http.websocketx.CloseWebSocketFrame;
import io.netty.handler.codec.http.websocketx.PingWebSocketFrame;
import io.netty.handler.codec.http.websocketx.PongWebSocketFrame;
import io.netty.handler.codec.http.websocketx.TextWebSocketFrame;
import io.netty.handler.codec.http.websocketx.WebSocketFrame;
import io.sluice.gateway.wire.Framing;
import io.sluice.gateway.wire.WireConnection;
import java.time.Duration;
import java.util.LinkedHashSet;
import java.util.Set;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import reactor.core.Disposable;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.core.publisher.Sinks;
import reactor.core.scheduler.Scheduler;
import reactor.core.scheduler.Schedulers;
import reactor.util.concurrent.Queues;

/** The socket of one client. On its event loop. */
final class SocketClient implements ClientConnection, WireConnection.Listener {

    /** So much may be unread of what was asked for; what is pushed waits in the mailboxes of the feeds. */
    private static final long MAX_UNREAD = 8L << 20;

    /** Work of one client that is under way at the same time; commands are bounded before. */
    private static final int MAX_WORK = 1_024;

    private final Channel channel;
    private final WireConnection wire;
    private final Scheduler loop;
    /** In small steps: most sockets ask for little, and there are many of them. */
    private final Sinks.Many<Mono<Void>> work = Sinks.many()
            .unicast()
            .onBackpressureBuffer(Queues.<Mono<Void>>unbounded(8).get());

    private final Set<ChannelFeed> feeds = new LinkedHashSet<>();
    private @Nullable Session session;
    private boolean gathering;

    SocketClient(Channel channel) {
        this.channel = channel;
        this.wire = WireConnection.take(channel, Framing.WEBSOCKET_TEXT);
        this.loop = Schedulers.fromExecutorService(channel.eventLoop());
    }

    /** To be called once. */
    void begin(Sessions sessions) {
        session = sessions.open(this);
        wire.listen(this);
    }

    /** What the client has asked for, until it is gone. */
    Flux<Void> work() {
        return work.asFlux().flatMap(Function.identity(), MAX_WORK);
    }

    void receive(WebSocketFrame frame) {
        if (session == null) {
            return;
        }
        switch (frame) {
            case TextWebSocketFrame text -> session.receive(ByteBufUtil.getBytes(text.content()));
            case PingWebSocketFrame ping -> answer(ping);
            case PongWebSocketFrame pong -> {} // may come unasked
            default -> session.disconnect(Disconnects.INAPPROPRIATE_PROTOCOL);
        }
    }

    /** Not to who does not read: the answers would pile up here. RFC 6455 (5.5.3) lets the latest ping be answered alone. */
    private void answer(PingWebSocketFrame ping) {
        if (channel.isWritable()) {
            channel.writeAndFlush(new PongWebSocketFrame(ping.content().retain()));
        }
    }

    void ended() {
        if (session != null) {
            session.closed();
        }
        work.tryEmitComplete();
    }

    void shutDown() {
        if (session != null) {
            session.disconnect(Disconnects.SHUTDOWN);
        }
    }

    @Override
    public void send(byte[] lines) {
        if (!channel.isActive()) {
            return;
        }
        wire.write(lines);
        if (!gathering) {
            wire.flush();
            var unread = channel.unsafe().outboundBuffer();
            if (unread != null && unread.totalPendingWriteBytes() > MAX_UNREAD && session != null) {
                session.disconnect(Disconnects.SLOW);
            }
        }
    }

    /** What is said meanwhile is not flushed: that is done once for all feeds of the client. */
    void gather(Runnable saying) {
        gathering = true;
        try {
            saying.run();
        } finally {
            gathering = false;
        }
    }

    void flush() {
        wire.flush();
    }

    boolean isWritable() {
        return wire.isWritable();
    }

    ScheduledExecutorService executor() {
        return wire.loop();
    }

    void add(ChannelFeed feed) {
        feeds.add(feed);
    }

    void remove(ChannelFeed feed) {
        feeds.remove(feed);
    }

    @Override
    public void close(int code, String reason) {
        if (channel.isWritable()) {
            channel.writeAndFlush(new CloseWebSocketFrame(code, reason)).addListener(ChannelFutureListener.CLOSE);
        } else {
            channel.close(); // it would wait behind what is not read
        }
    }

    @Override
    public Disposable schedule(Duration delay, Runnable later) {
        ScheduledFuture<?> timer = channel.eventLoop().schedule(later, delay.toMillis(), TimeUnit.MILLISECONDS);
        return () -> timer.cancel(false);
    }

    @Override
    public <T> void ask(Mono<T> question, Consumer<? super T> answered, Consumer<Throwable> failed) {
        work.tryEmitNext(question.publishOn(loop)
                .doOnError(failed)
                .onErrorComplete()
                .doOnNext(answered)
                .then());
    }

    @Override
    public void writable() {
        Set.copyOf(feeds).forEach(ChannelFeed::writable);
    }

    @Override
    public void gone() {
        ended();
    }
}
