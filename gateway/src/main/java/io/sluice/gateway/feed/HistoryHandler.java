package io.sluice.gateway.feed;

import static io.sluice.gateway.feed.Parameters.malformed;

import io.sluice.backpressure.ContextTypes;
import io.sluice.backpressure.UpdateJson;
import io.sluice.gateway.journal.Journal;
import io.sluice.gateway.journal.Journal.Stored;
import io.sluice.gateway.journal.JournalEntry;
import io.sluice.gateway.journal.JournalPage;
import io.sluice.gateway.web.Address;
import io.sluice.gateway.web.Problem;
import io.sluice.resolver.Causality;
import io.sluice.resolver.ContextKey;
import io.sluice.resolver.Json;
import io.sluice.resolver.MarksJson;
import java.nio.ByteBuffer;
import java.time.Instant;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.springframework.http.HttpHeaders;
import org.springframework.http.MediaType;
import org.springframework.web.reactive.function.server.ServerRequest;
import org.springframework.web.reactive.function.server.ServerResponse;
import reactor.core.publisher.Mono;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** Every event of a context with what became of it, in pages, the newest first. */
public final class HistoryHandler {

    private static final String DEFAULT_LIMIT = "100";
    private static final int MAX_LIMIT = 1_000;

    private final Journal journal;
    private final ContextTypes types;

    public HistoryHandler(Journal journal, ContextTypes types) {
        this.journal = journal;
        this.types = types;
    }

    /** Where a page lies. @param beyond a source offset @param ascending what is newer than that, else what is older */
    private record Place(long beyond, boolean ascending, boolean isFirst) {}

    public Mono<ServerResponse> history(ServerRequest request, Address address) {
        Parameters parameters = Parameters.ofQuery(request.uri().toString());
        parameters.requireOnly(List.of("limit", "after"), List.of("before"));
        int limit = (int) ReadHandler.number(parameters.one("limit", DEFAULT_LIMIT), "limit", 1, MAX_LIMIT);
        Place place = place(parameters.one("after"), parameters.one("before"));
        ContextKey key = address.key();
        return journal.history(key, place.beyond(), place.ascending(), limit)
                .flatMap(page -> keptSince(key)
                        .flatMap(keptSince -> page.entries().isEmpty() && place.isFirst()
                                ? requireWritten(key).thenReturn(json(page, place, keptSince))
                                : Mono.just(json(page, place, keptSince))))
                .flatMap(body -> ServerResponse.ok()
                        .contentType(MediaType.APPLICATION_JSON)
                        .header(HttpHeaders.CACHE_CONTROL, "no-cache")
                        .bodyValue(body));
    }

    /** All of its events may have been dropped. */
    private Mono<Void> requireWritten(ContextKey key) {
        return journal.states(List.of(key))
                .filter(states -> states.containsKey(key))
                .switchIfEmpty(Mono.error(() -> Problem.of(
                                Problem.Kind.NOT_FOUND,
                                "context: " + key.path() + " has no events (expected: one that was written)")
                        .exception()))
                .then();
    }

    /** From which log time on nothing of its partition was dropped; empty: nothing ever was. */
    private Mono<Optional<Instant>> keptSince(ContextKey key) {
        return journal.stored(List.of(types.partitionOf(key)))
                .map(stored -> stored.stream().findFirst().map(Stored::keptSince));
    }

    private static Place place(@Nullable String after, @Nullable String before) {
        if (after != null && before != null) {
            throw malformed("before", before, "no after beside it");
        }
        if (before != null) {
            return new Place(offset("before", before, "prev"), true, false);
        }
        return after == null
                ? new Place(Long.MAX_VALUE, false, true)
                : new Place(offset("after", after, "next"), false, false);
    }

    private static byte[] json(JournalPage page, Place place, Optional<Instant> keptSince) {
        List<JournalEntry> newestFirst = place.ascending() ? page.entries().reversed() : page.entries();
        ObjectNode json = Json.newObject();
        ArrayNode items = json.putArray("items");
        newestFirst.forEach(entry -> items.add(item(entry)));
        // Where a page was found by the cursor of another, that other lies on its far side.
        boolean older = place.ascending() || page.more();
        boolean newer = place.ascending() ? page.more() : !place.isFirst();
        long oldest = newestFirst.isEmpty() ? place.beyond() + 1 : offset(newestFirst.getLast());
        long newest = newestFirst.isEmpty() ? place.beyond() - 1 : offset(newestFirst.getFirst());
        json.put("next", older ? cursor(oldest) : null);
        json.put("prev", newer ? cursor(newest) : null);
        if (!older) {
            keptSince.ifPresent(since -> json.put("keptSince", since.toString()));
        }
        return Json.bytes(json);
    }

    private static long offset(JournalEntry entry) {
        return entry.position().offset();
    }

    private static ObjectNode item(JournalEntry entry) {
        ObjectNode json = Json.newObject();
        json.put("incarnation", entry.after() == null ? null : entry.after().incarnation());
        json.put("version", entry.after() == null ? null : entry.after().version());
        json.put("resolution", entry.resolution());
        if (entry.reason() != null) {
            json.put("reason", entry.reason()).put("detail", entry.detail());
        }
        json.put("change", entry.change());
        if (entry.delta() != null) {
            json.set("delta", entry.delta());
        } else {
            json.putNull("delta");
        }
        if (entry.document() != null) {
            json.set("state", entry.document().tree());
        } else if (entry.isVisible() && entry.delta() == null) {
            json.put("deleted", true);
        }
        json.set("cause", UpdateJson.cause(entry.cause()));
        switch (entry.causality()) {
            case Causality.Unstated unstated -> {}
            case Causality.Clock clock -> json.put("clock", clock.seen().toString());
            case Causality.BaseVersion base -> json.put("baseVersion", base.version());
        }
        if (entry.after() != null) {
            json.put("contextClock", entry.clock().toString());
        }
        json.put("logTime", entry.position().time().toString());
        json.put("source", entry.position().toString());
        MarksJson.putConflicts(json, entry.conflicts());
        MarksJson.putOperations(json, entry.operations());
        return json;
    }

    private static String cursor(long offset) {
        return Base64.getUrlEncoder()
                .withoutPadding()
                .encodeToString(ByteBuffer.allocate(Long.BYTES).putLong(offset).array());
    }

    private static long offset(String name, String cursor, String from) {
        try {
            byte[] bytes = Base64.getUrlDecoder().decode(cursor);
            if (bytes.length == Long.BYTES) {
                long offset = ByteBuffer.wrap(bytes).getLong();
                if (offset >= -1 && offset < Long.MAX_VALUE) {
                    return offset;
                }
            }
        } catch (IllegalArgumentException e) {
            // Said below.
        }
        throw malformed(name, cursor, "what `" + from + "` of another page said");
    }
}
