package io.sluice.gateway.wire;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelOutboundHandlerAdapter;
import io.netty.channel.ChannelPromise;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.handler.codec.http.HttpServerCodec;
import io.netty.util.ReferenceCountUtil;
import java.io.IOException;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import reactor.netty.NettyPipeline;

/** A connection that does not take what is written to it. */
class WireConnectionTest {

    /** Where everything ends. @param failure of every write */
    private static EmbeddedChannel broken(Exception failure) {
        EmbeddedChannel channel = new EmbeddedChannel(
                new ChannelOutboundHandlerAdapter() {
                    @Override
                    public void write(ChannelHandlerContext context, Object message, ChannelPromise promise) {
                        ReferenceCountUtil.release(message);
                        promise.tryFailure(failure);
                    }
                },
                new HttpServerCodec());
        channel.pipeline().addLast(NettyPipeline.ReactiveBridge, new ChannelInboundHandlerAdapter());
        return channel;
    }

    @Test
    void aReaderThatGoesWhileItIsWrittenToIsHeardOfAndNoFailure() {
        EmbeddedChannel channel = broken(new IOException("Broken pipe"));
        WireConnection connection = WireConnection.take(channel, Framing.CHUNK);
        AtomicInteger gone = new AtomicInteger();
        connection.listen(new WireConnection.Listener() {
            @Override
            public void writable() {}

            @Override
            public void gone() {
                gone.incrementAndGet();
            }
        });
        connection.write(new byte[] {1});
        channel.runPendingTasks();
        assertThat(channel.isOpen()).isFalse();
        assertThat(gone).hasValue(1);
        channel.checkException();
    }

    @Test
    void anyOtherFailureIsNotHidden() {
        EmbeddedChannel channel = broken(new IllegalStateException("a fault of ours"));
        WireConnection.take(channel, Framing.CHUNK).write(new byte[] {1});
        assertThatThrownBy(channel::checkException).hasMessage("a fault of ours");
    }
}
