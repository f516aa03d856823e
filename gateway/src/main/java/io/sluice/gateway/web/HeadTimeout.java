package io.sluice.gateway.web;

import io.netty.channel.Channel;
import io.netty.handler.codec.http2.Http2StreamChannel;
import io.netty.util.AttributeKey;
import io.netty.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Closes connections on which no request comes, or one that never ends: each would hold a place for nothing. Whatever comes
 * before a request, such as a TLS handshake or the preface of HTTP/2, is in the same time. Only the first request counts; between
 * later ones the server's idle timeout does.
 */
public final class HeadTimeout {

    private static final long SECONDS = 15;

    private static final AttributeKey<ScheduledFuture<?>> TIMER = AttributeKey.valueOf("sluice.head-timeout");

    private HeadTimeout() {}

    /** To be called once for a new connection. */
    public static void start(Channel connection) {
        ScheduledFuture<?> timer = connection.eventLoop().schedule(() -> connection.close(), SECONDS, TimeUnit.SECONDS);
        connection.attr(TIMER).set(timer);
        connection.closeFuture().addListener(closed -> timer.cancel(false));
    }

    /** To be called when a request has come. @param channel the connection, or a stream of one */
    public static void end(Channel channel) {
        Channel connection = channel instanceof Http2StreamChannel ? channel.parent() : channel;
        @Nullable ScheduledFuture<?> timer = connection.attr(TIMER).getAndSet(null);
        if (timer != null) {
            timer.cancel(false);
        }
    }
}
