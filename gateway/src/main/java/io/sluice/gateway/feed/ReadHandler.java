package io.sluice.gateway.feed;

import io.sluice.backpressure.UpdateJson;
import io.sluice.cache.ContextCache;
import io.sluice.gateway.journal.Journal;
import io.sluice.gateway.web.Address;
import io.sluice.gateway.web.Problem;
import io.sluice.gateway.web.StateResponses;
import io.sluice.resolver.ContextKey;
import io.sluice.resolver.ContextState;
import io.sluice.resolver.Json;
import io.sluice.resolver.Texts;
import io.sluice.resolver.UnavailableException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import org.springframework.http.HttpHeaders;
import org.springframework.http.MediaType;
import org.springframework.web.reactive.function.server.ServerRequest;
import org.springframework.web.reactive.function.server.ServerResponse;
import reactor.core.publisher.Mono;
import reactor.util.retry.Retry;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** Reads over HTTP: one context, or a page of a type. */
public final class ReadHandler {

    private static final String DEFAULT_LIMIT = "100";
    private static final int MAX_LIMIT = 1_000;
    private static final Duration VERSION_PATIENCE = Duration.ofSeconds(2);
    private static final Duration VERSION_PAUSE = Duration.ofMillis(25);

    private final ContextCache cache;
    private final Journal journal;
    private final PastHandler past;

    public ReadHandler(ContextCache cache, Journal journal, PastHandler past) {
        this.cache = cache;
        this.journal = journal;
        this.past = past;
    }

    public Mono<ServerResponse> one(ServerRequest request, Address address) {
        if (!request.queryParams().isEmpty()) {
            return past.one(request, address);
        }
        ContextKey key = address.key();
        long atLeast =
                number(request.headers().firstHeader("Sluice-Min-Version"), "Sluice-Min-Version", 0, Long.MAX_VALUE);
        return state(key, atLeast)
                .flatMap(found -> found.map(ReadHandler::answer)
                        .orElseGet(() -> Mono.error(Problem.of(
                                        Problem.Kind.NOT_FOUND,
                                        "context: " + key.path() + " was never written (expected: one that was)")
                                .exception())));
    }

    private Mono<Optional<ContextState>> state(ContextKey key, long atLeast) {
        Mono<Optional<ContextState>> read = cache.get(key);
        if (atLeast == 0) {
            return read;
        }
        // The tail keeps what has been read fresh: asking again is asking this node's memory.
        return read.filter(found ->
                        found.filter(s -> s.revision().version() >= atLeast).isPresent())
                .switchIfEmpty(Mono.error(() -> new UnavailableException(
                        "version-not-there",
                        "context " + key.path() + " is not at version " + atLeast + " here (expected: later)")))
                .retryWhen(Retry.fixedDelay(VERSION_PATIENCE.dividedBy(VERSION_PAUSE), VERSION_PAUSE)
                        .onRetryExhaustedThrow((retry, signal) -> signal.failure()));
    }

    /** The document with its headers; or, of a deleted context, the problem that says so. */
    static Mono<ServerResponse> answer(ContextState state) {
        if (state.document() == null) {
            return Mono.error(Problem.of(
                            Problem.Kind.GONE,
                            "context: " + state.key().path() + " was deleted at version "
                                    + state.revision().version() + " (expected: one that exists)")
                    .with(HttpHeaders.ETAG, StateResponses.etag(state))
                    .with(
                            StateResponses.VERSION,
                            String.valueOf(state.revision().version()))
                    .exception());
        }
        return StateResponses.describe(ServerResponse.ok().contentType(MediaType.APPLICATION_JSON), state)
                .header(HttpHeaders.CACHE_CONTROL, "no-cache")
                .bodyValue(state.document().json());
    }

    /** A page of a type, by the bytes of the ids. */
    public Mono<ServerResponse> list(ServerRequest request, Address address) {
        Parameters parameters = Parameters.ofQuery(request.uri().toString());
        parameters.requireOnly(List.of("limit"), List.of("after"));
        int limit = (int) number(parameters.one("limit", DEFAULT_LIMIT), "limit", 1, MAX_LIMIT);
        String after = id(parameters.one("after", ""));
        return journal.states(ContextKey.DEFAULT_TENANT, address.type().name(), after, limit)
                .flatMap(page -> ServerResponse.ok()
                        .contentType(MediaType.APPLICATION_JSON)
                        .header(HttpHeaders.CACHE_CONTROL, "no-cache")
                        .bodyValue(page(page.states(), limit)));
    }

    private static byte[] page(List<ContextState> states, int limit) {
        ObjectNode json = Json.newObject();
        ArrayNode items = json.putArray("items");
        states.forEach(state -> items.add(UpdateJson.snapshot(state)));
        if (states.size() < limit) {
            json.putNull("next");
        } else {
            String last = states.getLast().key().id();
            json.put(
                    "next",
                    Base64.getUrlEncoder().withoutPadding().encodeToString(last.getBytes(StandardCharsets.UTF_8)));
        }
        return Json.bytes(json);
    }

    private static String id(String after) {
        try {
            return new String(Base64.getUrlDecoder().decode(after), StandardCharsets.UTF_8);
        } catch (IllegalArgumentException e) {
            throw malformed("after", after, "what `next` of the page before said");
        }
    }

    static long number(@org.jspecify.annotations.Nullable String text, String name, long min, long max) {
        if (text == null) {
            return 0;
        }
        try {
            long number = Long.parseLong(text.strip());
            if (number >= min && number <= max) {
                return number;
            }
        } catch (NumberFormatException e) {
            // Said below.
        }
        throw malformed(name, text, min + " to " + max);
    }

    private static RuntimeException malformed(String name, String value, String expected) {
        return Problem.of(
                        Problem.Kind.MALFORMED, name + ": \"" + Texts.shown(value) + "\" (expected: " + expected + ")")
                .exception();
    }
}
