package io.sluice.gateway.websocket;

import io.netty.channel.Channel;
import io.sluice.backpressure.ContextTypes;
import io.sluice.backpressure.Hub;
import io.sluice.cache.ContextCache;
import io.sluice.gateway.journal.Journal;
import io.sluice.gateway.publish.Writes;
import io.sluice.gateway.web.Problem;
import io.sluice.gateway.wire.Places;
import io.sluice.resolver.UnavailableException;
import org.jspecify.annotations.Nullable;
import org.reactivestreams.Publisher;
import org.springframework.boot.reactor.netty.NettyRouteProvider;
import reactor.core.publisher.Mono;
import reactor.netty.http.server.HttpServerRequest;
import reactor.netty.http.server.HttpServerResponse;
import reactor.netty.http.server.HttpServerRoutes;
import reactor.netty.http.server.WebsocketServerSpec;
import reactor.netty.http.websocket.WebsocketInbound;

/** Where clients of the Centrifuge protocol connect. */
public final class SocketRoutes implements NettyRouteProvider {

    public static final String PATH = "/connection/websocket";

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

    private volatile @Nullable Ready ready;

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
                .build();
        ready = new Ready(with, sessions, spec);
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
        if (with == null) {
            return Problem.of(Problem.Kind.UNAVAILABLE, "sockets: this node does not serve yet (expected: later)")
                    .send(response);
        }
        try {
            with.serving().places().require();
        } catch (UnavailableException e) {
            return Problem.of(e).send(response);
        }
        if (!request.requestHeaders().containsValue("Upgrade", "websocket", true)) {
            return Problem.of(Problem.Kind.MALFORMED, "Upgrade: none (expected: websocket)")
                    .send(response);
        }
        return response.sendWebsocket(
                (in, out) -> {
                    // A socket may be open for days, and so would what was said before it.
                    request.requestHeaders().clear();
                    response.responseHeaders().clear();
                    return serve(in, with);
                },
                with.spec());
    }

    private static Mono<Void> serve(WebsocketInbound in, Ready with) {
        return Mono.defer(() -> {
            Channel[] channel = new Channel[1];
            in.withConnection(connection -> channel[0] = connection.channel());
            SocketClient client = new SocketClient(channel[0]);
            client.begin(with.sessions());
            with.serving().places().taken();
            Mono<Void> reading = in.aggregateFrames(with.serving().sessions().maxFrameBytes())
                    .receiveFrames()
                    .doOnNext(client::receive)
                    .then();
            return client.work().takeUntilOther(reading).then().doFinally(signal -> {
                with.serving().places().left();
                client.ended();
            });
        });
    }
}
