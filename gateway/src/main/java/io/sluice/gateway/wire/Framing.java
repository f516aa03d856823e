package io.sluice.gateway.wire;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelPipeline;
import io.netty.handler.codec.http.HttpServerCodec;
import io.netty.handler.codec.http.HttpVersion;
import io.netty.handler.codec.http.websocketx.CloseWebSocketFrame;
import io.netty.handler.codec.http.websocketx.WebSocketFrameEncoder;
import io.netty.handler.codec.http2.DefaultHttp2DataFrame;
import java.nio.charset.StandardCharsets;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import reactor.netty.NettyPipeline;

/** What goes around the bytes of a feed on one kind of connection. */
public enum Framing {

    /** The body of a response of HTTP/1.0, which ends with the connection. */
    PLAIN(pipeline -> pipeline.context(HttpServerCodec.class)),

    /** A chunk of HTTP/1.1 (RFC 9112, 7.1). */
    CHUNK(pipeline -> pipeline.context(HttpServerCodec.class)),

    /** A DATA frame of HTTP/2, which its codec writes. */
    HTTP2_DATA(pipeline -> pipeline.context(NettyPipeline.H2ToHttp11Codec)),

    /** A text frame of WebSocket (RFC 6455, 5.2), unmasked as a server has it. A line break at the end is left out. */
    WEBSOCKET_TEXT(pipeline -> pipeline.context(WebSocketFrameEncoder.class));

    private static final byte[] CRLF = {'\r', '\n'};
    private static final byte[] LAST_CHUNK = "0\r\n\r\n".getBytes(StandardCharsets.US_ASCII);

    private final Function<ChannelPipeline, @Nullable ChannelHandlerContext> codec;

    Framing(Function<ChannelPipeline, @Nullable ChannelHandlerContext> codec) {
        this.codec = codec;
    }

    public static Framing of(HttpVersion version, boolean http2) {
        if (http2) {
            return HTTP2_DATA;
        }
        return version.equals(HttpVersion.HTTP_1_0) ? PLAIN : CHUNK;
    }

    /** Where to write from, so that the codec does not see it: it would frame it again. */
    ChannelHandlerContext behindCodec(ChannelPipeline pipeline) {
        ChannelHandlerContext context = codec.apply(pipeline);
        if (context == null) {
            throw new IllegalStateException("connection: no codec for " + this + " in " + pipeline.names());
        }
        return context;
    }

    ByteBuf framed(byte[] bytes, ByteBufAllocator allocator) {
        return switch (this) {
            case CHUNK -> chunk(bytes, allocator);
            case WEBSOCKET_TEXT -> text(bytes, allocator);
            default -> allocator.directBuffer(bytes.length, bytes.length).writeBytes(bytes);
        };
    }

    private static ByteBuf text(byte[] bytes, ByteBufAllocator allocator) {
        int length = bytes.length > 0 && bytes[bytes.length - 1] == '\n' ? bytes.length - 1 : bytes.length;
        ByteBuf frame = allocator.directBuffer(length + 10, length + 10).writeByte(0x81);
        if (length < 126) {
            frame.writeByte(length);
        } else if (length < 1 << 16) {
            frame.writeByte(126).writeShort(length);
        } else {
            frame.writeByte(127).writeLong(length);
        }
        return frame.writeBytes(bytes, 0, length);
    }

    private static ByteBuf chunk(byte[] bytes, ByteBufAllocator allocator) {
        byte[] size = Integer.toHexString(bytes.length).getBytes(StandardCharsets.US_ASCII);
        int length = size.length + bytes.length + 2 * CRLF.length;
        return allocator
                .directBuffer(length, length)
                .writeBytes(size)
                .writeBytes(CRLF)
                .writeBytes(bytes)
                .writeBytes(CRLF);
    }

    Object message(ByteBuf framed) {
        return this == HTTP2_DATA ? new DefaultHttp2DataFrame(framed) : framed;
    }

    /** What says that the body ends. */
    Object end(ByteBufAllocator allocator) {
        return switch (this) {
            case PLAIN -> allocator.buffer(0);
            case CHUNK -> allocator.directBuffer(LAST_CHUNK.length).writeBytes(LAST_CHUNK);
            case HTTP2_DATA -> new DefaultHttp2DataFrame(true);
            case WEBSOCKET_TEXT -> new CloseWebSocketFrame();
        };
    }
}
