package io.sluice.gateway.web;

import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelPipeline;
import io.netty.handler.codec.http.DefaultFullHttpResponse;
import io.netty.handler.codec.http.FullHttpResponse;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.HttpServerCodec;
import io.netty.handler.codec.http.HttpVersion;
import io.netty.handler.ssl.SslHandshakeCompletionEvent;
import io.netty.util.ReferenceCountUtil;
import io.sluice.resolver.Texts;
import java.net.URI;
import java.net.URISyntaxException;
import reactor.netty.NettyPipeline;

/**
 * Answers requests whose address is no URI: the framework would, before any of our code, and without a word. The connection is
 * closed, since what follows cannot be trusted.
 */
public final class UriGuard extends ChannelInboundHandlerAdapter {

    private boolean refused;

    private UriGuard() {}

    /** Puts a guard behind the decoder of HTTP/1.1 of a new connection. */
    public static void install(Channel channel) {
        ChannelPipeline pipeline = channel.pipeline();
        if (pipeline.get(NettyPipeline.H2OrHttp11Codec) == null) {
            guard(pipeline);
        } else {
            pipeline.addAfter(NettyPipeline.H2OrHttp11Codec, "sluice.negotiated", new Negotiated());
        }
    }

    private static void guard(ChannelPipeline pipeline) {
        ChannelHandlerContext decoder = pipeline.context(HttpServerCodec.class);
        if (decoder != null) {
            pipeline.addAfter(decoder.name(), "sluice.uri-guard", new UriGuard());
        }
    }

    /** Which decoder there will be, TLS negotiates: it is there when this hears that the handshake is over. */
    private static final class Negotiated extends ChannelInboundHandlerAdapter {

        @Override
        public void userEventTriggered(ChannelHandlerContext context, Object event) {
            if (event instanceof SslHandshakeCompletionEvent) {
                guard(context.pipeline());
                context.fireUserEventTriggered(event);
                context.pipeline().remove(this);
            } else {
                context.fireUserEventTriggered(event);
            }
        }
    }

    @Override
    public void channelRead(ChannelHandlerContext context, Object message) {
        if (!refused && message instanceof HttpRequest request && !isUri(request.uri())) {
            refused = true;
            context.writeAndFlush(refusal(request)).addListener(ChannelFutureListener.CLOSE);
        }
        if (refused) {
            ReferenceCountUtil.release(message);
        } else {
            context.fireChannelRead(message);
        }
    }

    private static boolean isUri(String text) {
        try {
            new URI(text);
            // Java takes letters of all scripts, which here are bytes that were read as Latin-1.
            return text.chars().allMatch(c -> c < 0x80);
        } catch (URISyntaxException e) {
            return false;
        }
    }

    private static FullHttpResponse refusal(HttpRequest request) {
        Problem problem = Problem.of(
                Problem.Kind.MALFORMED,
                "request target: \"" + Texts.shown(request.uri())
                        + "\" (expected: a URI; other characters percent-encoded as UTF-8)");
        FullHttpResponse response = new DefaultFullHttpResponse(
                HttpVersion.HTTP_1_1, HttpResponseStatus.BAD_REQUEST, Unpooled.wrappedBuffer(problem.json()));
        response.headers()
                .set(HttpHeaderNames.CONTENT_TYPE, "application/problem+json")
                .set(HttpHeaderNames.CONTENT_LENGTH, response.content().readableBytes())
                .set(HttpHeaderNames.CONNECTION, "close");
        return response;
    }
}
