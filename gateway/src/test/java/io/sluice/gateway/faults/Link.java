package io.sluice.gateway.faults;

import io.netty.bootstrap.Bootstrap;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelException;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.FixedRecvByteBufAllocator;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import io.netty.channel.socket.nio.NioSocketChannel;
import io.netty.util.concurrent.DefaultThreadFactory;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** A TCP proxy to one server, which does to connections what networks do. */
final class Link implements AutoCloseable {

    private static final int CHUNK = 16 << 10;

    /** So much of one direction of a connection waits here, about. */
    private static final int ROOM = 64 << 10;

    private static final EventLoopGroup LOOPS =
            new MultiThreadIoEventLoopGroup(2, new DefaultThreadFactory("link", true), NioIoHandler.newFactory());

    /**
     * @param delay of every byte, each way
     * @param bytesPerSecond of each connection, each way; 0: as many as there are
     * @param forth whether what clients send gets through; if not, it is held back
     * @param back likewise what the server answers
     * @param refuses whether connections are reset, those that there are and new ones
     */
    record Weather(Duration delay, int bytesPerSecond, boolean forth, boolean back, boolean refuses) {

        static final Weather CLEAR = new Weather(Duration.ZERO, 0, true, true, false);
        static final Weather STALLED = new Weather(Duration.ZERO, 0, false, false, false);
        static final Weather MUTE = new Weather(Duration.ZERO, 0, true, false, false);
        static final Weather REFUSING = new Weather(Duration.ZERO, 0, true, true, true);

        static Weather slow(Duration delay) {
            return new Weather(delay, 0, true, true, false);
        }

        static Weather narrow(int bytesPerSecond) {
            return new Weather(Duration.ZERO, bytesPerSecond, true, true, false);
        }
    }

    private volatile int target;
    private final boolean small;
    private final Channel listening;
    private final Set<Way> ways = ConcurrentHashMap.newKeySet();
    private volatile Weather weather = Weather.CLEAR;

    private Link(int target, boolean small) {
        this.target = target;
        this.small = small;
        ServerBootstrap server = new ServerBootstrap()
                .group(LOOPS)
                .channel(NioServerSocketChannel.class)
                .childOption(ChannelOption.AUTO_READ, false)
                .childOption(ChannelOption.RECVBUF_ALLOCATOR, new FixedRecvByteBufAllocator(CHUNK))
                .childHandler(new ChannelInitializer<>() {
                    @Override
                    protected void initChannel(Channel client) {
                        accept(client);
                    }
                });
        if (small) {
            server.childOption(ChannelOption.SO_SNDBUF, CHUNK);
        }
        this.listening = server.bind(InetAddress.getLoopbackAddress(), 0)
                .syncUninterruptibly()
                .channel();
    }

    /** To a port of this machine. */
    static Link to(int port) {
        return new Link(port, false);
    }

    /** One in which little is on its way: who does not read is soon felt by who writes. */
    static Link smallTo(int port) {
        return new Link(port, true);
    }

    int port() {
        return ((InetSocketAddress) listening.localAddress()).getPort();
    }

    /** From now on, of new connections. */
    void leadTo(int port) {
        target = port;
    }

    void weather(Weather next) {
        weather = next;
        if (next.refuses()) {
            cut();
        } else {
            ways.forEach(way -> way.from.eventLoop().execute(way::pump));
        }
    }

    /** Resets all connections that there are. */
    void cut() {
        ways.forEach(way -> way.from.eventLoop().execute(way::reset));
    }

    private void accept(Channel client) {
        if (weather.refuses()) {
            reset(client);
            return;
        }
        Bootstrap bootstrap = new Bootstrap()
                .group(client.eventLoop())
                .channel(NioSocketChannel.class)
                .option(ChannelOption.AUTO_READ, false)
                .option(ChannelOption.RECVBUF_ALLOCATOR, new FixedRecvByteBufAllocator(CHUNK))
                .handler(new ChannelInboundHandlerAdapter());
        if (small) {
            bootstrap.option(ChannelOption.SO_RCVBUF, CHUNK);
        }
        ChannelFuture connected = bootstrap.connect(InetAddress.getLoopbackAddress(), target);
        Channel server = connected.channel();
        connected.addListener(done -> {
            if (!done.isSuccess() || !client.isActive()) {
                reset(client);
                reset(server);
                return;
            }
            Way forth = new Way(client, server, true);
            Way back = new Way(server, client, false);
            forth.other = back;
            back.other = forth;
            client.pipeline().addLast(forth);
            server.pipeline().addLast(back);
            ways.add(forth);
            ways.add(back);
            forth.pump();
            back.pump();
        });
    }

    private static void reset(Channel channel) {
        try {
            channel.config().setOption(ChannelOption.SO_LINGER, 0);
        } catch (ChannelException e) {
            // The other side was faster.
        }
        channel.close();
    }

    private record Held(ByteBuf bytes, long due) {}

    /** One direction of one connection. On the event loop that both of its ends have. */
    private final class Way extends ChannelInboundHandlerAdapter {

        private final Channel from;
        private final Channel to;
        private final boolean forth;
        private final Queue<Held> held = new ArrayDeque<>();
        private @Nullable Way other;
        private int waiting;
        private long free = System.nanoTime();
        private boolean timed;
        private boolean ended;

        private Way(Channel from, Channel to, boolean forth) {
            this.from = from;
            this.to = to;
            this.forth = forth;
        }

        @Override
        public void channelRead(ChannelHandlerContext context, Object message) {
            ByteBuf bytes = (ByteBuf) message;
            waiting += bytes.readableBytes();
            held.add(new Held(bytes, System.nanoTime() + weather.delay().toNanos()));
            pump();
        }

        @Override
        public void channelInactive(ChannelHandlerContext context) {
            ended = true;
            pump();
        }

        @Override
        public void channelWritabilityChanged(ChannelHandlerContext context) {
            if (other != null) {
                other.pump();
            }
        }

        @Override
        public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
            reset();
        }

        void pump() {
            Weather now = weather;
            while (passes(now) && !held.isEmpty() && to.isWritable() && isDue()) {
                Held next = held.remove();
                int bytes = next.bytes().readableBytes();
                waiting -= bytes;
                if (now.bytesPerSecond() > 0) {
                    free = System.nanoTime() + bytes * 1_000_000_000L / now.bytesPerSecond();
                }
                to.write(next.bytes());
            }
            to.flush();
            if (!to.isActive()) {
                end();
                from.close();
            } else if (ended && held.isEmpty() && passes(now)) {
                end();
                to.writeAndFlush(Unpooled.EMPTY_BUFFER).addListener(ChannelFutureListener.CLOSE);
            } else if (!ended && waiting < ROOM && passes(now)) {
                from.read();
            }
        }

        private boolean passes(Weather now) {
            return forth ? now.forth() : now.back();
        }

        private boolean isDue() {
            long wait = Math.max(held.element().due(), free) - System.nanoTime();
            if (wait > 0 && !timed) {
                timed = true;
                from.eventLoop().schedule(this::onTime, wait, TimeUnit.NANOSECONDS);
            }
            return wait <= 0;
        }

        private void onTime() {
            timed = false;
            pump();
        }

        private void reset() {
            end();
            Link.reset(from);
            Link.reset(to);
        }

        private void end() {
            ways.remove(this);
            held.forEach(next -> next.bytes().release());
            held.clear();
            waiting = 0;
        }
    }

    @Override
    public void close() {
        listening.close().syncUninterruptibly();
        cut();
    }
}
