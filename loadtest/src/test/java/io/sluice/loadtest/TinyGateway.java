package io.sluice.loadtest;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.SimpleChannelInboundHandler;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import io.netty.handler.codec.http.DefaultFullHttpResponse;
import io.netty.handler.codec.http.DefaultHttpContent;
import io.netty.handler.codec.http.DefaultHttpResponse;
import io.netty.handler.codec.http.FullHttpRequest;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpMethod;
import io.netty.handler.codec.http.HttpObjectAggregator;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.HttpServerCodec;
import io.netty.handler.codec.http.HttpUtil;
import io.netty.handler.codec.http.HttpVersion;
import io.netty.handler.codec.http.LastHttpContent;
import io.netty.handler.codec.http.QueryStringDecoder;
import io.netty.handler.codec.http.websocketx.CloseWebSocketFrame;
import io.netty.handler.codec.http.websocketx.TextWebSocketFrame;
import io.netty.handler.codec.http.websocketx.WebSocketServerProtocolHandler;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;

/**
 * As much of a gateway as the load needs, in memory: contexts of one type, watched one by one over SSE or WebSocket, with
 * resume. What it does wrong is chosen by whoever starts it.
 */
public final class TinyGateway implements AutoCloseable {

    /** What one connection is sent for one version; the default is just what it should be. An empty frame ends it. */
    public interface Sent {
        List<String> of(int watcher, long version, String frame);
    }

    /** How a write is answered. A status other than 202 changes nothing. May block. */
    public interface Answered {
        int status(long write);
    }

    public static final Sent ALL = (watcher, version, frame) -> List.of(frame);
    public static final Answered TAKEN = write -> 202;

    private static final ObjectMapper JSON = new ObjectMapper();
    private static final String TYPE = "/v1/contexts/customer";

    /** One connection that watches one context. */
    private record Watching(int number, Channel channel, boolean isSocket) {

        void send(String frame) {
            if (frame.isEmpty()) {
                channel.writeAndFlush(isSocket ? new CloseWebSocketFrame() : LastHttpContent.EMPTY_LAST_CONTENT);
            } else if (isSocket) {
                channel.writeAndFlush(new TextWebSocketFrame(frame));
            } else {
                channel.writeAndFlush(new DefaultHttpContent(bytes(frame)));
            }
        }
    }

    /** States by version, the first at 0; who watches it. */
    private record Context(List<String> states, List<Watching> watchers) {

        long version() {
            return states.size();
        }
    }

    private final EventLoopGroup loops = new MultiThreadIoEventLoopGroup(1, NioIoHandler.newFactory());
    private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
    private final AtomicInteger connections = new AtomicInteger();
    private final AtomicLong writes = new AtomicLong();
    private final Map<String, Context> contexts = new HashMap<>();
    private final Sent sent;
    private final Answered answered;
    private final Channel server;

    public TinyGateway(Sent sent, Answered answered) {
        this.sent = sent;
        this.answered = answered;
        this.server = new ServerBootstrap()
                .group(loops)
                .channel(NioServerSocketChannel.class)
                .childHandler(new ChannelInitializer<>() {
                    @Override
                    protected void initChannel(Channel channel) {
                        channel.pipeline()
                                .addLast(
                                        new HttpServerCodec(),
                                        new HttpObjectAggregator(1 << 20),
                                        new WebSocketServerProtocolHandler("/connection/websocket"),
                                        new Requests(),
                                        new Client());
                    }
                })
                .bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0))
                .syncUninterruptibly()
                .channel();
    }

    public String url() {
        return "http://127.0.0.1:" + ((InetSocketAddress) server.localAddress()).getPort();
    }

    private final class Requests extends SimpleChannelInboundHandler<FullHttpRequest> {

        @Override
        protected void channelRead0(ChannelHandlerContext ctx, FullHttpRequest request) {
            QueryStringDecoder address = new QueryStringDecoder(request.uri());
            String path = address.path();
            if (path.equals(TYPE)) {
                answer(ctx.channel(), 200, 0, "{\"items\":[],\"next\":null}");
            } else if (!path.startsWith(TYPE + "/")) {
                answer(ctx.channel(), 404, 0, "");
            } else if (request.method().equals(HttpMethod.PATCH)) {
                String body = request.content().toString(StandardCharsets.UTF_8);
                boolean waits = request.headers().contains("Prefer");
                threads.execute(() -> write(ctx.channel(), path, body, waits));
            } else if (request.headers().contains(HttpHeaderNames.ACCEPT, "text/event-stream", true)) {
                String cursor = address.parameters()
                        .getOrDefault("lastEventId", List.of(""))
                        .getFirst();
                watch(ctx.channel(), path, request.headers().get("Last-Event-ID", cursor));
            } else {
                read(ctx.channel(), path);
            }
        }
    }

    private void write(Channel channel, String path, String body, boolean waits) {
        int status = answered.status(writes.getAndIncrement());
        long version = 0;
        synchronized (this) {
            Context context = context(path);
            if (status == 202) {
                // Every patch has the same members: the whole is the newest.
                context.states().add(body);
                version = context.version();
                for (Watching watching : context.watchers()) {
                    send(watching, path, version);
                }
            }
        }
        answer(channel, status == 202 && waits ? 200 : status, waits ? version : 0, "");
    }

    private synchronized void read(Channel channel, String path) {
        Context context = context(path);
        int status = context.version() == 0 ? 404 : 200;
        answer(
                channel,
                status,
                context.version(),
                status == 404 ? "" : context.states().getLast());
    }

    private static void answer(Channel channel, int status, long version, String body) {
        DefaultFullHttpResponse response =
                new DefaultFullHttpResponse(HttpVersion.HTTP_1_1, HttpResponseStatus.valueOf(status), bytes(body));
        HttpUtil.setContentLength(response, response.content().readableBytes());
        if (version > 0) {
            response.headers().set("Sluice-Version", version);
        }
        channel.writeAndFlush(response);
    }

    private synchronized void watch(Channel channel, String path, String cursor) {
        DefaultHttpResponse head = new DefaultHttpResponse(HttpVersion.HTTP_1_1, HttpResponseStatus.OK);
        head.headers().set(HttpHeaderNames.CONTENT_TYPE, "text/event-stream");
        HttpUtil.setTransferEncodingChunked(head, true);
        channel.write(head);
        Watching watching = new Watching(connections.getAndIncrement(), channel, false);
        Context context = context(path);
        watching.send(": connected\n\nretry: 2000\n\n");
        if (!cursor.isEmpty()) {
            missed(watching, path, Long.parseLong(cursor.substring(1)));
        } else if (context.version() > 0) {
            watching.send(event("snapshot", path, context.version()));
        }
        watching.send("id: c" + context.version() + "\nevent: ready\ndata: {\"contexts\":1}\n\n");
        context.watchers().add(watching);
    }

    private void missed(Watching watching, String path, long from) {
        for (long version = from + 1; version <= context(path).version(); version++) {
            send(watching, path, version);
        }
    }

    private void send(Watching watching, String path, long version) {
        String frame = watching.isSocket()
                ? "{\"push\":{\"channel\":\"" + channel(path) + "\",\"pub\":" + publication(path, version) + "}}"
                : event("update", path, version);
        sent.of(watching.number(), version, frame).forEach(watching::send);
    }

    private String event(String name, String path, long version) {
        return "id: c" + version + "\nevent: " + name + "\ndata: {\"key\":\""
                + channel(path).replace(':', '/') + "\"," + update(path, version) + "}\n\n";
    }

    private String publication(String path, long version) {
        return "{\"data\":{" + update(path, version) + "},\"offset\":" + version + ",\"epoch\":\"1\"}";
    }

    private String update(String path, long version) {
        return "\"incarnation\":1,\"version\":" + version + ",\"state\":"
                + context(path).states().get((int) version - 1) + ",\"time\":\"2026-01-01T00:00:00Z\"";
    }

    private static String channel(String path) {
        return "customer:" + path.substring(TYPE.length() + 1);
    }

    private Context context(String path) {
        return contexts.computeIfAbsent(path, name -> new Context(new ArrayList<>(), new ArrayList<>()));
    }

    /** Says nothing to a subscriber before its ping is answered. */
    private final class Client extends SimpleChannelInboundHandler<TextWebSocketFrame> {

        private final List<JsonNode> subscribing = new ArrayList<>();

        @Override
        protected void channelRead0(ChannelHandlerContext ctx, TextWebSocketFrame frame)
                throws JsonProcessingException {
            for (String line : frame.text().split("\n")) {
                JsonNode command = JSON.readTree(line);
                if (command.has("connect")) {
                    ctx.writeAndFlush(new TextWebSocketFrame(
                            "{\"id\":1,\"connect\":{\"client\":\"c\",\"ping\":25,\"pong\":true}}\n{}"));
                } else if (command.has("subscribe")) {
                    subscribing.add(command);
                } else if (command.isEmpty()) {
                    subscribing.forEach(one -> subscribe(ctx.channel(), one));
                    subscribing.clear();
                }
            }
        }
    }

    /** What was missed comes in the answer, as it does where it is all. */
    private synchronized void subscribe(Channel channel, JsonNode command) {
        JsonNode subscribe = command.path("subscribe");
        String path = TYPE + "/" + subscribe.path("channel").asText().split(":")[1];
        Watching watching = new Watching(connections.getAndIncrement(), channel, true);
        Context context = context(path);
        List<String> missed = new ArrayList<>();
        boolean recovers = subscribe.path("recover").asBoolean();
        for (long v = subscribe.path("offset").asLong() + 1; recovers && v <= context.version(); v++) {
            missed.addAll(sent.of(watching.number(), v, publication(path, v)));
        }
        watching.send("{\"id\":" + command.path("id")
                + ",\"subscribe\":{\"recoverable\":true,\"epoch\":\"1\",\"offset\":"
                + context.version() + ",\"recovered\":" + recovers + ",\"publications\":[" + String.join(",", missed)
                + "]}}");
        context.watchers().add(watching);
    }

    private static ByteBuf bytes(String text) {
        return Unpooled.copiedBuffer(text, StandardCharsets.UTF_8);
    }

    @Override
    public void close() {
        server.close().syncUninterruptibly();
        loops.shutdownGracefully(0, 5, TimeUnit.SECONDS).syncUninterruptibly();
        threads.shutdownNow();
    }
}
