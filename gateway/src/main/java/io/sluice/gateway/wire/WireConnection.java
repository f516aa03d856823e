package io.sluice.gateway.wire;

import io.netty.channel.Channel;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelPromise;
import io.sluice.backpressure.Connection;
import java.io.IOException;
import java.util.concurrent.ScheduledExecutorService;
import org.jspecify.annotations.Nullable;
import reactor.netty.NettyPipeline;

/** A connection whose response head is out, and that is written to past the codec from then on. */
public final class WireConnection extends ChannelInboundHandlerAdapter implements Connection {

    /** Who hears of the connection, on its event loop. */
    public interface Listener {

        void writable();

        void gone();
    }

    private final Channel channel;
    private final Framing framing;
    private final ChannelHandlerContext codec;
    private @Nullable Listener listener;

    private WireConnection(Channel channel, Framing framing) {
        this.channel = channel;
        this.framing = framing;
        this.codec = framing.behindCodec(channel.pipeline());
    }

    /** To be called on the channel's event loop, when the head is out. */
    public static WireConnection take(Channel channel, Framing framing) {
        WireConnection connection = new WireConnection(channel, framing);
        channel.pipeline().addBefore(NettyPipeline.ReactiveBridge, "sluice.feed", connection);
        return connection;
    }

    public void listen(Listener interested) {
        listener = interested;
        if (!channel.isActive()) {
            interested.gone();
        }
    }

    @Override
    public ScheduledExecutorService loop() {
        return channel.eventLoop();
    }

    @Override
    public boolean isWritable() {
        return channel.isWritable();
    }

    @Override
    public void write(byte[] frames) {
        codec.write(framing.message(SharedBuffer.of(frames, framing, channel.alloc())), promise());
    }

    /** Nobody asks what became of it: what fails, fails because the connection is gone, and that is heard of. */
    private ChannelPromise promise() {
        return framing == Framing.HTTP2_DATA ? channel.newPromise() : channel.voidPromise();
    }

    @Override
    public void flush() {
        codec.flush();
    }

    @Override
    public void close() {
        if (!channel.isWritable()) {
            channel.close(); // what a reader that stands still has not read, it never will
        } else if (channel.isActive()) {
            codec.writeAndFlush(framing.end(channel.alloc())).addListener(ChannelFutureListener.CLOSE);
        }
    }

    @Override
    public void channelWritabilityChanged(ChannelHandlerContext context) {
        if (channel.isWritable() && listener != null) {
            listener.writable();
        }
        context.fireChannelWritabilityChanged();
    }

    @Override
    public void channelInactive(ChannelHandlerContext context) {
        if (listener != null) {
            listener.gone();
        }
        SharedBuffer.forget();
        context.fireChannelInactive();
    }

    /** A reader that goes away while it is written to is no fault of ours, and nothing to log. */
    @Override
    public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
        if (cause instanceof IOException) {
            context.close();
        } else {
            context.fireExceptionCaught(cause);
        }
    }
}
