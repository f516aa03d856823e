package io.sluice.gateway.feed;

import io.sluice.gateway.journal.Journal;
import io.sluice.gateway.web.Address;
import io.sluice.gateway.web.Problem;
import io.sluice.resolver.Conflict;
import io.sluice.resolver.ContextKey;
import io.sluice.resolver.ContextState;
import io.sluice.resolver.ContextUpdate;
import io.sluice.resolver.Json;
import io.sluice.resolver.MarksJson;
import io.sluice.resolver.Texts;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;
import org.springframework.http.HttpHeaders;
import org.springframework.http.MediaType;
import org.springframework.web.reactive.function.server.ServerRequest;
import org.springframework.web.reactive.function.server.ServerResponse;
import reactor.core.publisher.Mono;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** What writers disagreed about: of one context what is open and what was, and of a type what comes up, as a feed. */
public final class ConflictHandler {

    private static final int DEFAULT_LIMIT = 100;
    private static final int MAX_LIMIT = 1_000;
    private static final Set<String> PARAMETERS = Set.of("limit", "after");

    private final Journal journal;

    public ConflictHandler(Journal journal) {
        this.journal = journal;
    }

    public Mono<ServerResponse> conflicts(ServerRequest request, Address address) {
        return address.id() == null ? Mono.error(onlyAsStream(request)) : ofContext(request, address.key());
    }

    private Mono<ServerResponse> ofContext(ServerRequest request, ContextKey key) {
        requireKnown(request.queryParams().keySet());
        int limit = (int) ReadHandler.number(
                request.queryParam("limit").orElse(String.valueOf(DEFAULT_LIMIT)), "limit", 1, MAX_LIMIT);
        boolean first = request.queryParam("after").isEmpty();
        long before = first
                ? Long.MAX_VALUE
                : ReadHandler.number(request.queryParam("after").orElseThrow(), "after", 0, Long.MAX_VALUE);
        return journal.states(List.of(key))
                .map(states -> Optional.ofNullable(states.get(key)))
                .map(state -> state.orElseThrow(() -> unknown(key)))
                .flatMap(state -> past(state, before, limit + 1)
                        .flatMap(past -> ServerResponse.ok()
                                .contentType(MediaType.APPLICATION_JSON)
                                .header(HttpHeaders.CACHE_CONTROL, "no-cache")
                                .bodyValue(page(state, first, past, limit))));
    }

    private static void requireKnown(Set<String> parameters) {
        parameters.stream()
                .filter(name -> !PARAMETERS.contains(name))
                .findFirst()
                .ifPresent(name -> {
                    throw Problem.of(
                                    Problem.Kind.MALFORMED,
                                    "query parameter: \"" + Texts.shown(name) + "\" (expected: limit or after)")
                            .exception();
                });
    }

    /** So many changes with something that is no longer open, or all that there are: what is still open is seldom long ago. */
    private Mono<List<ContextUpdate>> past(ContextState state, long before, int count) {
        return journal.conflicts(state.key(), before, count).flatMap(read -> {
            List<ContextUpdate> past = read.stream()
                    .filter(update -> !state.marks().conflicts().containsAll(update.conflicts()))
                    .toList();
            if (past.size() == count || read.size() < count) {
                return Mono.just(past);
            }
            return past(state, offset(read.getLast()), count - past.size())
                    .map(more -> Stream.concat(past.stream(), more.stream()).toList());
        });
    }

    /** @param past one more than the page has, if there is another page */
    private static byte[] page(ContextState state, boolean first, List<ContextUpdate> past, int limit) {
        ObjectNode json = Json.newObject();
        ArrayNode items = json.putArray("items");
        List<Conflict> open = state.marks().conflicts();
        if (first) {
            open.forEach(conflict -> items.add(item(conflict, true, state)));
        }
        for (ContextUpdate update : past.subList(0, Math.min(limit, past.size()))) {
            update.conflicts().stream()
                    .filter(conflict -> !open.contains(conflict))
                    .forEach(conflict -> items.add(item(conflict, false, update.state())));
        }
        if (past.size() > limit) {
            json.put("next", String.valueOf(offset(past.get(limit - 1))));
        } else {
            json.putNull("next");
        }
        return Json.bytes(json);
    }

    private static long offset(ContextUpdate update) {
        return update.state().position().offset();
    }

    /** @param at an open conflict is of the present state, a past one of the state that it made */
    private static ObjectNode item(Conflict conflict, boolean open, ContextState at) {
        return MarksJson.conflict(conflict)
                .put("open", open)
                .put("incarnation", at.revision().incarnation())
                .put("version", at.revision().version())
                .put("time", at.position().time().toString());
    }

    private static RuntimeException unknown(ContextKey key) {
        return Problem.of(
                        Problem.Kind.NOT_FOUND,
                        "context: " + key.path() + " was never written (expected: one that was)")
                .exception();
    }

    private static RuntimeException onlyAsStream(ServerRequest request) {
        return Problem.of(
                        Problem.Kind.MALFORMED,
                        "Accept: " + request.headers().accept() + " (expected: text/event-stream)")
                .exception();
    }
}
