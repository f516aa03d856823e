package io.sluice.gateway.feed;

import io.sluice.backpressure.Hub;
import io.sluice.backpressure.Mailbox;
import io.sluice.backpressure.Selection;
import io.sluice.gateway.settings.SluiceSettings.Feeds;
import io.sluice.gateway.web.Problem;
import io.sluice.resolver.Texts;
import io.sluice.resolver.UnavailableException;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.springframework.core.io.buffer.DataBufferFactory;
import org.springframework.http.HttpHeaders;
import org.springframework.http.HttpMethod;
import org.springframework.http.MediaType;
import org.springframework.web.reactive.function.server.ServerRequest;
import org.springframework.web.reactive.function.server.ServerResponse;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

/** Feeds as Server-Sent Events: every frame is shared bytes, flushed as soon as nothing more is at hand. */
public final class WatchHandler {

    private static final MediaType EVENT_STREAM =
            new MediaType("text", "event-stream", java.nio.charset.StandardCharsets.UTF_8);
    private static final Set<String> POLICIES = Set.of("conflate", "every");

    private final Hub hub;
    private final Feeds settings;
    private final Mailbox.Settings mailbox;
    private final byte[] greeting;
    private final AtomicInteger open = new AtomicInteger();

    public WatchHandler(Hub hub, Feeds settings) {
        this.hub = hub;
        this.settings = settings;
        this.mailbox =
                new Mailbox.Settings(settings.maxFrames(), settings.maxBytes().toBytes());
        this.greeting =
                SseEncoding.bytes(": connected\n\nretry: " + settings.retry().toMillis() + "\n\n");
    }

    /** Whether the answer is to be a stream. One without a body would never end. */
    static boolean isAskedFor(ServerRequest request) {
        return request.method() != HttpMethod.HEAD
                && request.headers().accept().stream()
                        .anyMatch(type -> type.isConcrete() && type.equalsTypeAndSubtype(MediaType.TEXT_EVENT_STREAM));
    }

    Mono<ServerResponse> watch(ServerRequest request, Selection selection) {
        String resume = resume(request);
        if (open.get() >= settings.maxSubscribers()) {
            throw new UnavailableException(
                    "too-many-subscribers",
                    "open feeds: " + open.get() + " (expected: at most " + settings.maxSubscribers() + ")");
        }
        return ServerResponse.ok()
                .contentType(EVENT_STREAM)
                .header(HttpHeaders.CACHE_CONTROL, "no-store")
                .header("X-Accel-Buffering", "no")
                .body((response, context) -> {
                    DataBufferFactory buffers = response.bufferFactory();
                    // One stream of buffers, not one of groups: it is flushed whenever nothing more is at hand, and
                    // what
                    // would join the groups can lose demand.
                    return response.writeWith(feed(selection, resume).map(buffers::wrap));
                });
    }

    private Flux<byte[]> feed(Selection selection, String resume) {
        return Flux.defer(() -> {
            AtomicReference<Hub.Subscription> subscription = new AtomicReference<>();
            Mailbox connection = new Mailbox(mailbox, () -> {
                Hub.Subscription begun = subscription.get();
                if (begun != null) {
                    begun.drained();
                }
            });
            // Through the mailbox, like all else: to put a stream before another is to trust that no demand is lost
            // between.
            connection.offer(greeting);
            open.incrementAndGet();
            Hub.Subscription begun = hub.watch(selection, resume, connection);
            subscription.set(begun);
            // A mailbox that ran empty before it was known where to say so.
            begun.drained();
            return connection.frames().doFinally(signal -> {
                open.decrementAndGet();
                begun.leave();
            });
        });
    }

    private static String resume(ServerRequest request) {
        for (Map.Entry<String, List<String>> parameter : request.queryParams().entrySet()) {
            String name = parameter.getKey();
            String value = String.valueOf(parameter.getValue().getFirst());
            if (name.equals("policy") && !POLICIES.contains(value)) {
                throw malformed("policy", value, "conflate or every");
            }
            if (!name.equals("policy") && !name.equals("lastEventId")) {
                throw malformed("query parameter", name, "lastEventId or policy");
            }
        }
        String header = request.headers().firstHeader("Last-Event-ID");
        return header != null ? header : request.queryParam("lastEventId").orElse("");
    }

    private static RuntimeException malformed(String name, String value, String expected) {
        return Problem.of(
                        Problem.Kind.MALFORMED, name + ": \"" + Texts.shown(value) + "\" (expected: " + expected + ")")
                .exception();
    }
}
