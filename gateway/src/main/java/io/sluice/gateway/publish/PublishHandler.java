package io.sluice.gateway.publish;

import io.sluice.backpressure.Announced;
import io.sluice.backpressure.CloudEvent;
import io.sluice.backpressure.ContextType;
import io.sluice.backpressure.ContextTypes;
import io.sluice.gateway.web.Address;
import io.sluice.gateway.web.Bodies;
import io.sluice.gateway.web.Problem;
import io.sluice.gateway.web.StateResponses;
import io.sluice.resolver.Change;
import io.sluice.resolver.Condition;
import io.sluice.resolver.ContextEvent;
import io.sluice.resolver.ContextKey;
import io.sluice.resolver.ContextState;
import io.sluice.resolver.Document;
import io.sluice.resolver.Json;
import io.sluice.resolver.OperationsJson;
import io.sluice.resolver.Texts;
import io.sluice.resolver.UncertainException;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import org.springframework.http.HttpHeaders;
import org.springframework.http.HttpMethod;
import org.springframework.http.MediaType;
import org.springframework.web.reactive.function.server.ServerRequest;
import org.springframework.web.reactive.function.server.ServerResponse;
import reactor.core.publisher.Mono;

/** Takes changes over HTTP: {@code PUT}, {@code PATCH} and {@code DELETE} of a context, and CloudEvents. */
public final class PublishHandler {

    private static final MediaType MERGE_PATCH = MediaType.parseMediaType("application/merge-patch+json");

    private static final MediaType OPERATIONS = MediaType.parseMediaType("application/vnd.sluice.ops+json");

    private final Publisher publisher;
    private final ContextTypes types;
    private final CloudEvents events;
    private final Json json;
    private final Bodies bodies;
    private final InstantSource clock;
    private final BulkHandler bulk;
    private final EventIds ids = new EventIds();

    public PublishHandler(
            Publisher publisher,
            ContextTypes types,
            CloudEvents events,
            Json json,
            Bodies bodies,
            InstantSource clock,
            BulkHandler bulk) {
        this.publisher = publisher;
        this.types = types;
        this.events = events;
        this.json = json;
        this.bodies = bodies;
        this.clock = clock;
        this.bulk = bulk;
    }

    public Mono<ServerResponse> put(ServerRequest request, Address address) {
        require(request, List.of(MediaType.APPLICATION_JSON), HttpHeaders.ACCEPT);
        return bodies.read(request).flatMap(body -> publish(request, address, new Change.Replace(json.object(body))));
    }

    public Mono<ServerResponse> patch(ServerRequest request, Address address) {
        require(request, List.of(MERGE_PATCH, MediaType.APPLICATION_JSON, OPERATIONS), "Accept-Patch");
        boolean operations = OPERATIONS.equalsTypeAndSubtype(Bodies.type(request));
        return bodies.read(request)
                .flatMap(body -> publish(
                        request,
                        address,
                        operations
                                ? new Change.Operate(OperationsJson.parse(json.value(body)))
                                : new Change.Patch(json.object(body))));
    }

    public Mono<ServerResponse> delete(ServerRequest request, Address address) {
        return publish(request, address, Change.DELETE);
    }

    /** One CloudEvent, binary or structured, or many. */
    public Mono<ServerResponse> event(ServerRequest request) {
        MediaType type = Bodies.type(request);
        if (BulkHandler.takes(type)) {
            return bulk.answer(request, type);
        }
        boolean structured = type.isCompatibleWith(MediaType.parseMediaType(CloudEvent.STRUCTURED));
        if (!structured && request.headers().firstHeader("ce-specversion") == null) {
            throw Problem.of(
                            Problem.Kind.UNSUPPORTED_MEDIA_TYPE,
                            "Content-Type: " + type + " (expected: " + CloudEvent.STRUCTURED
                                    + " with one event, JSON with its attributes in ce-* headers, or many events as "
                                    + BulkHandler.BATCH + " or " + BulkHandler.LINES + ")")
                    .with(
                            "Accept-Post",
                            String.join(
                                    ", ",
                                    CloudEvent.STRUCTURED,
                                    MediaType.APPLICATION_JSON_VALUE,
                                    BulkHandler.BATCH.toString(),
                                    BulkHandler.LINES.toString()))
                    .exception();
        }
        return bodies.read(request).flatMap(body -> {
            ContextEvent event =
                    structured ? events.structured(body) : events.binary(attributes(request), type.toString(), body);
            return publish(request, event, Requested.wait(request, Condition.NONE));
        });
    }

    private static Map<String, String> attributes(ServerRequest request) {
        Map<String, String> attributes = new TreeMap<>();
        request.headers().asHttpHeaders().forEach((name, values) -> {
            String lower = name.toLowerCase(Locale.ROOT);
            if (lower.startsWith("ce-")) {
                attributes.put(lower.substring(3), decoded(lower, values.getFirst()));
            }
        });
        return attributes;
    }

    private static String decoded(String name, String value) {
        try {
            return URLDecoder.decode(value.replace("+", "%2B"), StandardCharsets.UTF_8);
        } catch (IllegalArgumentException e) {
            throw Problem.of(
                            Problem.Kind.MALFORMED,
                            name + ": \"" + Texts.shown(value) + "\" (expected: UTF-8, percent-encoded)")
                    .exception();
        }
    }

    private static void require(ServerRequest request, List<MediaType> allowed, String hint) {
        MediaType type = Bodies.type(request);
        if (allowed.stream().noneMatch(media -> media.equalsTypeAndSubtype(type))) {
            String expected = MediaType.toString(allowed);
            throw Problem.of(
                            Problem.Kind.UNSUPPORTED_MEDIA_TYPE,
                            "Content-Type: " + type + " (expected: " + expected + ")")
                    .with(hint, expected)
                    .exception();
        }
    }

    private Mono<ServerResponse> publish(ServerRequest request, Address address, Change change) {
        ContextKey key = address.key();
        Condition condition = Requested.condition(request);
        ContextEvent event = new ContextEvent(
                key,
                Requested.cause(request, key.type(), clock.instant(), ids),
                Requested.causality(request),
                condition,
                change);
        return publish(request, event, Requested.wait(request, condition));
    }

    private Mono<ServerResponse> publish(ServerRequest request, ContextEvent event, @Nullable Duration wait) {
        ContextType type = types.ofKey(event.key());
        boolean delete = request.method() == HttpMethod.DELETE;
        return publisher
                .publish(event, type, wait)
                .flatMap(outcome -> resolved(event, outcome, Objects.requireNonNull(wait), delete))
                .switchIfEmpty(Mono.defer(() -> accepted(event)))
                .onErrorMap(
                        UncertainException.class,
                        e -> Problem.of(e).ofEvent(event.identity().eventId()).exception());
    }

    private static Mono<ServerResponse> accepted(ContextEvent event) {
        return ServerResponse.accepted()
                .contentType(MediaType.APPLICATION_JSON)
                .header("Sluice-Event-Id", event.identity().eventId())
                .bodyValue(Json.bytes(Json.newObject()
                        .put("eventId", event.identity().eventId())
                        .put("key", event.key().path())
                        .put("watch", Address.of(event.key()))));
    }

    private static Mono<ServerResponse> resolved(ContextEvent event, Announced outcome, Duration wait, boolean delete) {
        Announced.Told told = Objects.requireNonNull(outcome.told());
        if (told.resolution().equals("rejected")) {
            return rejected(event, outcome, told);
        }
        ContextState state = outcome.state();
        if (state == null && outcome.isVisible()) {
            return accepted(event); // What it came to cannot be read.
        }
        Document document = delete || state == null ? null : state.document();
        ServerResponse.BodyBuilder response = document == null
                ? ServerResponse.status(204)
                : ServerResponse.ok().contentType(MediaType.APPLICATION_JSON);
        response.header("Preference-Applied", "wait=" + wait.toSeconds())
                .header("Sluice-Event-Id", event.identity().eventId())
                .header("Sluice-Resolution", told.resolution());
        if (state != null) {
            StateResponses.describe(response, state);
        }
        return document == null ? response.build() : response.bodyValue(document.json());
    }

    private static Mono<ServerResponse> rejected(ContextEvent event, Announced outcome, Announced.Told told) {
        Problem problem = problem(told).ofEvent(event.identity().eventId());
        ContextState state = outcome.state();
        return (state == null
                        ? problem
                        : problem.with(HttpHeaders.ETAG, StateResponses.etag(state))
                                .with(
                                        StateResponses.VERSION,
                                        String.valueOf(state.revision().version())))
                .response();
    }

    /** What is said of an event that was rejected. */
    static Problem problem(Announced.Told told) {
        Problem.Kind kind = switch (String.valueOf(told.reason())) {
            case "condition-not-met" -> Problem.Kind.CONDITION_NOT_MET;
            case "internal" -> Problem.Kind.INTERNAL;
            case "too-late", "base-version-unknown", "revision-unknown" -> Problem.Kind.STALE;
            default -> Problem.Kind.REJECTED;
        };
        String detail = kind == Problem.Kind.REJECTED || kind == Problem.Kind.STALE
                ? told.reason() + ": " + told.detail()
                : String.valueOf(told.detail());
        return Problem.of(kind, detail);
    }
}
