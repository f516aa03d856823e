package io.sluice.gateway.feed;

import static io.sluice.gateway.feed.Parameters.malformed;

import io.sluice.backpressure.ContextTypes;
import io.sluice.gateway.journal.Journal;
import io.sluice.gateway.web.Address;
import io.sluice.gateway.web.Bodies;
import io.sluice.gateway.web.Problem;
import io.sluice.resolver.ContextKey;
import io.sluice.resolver.ContextState;
import io.sluice.resolver.Json;
import io.sluice.resolver.Texts;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Collection;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.springframework.http.HttpHeaders;
import org.springframework.http.MediaType;
import org.springframework.web.reactive.function.server.ServerRequest;
import org.springframework.web.reactive.function.server.ServerResponse;
import reactor.core.publisher.Mono;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** Contexts as they were: at a version, or at an instant of log time. */
public final class PastHandler {

    private static final int MAX_KEYS = 1_000;

    private final Journal journal;
    private final ContextTypes types;
    private final Settled settled;
    private final Json json;
    private final Bodies bodies;
    private final InstantSource clock;

    /** @param json for bodies */
    public PastHandler(
            Journal journal, ContextTypes types, Settled settled, Json json, Bodies bodies, InstantSource clock) {
        this.journal = journal;
        this.types = types;
        this.settled = settled;
        this.json = json;
        this.bodies = bodies;
        this.clock = clock;
    }

    Mono<ServerResponse> one(ServerRequest request, Address address) {
        Parameters parameters = Parameters.ofQuery(request.uri().toString());
        parameters.requireOnly(List.of("version", "incarnation"), List.of("at"));
        String version = parameters.one("version");
        String incarnation = parameters.one("incarnation");
        String at = parameters.one("at");
        if (at != null) {
            if (version != null || incarnation != null) {
                throw malformed("at", at, "no version and no incarnation beside it");
            }
            return at(address.key(), instant(at));
        }
        if (version == null) {
            throw malformed("incarnation", String.valueOf(incarnation), "a version beside it");
        }
        return version(
                address.key(),
                ReadHandler.number(version, "version", 1, Long.MAX_VALUE),
                ReadHandler.number(incarnation, "incarnation", 1, Long.MAX_VALUE));
    }

    /** @param incarnation 0: the latest */
    private Mono<ServerResponse> version(ContextKey key, long version, long incarnation) {
        return journal.state(key, version, incarnation)
                .flatMap(ReadHandler::answer)
                .switchIfEmpty(Mono.error(() -> notFound(
                        key, "has no version " + version + (incarnation > 0 ? " in incarnation " + incarnation : ""))));
    }

    private Mono<ServerResponse> at(ContextKey key, Instant time) {
        return states(List.of(key), time)
                .mapNotNull(states -> states.get(key))
                .flatMap(ReadHandler::answer)
                .switchIfEmpty(Mono.error(() -> notFound(key, "was not there yet at " + time)));
    }

    private static RuntimeException notFound(ContextKey key, String why) {
        return Problem.of(
                        Problem.Kind.NOT_FOUND,
                        "context: " + key.path() + " " + why + " (expected: one that its history has)")
                .exception();
    }

    /** Many contexts as they were at one instant. */
    public Mono<ServerResponse> cut(ServerRequest request) {
        MediaType type = Bodies.type(request);
        if (!type.equalsTypeAndSubtype(MediaType.APPLICATION_JSON)) {
            throw Problem.of(
                            Problem.Kind.UNSUPPORTED_MEDIA_TYPE,
                            "Content-Type: \"" + Texts.shown(type.toString()) + "\" (expected: application/json)")
                    .exception();
        }
        return bodies.read(request).flatMap(body -> {
            Parameters parameters = Parameters.ofBody(body, json);
            parameters.requireOnly(List.of("at"), List.of("keys"));
            String at = parameters.one("at");
            if (at == null) {
                throw malformed("at", "", "an instant, such as 2026-01-31T12:00:00Z");
            }
            Instant time = instant(at);
            Set<ContextKey> keys = keys(parameters.all("keys"));
            return states(keys, time)
                    .flatMap(states -> ServerResponse.ok()
                            .contentType(MediaType.APPLICATION_JSON)
                            .header(HttpHeaders.CACHE_CONTROL, "no-cache")
                            .bodyValue(cut(time, keys, states)));
        });
    }

    private Set<ContextKey> keys(List<String> texts) {
        if (texts.isEmpty() || texts.size() > MAX_KEYS) {
            throw malformed("keys", String.valueOf(texts.size()), "1 to " + MAX_KEYS + " of them, each <type>/<id>");
        }
        return texts.stream()
                .map(text -> FeedRequests.key(text, types))
                .collect(Collectors.toCollection(LinkedHashSet::new));
    }

    private static byte[] cut(Instant time, Set<ContextKey> keys, Map<ContextKey, ContextState> states) {
        ObjectNode json = Json.newObject().put("at", time.toString());
        ArrayNode items = json.putArray("items");
        for (ContextKey key : keys) {
            ContextState state = states.get(key);
            if (state != null) {
                items.add(item(state));
            }
        }
        return Json.bytes(json);
    }

    private static ObjectNode item(ContextState state) {
        ObjectNode item = Json.newObject()
                .put("key", state.key().path())
                .put("incarnation", state.revision().incarnation())
                .put("version", state.revision().version());
        if (state.document() == null) {
            return item.putNull("state");
        }
        item.set("state", state.document().tree());
        return item;
    }

    private Mono<Map<ContextKey, ContextState>> states(Collection<ContextKey> keys, Instant time) {
        return settled.at(keys.stream().map(types::partitionOf).collect(Collectors.toSet()), time)
                .then(Mono.defer(() -> journal.statesAt(keys, time)));
    }

    private Instant instant(String text) {
        return PastInstant.parse("at", text, clock.instant());
    }
}
