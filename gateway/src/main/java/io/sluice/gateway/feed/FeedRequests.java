package io.sluice.gateway.feed;

import io.sluice.backpressure.ContextTypes;
import io.sluice.backpressure.Selection;
import io.sluice.gateway.web.Address;
import io.sluice.gateway.web.Problem;
import io.sluice.resolver.ContextKey;
import io.sluice.resolver.Json;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Locale;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/** Reads requests for feeds. What is wrong with one is a {@link io.sluice.gateway.web.ProblemException}. */
final class FeedRequests {

    static final String FEEDS = "/v1/feeds";

    /** So many contexts can an address name. */
    static final int MAX_KEYS = 1_000;

    /** So many contexts can a body name. */
    static final int MAX_KEYS_IN_BODY = 10_000;

    private static final List<String> EVERYWHERE = List.of("lastEventId", "since", "policy", "event", "deltas");
    private static final List<String> OF_CONTEXTS = List.of("filter", "fields");
    private static final List<String> IN_BODY =
            List.of("keys", "types", "filter", "fields", "policy", "deltas", "event");

    private final ContextTypes types;
    private final Duration retry;
    private final Json json;
    private final InstantSource clock = InstantSource.system();
    private final Filters filters = new Filters();

    /** @param json for bodies */
    FeedRequests(ContextTypes types, Duration retry, Json json) {
        this.types = types;
        this.retry = retry;
        this.json = json;
    }

    /** Whether it is the address of a feed, if an event stream is wanted. */
    static boolean isOf(String rawPath) {
        return rawPath.equals(FEEDS) || Address.matches(rawPath);
    }

    /** @param uri as it came @param lastEventId the header; null: none @param gzip whether to compress */
    FeedRequest ofAddress(String uri, @Nullable String lastEventId, boolean gzip) {
        int query = uri.indexOf('?');
        String path = query < 0 ? uri : uri.substring(0, query);
        Parameters parameters = Parameters.ofQuery(uri);
        Selection selection = path.equals(FEEDS) ? several(parameters) : of(Address.parse(path, types), parameters);
        String fields = parameters.one("fields");
        return request(
                selection,
                parameters,
                fields == null ? List.of() : List.of(fields.split(",", -1)),
                lastEventId != null ? lastEventId : parameters.one("lastEventId", ""),
                parameters.one("since"),
                gzip);
    }

    /** @param uri of {@link #FEEDS} @param lastEventId the header; null: none @param gzip whether to compress */
    FeedRequest ofBody(String uri, byte[] body, @Nullable String lastEventId, boolean gzip) {
        Parameters query = Parameters.ofQuery(uri);
        query.requireOnly(List.of("lastEventId"), List.of("since"));
        Parameters parameters = Parameters.ofBody(body, json);
        parameters.requireOnly(IN_BODY, List.of());
        return request(
                several(parameters.all("keys"), parameters.all("types"), MAX_KEYS_IN_BODY),
                parameters,
                parameters.all("fields"),
                lastEventId != null ? lastEventId : query.one("lastEventId", ""),
                query.one("since"),
                gzip);
    }

    private FeedRequest request(
            Selection selection,
            Parameters parameters,
            List<String> fields,
            String resume,
            @Nullable String since,
            boolean gzip) {
        SseEncoding encoding = new SseEncoding(
                !isUnnamed(parameters), parameters.isTrue("deltas"), Projection.of(fields), retry.toMillis());
        return new FeedRequest(
                selection,
                filters.of(parameters.one("filter")),
                gzip ? new GzipEncoding(encoding) : encoding,
                PolicyText.parse(parameters.one("policy", "conflate")),
                resume,
                since == null ? null : PastInstant.parse("since", since, clock.instant()));
    }

    private static Selection of(Address address, Parameters parameters) {
        String type = address.type().name();
        if (address.id() != null && address.part() != Address.Part.ITSELF) {
            throw Problem.of(
                            Problem.Kind.NOT_FOUND,
                            "feed: of the " + address.part().name().toLowerCase(Locale.ROOT)
                                    + " of one context (expected: /v1/conflicts/<type>, or the context itself, whose"
                                    + " updates have its conflicts)")
                    .exception();
        }
        if (address.id() != null) {
            parameters.requireOnly(EVERYWHERE, OF_CONTEXTS);
            return new Selection.One(address.key());
        }
        if (address.part() == Address.Part.CONFLICTS) {
            parameters.requireOnly(EVERYWHERE, List.of());
            return new Selection.OfType(ContextKey.DEFAULT_TENANT, type, true);
        }
        parameters.requireOnly(EVERYWHERE, List.of("filter", "fields", "id"));
        List<String> ids = parameters.all("id");
        if (ids.isEmpty()) {
            return new Selection.OfType(ContextKey.DEFAULT_TENANT, type);
        }
        requireAtMost(MAX_KEYS, ids);
        return Selection.of(
                ContextKey.DEFAULT_TENANT,
                ids.stream().map(id -> ofType(type, id)).toList(),
                new TreeSet<>());
    }

    private Selection several(Parameters parameters) {
        parameters.requireOnly(EVERYWHERE, List.of("filter", "fields", "key", "type"));
        return several(parameters.all("key"), parameters.all("type"), MAX_KEYS);
    }

    private Selection several(List<String> keys, List<String> wanted, int maxKeys) {
        if (keys.isEmpty() && wanted.isEmpty()) {
            throw Parameters.malformed("key", "", "at least one key=<type>/<id> or type=<type>");
        }
        requireAtMost(maxKeys, keys);
        wanted.forEach(type -> requireType(type, types));
        return Selection.of(
                ContextKey.DEFAULT_TENANT, keys.stream().map(this::key).toList(), new TreeSet<>(wanted));
    }

    private static void requireAtMost(int most, List<String> keys) {
        if (keys.size() > most) {
            throw Parameters.malformed("contexts", String.valueOf(keys.size()), "at most " + most);
        }
    }

    private ContextKey key(String text) {
        return key(text, types);
    }

    /** @param text {@code <type>/<id>}, of one of those types */
    static ContextKey key(String text, ContextTypes types) {
        int slash = text.indexOf('/');
        if (slash < 1) {
            throw Parameters.malformed("key", text, "<type>/<id>");
        }
        String type = text.substring(0, slash);
        requireType(type, types);
        return ofType(type, text.substring(slash + 1));
    }

    private static ContextKey ofType(String type, String id) {
        return new ContextKey(ContextKey.DEFAULT_TENANT, type, id);
    }

    private static void requireType(String type, ContextTypes types) {
        if (types.named(type).isEmpty()) {
            throw Address.unknownType(type, types);
        }
    }

    private static boolean isUnnamed(Parameters parameters) {
        String event = parameters.one("event", "");
        if (!event.isEmpty() && !event.equals("message")) {
            throw Parameters.malformed("event", event, "message");
        }
        return !event.isEmpty();
    }
}
