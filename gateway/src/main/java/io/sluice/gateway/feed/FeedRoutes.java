package io.sluice.gateway.feed;

import io.netty.channel.Channel;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaderValues;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.handler.codec.http.HttpMethod;
import io.netty.handler.codec.http.HttpVersion;
import io.sluice.backpressure.ContextTypes;
import io.sluice.backpressure.Hub;
import io.sluice.gateway.journal.Journal;
import io.sluice.gateway.settings.SluiceSettings.Feeds;
import io.sluice.gateway.settings.SluiceSettings.Limits;
import io.sluice.gateway.web.Cors;
import io.sluice.gateway.web.Problem;
import io.sluice.gateway.wire.Framing;
import io.sluice.gateway.wire.Places;
import io.sluice.gateway.wire.WireConnection;
import io.sluice.resolver.Json;
import io.sluice.resolver.Texts;
import java.io.ByteArrayOutputStream;
import java.time.Instant;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.reactivestreams.Publisher;
import org.springframework.boot.reactor.netty.NettyRouteProvider;
import reactor.core.Disposable;
import reactor.core.Disposables;
import reactor.core.publisher.Mono;
import reactor.core.scheduler.Schedulers;
import reactor.netty.http.server.HttpServerRequest;
import reactor.netty.http.server.HttpServerResponse;
import reactor.netty.http.server.HttpServerRoutes;

/**
 * Feeds as Server-Sent Events, beside everything else that the server answers: the head goes out as usual, what follows past
 * the codec, in bytes that all watchers of a view share.
 */
public final class FeedRoutes implements NettyRouteProvider {

    /** Has feeds of many contexts, and nothing else. */
    public static final String ALL = FeedRequests.FEEDS;

    private static final String EVENT_STREAM = "text/event-stream";

    /** What feeds need; there is none where the node has no part in feeds. */
    public record Serving(Hub hub, ContextTypes types, Journal journal, Places places, Feeds settings, Limits limits) {}

    private final Cors cors;
    private volatile @Nullable Serving serving;
    private volatile @Nullable FeedRequests requests;

    public FeedRoutes(Cors cors) {
        this.cors = cors;
    }

    /** To be called before the server listens. */
    public void serve(Serving with) {
        requests = new FeedRequests(
                with.types(), with.settings().retry(), Json.strict(with.limits().depth()));
        serving = with;
    }

    @Override
    public HttpServerRoutes apply(HttpServerRoutes routes) {
        return routes.route(this::isFeed, this::answer);
    }

    private boolean isFeed(HttpServerRequest request) {
        String path = rawPath(request.uri());
        if (serving == null) {
            return false;
        }
        if (request.method().equals(HttpMethod.POST)) {
            return path.equals(FeedRequests.FEEDS);
        }
        boolean reads =
                request.method().equals(HttpMethod.GET) || request.method().equals(HttpMethod.HEAD);
        return reads && FeedRequests.isOf(path) && wantsStream(request);
    }

    private static String rawPath(String uri) {
        int query = uri.indexOf('?');
        return query < 0 ? uri : uri.substring(0, query);
    }

    /** Feeds have one address that has nothing else; elsewhere it is to be said. */
    private static boolean wantsStream(HttpServerRequest request) {
        if (rawPath(request.uri()).equals(FeedRequests.FEEDS)) {
            return true;
        }
        for (String accept : request.requestHeaders().getAll(HttpHeaderNames.ACCEPT)) {
            for (String range : accept.split(",")) {
                int parameters = range.indexOf(';');
                String type = parameters < 0 ? range : range.substring(0, parameters);
                if (type.strip().equalsIgnoreCase(EVENT_STREAM)) {
                    return true;
                }
            }
        }
        return false;
    }

    private Publisher<Void> answer(HttpServerRequest request, HttpServerResponse response) {
        cors.head(request.requestHeaders().get(HttpHeaderNames.ORIGIN), response.responseHeaders());
        Serving with = serving;
        FeedRequests reader = requests;
        if (with == null || reader == null) {
            return Problem.of(Problem.Kind.UNAVAILABLE, "feeds: this node stops (expected: another one)")
                    .send(response);
        }
        Disposable.Swap place = Disposables.swap();
        return wanted(reader, with, request)
                .doOnNext(wanted -> place.update(with.places().take()))
                .flatMap(wanted -> placed(with, wanted, response))
                .map(Optional::of)
                .onErrorResume(e -> Problem.of(e).send(response).then(Mono.just(Optional.empty())))
                .flatMap(asked -> asked.map(wanted -> answer(with, wanted, request, response, place))
                        .orElse(Mono.empty()))
                .doFinally(signal -> place.dispose());
    }

    /** With a cursor in the place of an instant. A cursor that came with it is from later in the same feed. */
    private static Mono<FeedRequest> placed(Serving with, FeedRequest wanted, HttpServerResponse response) {
        Instant since = wanted.since();
        if (since == null || !wanted.resume().isEmpty()) {
            return Mono.just(wanted);
        }
        return with.journal()
                .behind(wanted.selection().partitions(with.types()), since)
                .map(next -> wanted.from(with.hub().cursor(wanted.view(), since, next)))
                .publishOn(Schedulers.fromExecutor(channel(response).eventLoop()));
    }

    private static Mono<FeedRequest> wanted(FeedRequests reader, Serving with, HttpServerRequest request) {
        String lastEventId = request.requestHeaders().get("Last-Event-ID");
        boolean gzip = with.settings().compression()
                && AcceptEncoding.allowsGzip(request.requestHeaders().getAll(HttpHeaderNames.ACCEPT_ENCODING));
        if (!request.method().equals(HttpMethod.POST)) {
            return Mono.fromCallable(() -> reader.ofAddress(request.uri(), lastEventId, gzip));
        }
        String type = request.requestHeaders().get(HttpHeaderNames.CONTENT_TYPE, "application/json");
        if (!type.split(";", 2)[0].strip().equalsIgnoreCase("application/json")) {
            return Mono.error(Problem.of(
                            Problem.Kind.UNSUPPORTED_MEDIA_TYPE,
                            "Content-Type: \"" + Texts.shown(type) + "\" (expected: application/json)")
                    .exception());
        }
        return body(request, (int) with.limits().body().toBytes())
                .map(body -> reader.ofBody(request.uri(), body, lastEventId, gzip));
    }

    private static Mono<byte[]> body(HttpServerRequest request, int most) {
        return request.receive()
                .asByteArray()
                .collect(ByteArrayOutputStream::new, (all, part) -> {
                    if (all.size() + part.length > most) {
                        throw Problem.of(
                                        Problem.Kind.TOO_LARGE,
                                        "body: more than " + most + " bytes (expected: at most " + most + " bytes)")
                                .exception();
                    }
                    all.writeBytes(part);
                })
                .map(ByteArrayOutputStream::toByteArray);
    }

    private Mono<Void> answer(
            Serving with,
            FeedRequest wanted,
            HttpServerRequest request,
            HttpServerResponse response,
            Disposable place) {
        head(wanted, response);
        if (request.version().equals(HttpVersion.HTTP_1_0)) {
            response.chunkedTransfer(false).keepAlive(false); // the body ends with the connection
        }
        return request.method().equals(HttpMethod.HEAD)
                ? response.send().then()
                : response.sendHeaders().then().then(Mono.defer(() -> begin(with, wanted, request, response, place)));
    }

    /** Never compressed by the server: what follows goes past whatever would do that. */
    private static void head(FeedRequest wanted, HttpServerResponse response) {
        response.compression(false);
        HttpHeaders headers = response.responseHeaders();
        headers.set(HttpHeaderNames.CONTENT_TYPE, EVENT_STREAM + ";charset=UTF-8");
        headers.set(HttpHeaderNames.CACHE_CONTROL, "no-store");
        headers.set("X-Accel-Buffering", "no");
        headers.add(HttpHeaderNames.VARY, HttpHeaderNames.ACCEPT_ENCODING);
        if (wanted.encoding().isCompressed()) {
            headers.set(HttpHeaderNames.CONTENT_ENCODING, HttpHeaderValues.GZIP);
        }
    }

    private static Channel channel(HttpServerResponse response) {
        Channel[] channel = new Channel[1];
        response.withConnection(connection -> channel[0] = connection.channel());
        return channel[0];
    }

    private Mono<Void> begin(
            Serving with,
            FeedRequest wanted,
            HttpServerRequest request,
            HttpServerResponse response,
            Disposable place) {
        Channel channel = channel(response);
        boolean http2 = channel.pipeline().get(reactor.netty.NettyPipeline.H2ToHttp11Codec) != null;
        WireConnection connection = WireConnection.take(channel, Framing.of(request.version(), http2));
        connection.write(wanted.encoding().greeting());
        connection.flush();
        // A feed may last for days, and so would what was said before it.
        request.requestHeaders().clear();
        response.responseHeaders().clear();
        Hub.Subscription subscription = with.hub().watch(wanted.view(), wanted.policy(), wanted.resume(), connection);
        connection.listen(new WireConnection.Listener() {
            private boolean gone;

            @Override
            public void writable() {
                subscription.writable();
            }

            @Override
            public void gone() {
                if (!gone) {
                    gone = true;
                    place.dispose();
                    subscription.leave();
                }
            }
        });
        return Mono.never();
    }
}
