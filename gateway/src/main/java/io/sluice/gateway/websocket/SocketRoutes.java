package io.sluice.gateway.websocket;

import io.netty.channel.Channel;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.handler.codec.http.HttpMethod;
import io.sluice.backpressure.ContextTypes;
import io.sluice.backpressure.Hub;
import io.sluice.cache.ContextCache;
import io.sluice.gateway.journal.Journal;
import io.sluice.gateway.publish.Writes;
import io.sluice.gateway.web.Problem;
import io.sluice.gateway.wire.Places;
import io.sluice.resolver.Texts;
import io.sluice.resolver.UnavailableException;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.reactivestreams.Publisher;
import org.springframework.boot.reactor.netty.NettyRouteProvider;
import reactor.core.Disposable;
import reactor.core.publisher.Mono;
import reactor.netty.http.server.HttpServerRequest;
import reactor.netty.http.server.HttpServerResponse;
import reactor.netty.http.server.HttpServerRoutes;
import reactor.netty.http.server.WebsocketServerSpec;
import reactor.netty.http.websocket.WebsocketInbound;

/** Where clients of the Centrifuge protocol connect. */
public final class SocketRoutes implements NettyRouteProvider {

    public static final String PATH = "/connection/websocket";

    private static final String VERSION_HEADER = "Sec-WebSocket-Version";
    private static final String VERSION = "13";
    private static final String KEY_HEADER = "Sec-WebSocket-Key";
    private static final Pattern KEY = Pattern.compile("[A-Za-z0-9+/]{22}==");

    /**
     * What sockets need of the node.
     *
     * @param writes null: this node takes none
     */
    public record Serving(
            Hub hub,
            ContextTypes types,
            ContextCache cache,
            Journal journal,
            @Nullable Writes writes,
            Places places,
            String version,
            SessionSettings sessions) {}

    private record Ready(Serving serving, Sessions sessions, WebsocketServerSpec spec) {}

    private final Set<SocketClient> clients = ConcurrentHashMap.newKeySet();
    private volatile @Nullable Ready ready;
    private volatile boolean stopping;

    /** To be called before the server listens. */
    public void serve(Serving with) {
        HubContexts.Node node =
                new HubContexts.Node(with.hub(), with.cache(), with.journal(), with.writes(), with.places());
        Sessions sessions = new Sessions(
                connection -> new HubContexts(node, (SocketClient) connection),
                name -> with.types().named(name).isPresent(),
                with.version(),
                with.sessions());
        WebsocketServerSpec spec = WebsocketServerSpec.builder()
                .maxFramePayloadLength(with.sessions().maxFrameBytes())
                .handlePing(true)
                .build();
        ready = new Ready(with, sessions, spec);
    }

    /** Sends all clients elsewhere: the server would wait for them. */
    public void drain() {
        stopping = true;
        clients.forEach(client -> client.executor().execute(client::shutDown));
    }

    @Override
    public HttpServerRoutes apply(HttpServerRoutes routes) {
        return routes.route(request -> ready != null && isHere(request), this::answer);
    }

    private static boolean isHere(HttpServerRequest request) {
        String uri = request.uri();
        return uri.equals(PATH) || uri.startsWith(PATH + "?");
    }

    private Publisher<Void> answer(HttpServerRequest request, HttpServerResponse response) {
        Ready with = ready;
        if (with == null || stopping) {
            return Problem.of(Problem.Kind.UNAVAILABLE, "sockets: this node stops (expected: another one)")
                    .send(response);
        }
        Problem refusal = refusal(request);
        if (refusal != null) {
            return refusal.send(response);
        }
        Disposable place;
        try {
            place = with.serving().places().take();
        } catch (UnavailableException e) {
            return Problem.of(e).send(response);
        }
        return Mono.defer(() -> Mono.from(response.sendWebsocket(
                        (in, out) -> {
                            // A socket may be open for days, and so would what was said before it.
                            request.requestHeaders().clear();
                            response.responseHeaders().clear();
                            return serve(in, with, place);
                        },
                        with.spec())))
                .doOnError(e -> place.dispose())
                .doOnCancel(place::dispose);
    }

    /** What RFC 6455 (4.2.1) wants of a request; null: it has it all. The server would close the connection without a word. */
    private static @Nullable Problem refusal(HttpServerRequest request) {
        HttpHeaders headers = request.requestHeaders();
        if (!request.method().equals(HttpMethod.GET)) {
            return Problem.of(Problem.Kind.METHOD_NOT_ALLOWED, "method: " + request.method() + " (expected: GET)")
                    .with("Allow", "GET");
        }
        for (String[] wanted : new String[][] {{"Upgrade", "websocket"}, {"Connection", "Upgrade"}}) {
            if (!headers.containsValue(wanted[0], wanted[1], true)) {
                return malformed(wanted[0], headers, wanted[1]);
            }
        }
        if (!VERSION.equals(headers.get(VERSION_HEADER))) {
            return malformed(VERSION_HEADER, headers, VERSION).with(VERSION_HEADER, VERSION);
        }
        if (!KEY.matcher(headers.get(KEY_HEADER, "")).matches()) {
            return malformed(KEY_HEADER, headers, "16 bytes in base64");
        }
        return null;
    }

    private static Problem malformed(String name, HttpHeaders headers, String expected) {
        String value = headers.get(name);
        String shown = value == null ? "none" : "\"" + Texts.shown(value) + "\"";
        return Problem.of(Problem.Kind.MALFORMED, name + ": " + shown + " (expected: " + expected + ")");
    }

    private Mono<Void> serve(WebsocketInbound in, Ready with, Disposable place) {
        return Mono.<Void>defer(() -> {
                    Channel[] channel = new Channel[1];
                    in.withConnection(connection -> channel[0] = connection.channel());
                    SocketClient client = new SocketClient(channel[0]);
                    client.begin(with.sessions());
                    clients.add(client);
                    if (stopping) {
                        client.shutDown();
                    }
                    Mono<Void> reading = in.aggregateFrames(
                                    with.serving().sessions().maxFrameBytes())
                            .receiveFrames()
                            .doOnNext(client::receive)
                            .then();
                    return client.work().takeUntilOther(reading).then().doFinally(signal -> {
                        clients.remove(client);
                        client.ended();
                    });
                })
                .doFinally(signal -> place.dispose());
    }
}
