package io.sluice.gateway.endtoend;

import static io.sluice.gateway.endtoend.Api.WAIT;
import static org.assertj.core.api.Assertions.assertThat;

import io.sluice.gateway.endtoend.Api.Answer;
import io.sluice.gateway.endtoend.Feed.Event;
import io.sluice.resolver.Json;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** Feeds of what an expression holds of, and of some fields of it. */
@EndToEnd
class FilterTest {

    private final Gateway gateway = Stack.gateway();
    private final Api api = gateway.api();

    private static String encoded(String text) {
        return URLEncoder.encode(text, StandardCharsets.UTF_8);
    }

    private static String path(String id) {
        return "/v1/contexts/customer/" + id;
    }

    /** The names of all events, with the versions that they tell of. */
    private static List<String> story(Feed feed) {
        return feed.events().stream()
                .map(event -> event.name() + (event.version() < 0 ? "" : " " + event.version()))
                .toList();
    }

    @Test
    void aFeedHasWhatTheFilterHoldsOfAndSaysWhatLeaves() {
        String in = Stack.fresh("filter");
        String out = Stack.fresh("filter");
        api.put(path(in), "{\"plan\":\"gold\",\"n\":1}", WAIT);
        api.put(path(out), "{\"plan\":\"silver\",\"n\":1}", WAIT);
        String address = "/v1/contexts/customer?deltas=true&id=" + in + "&id=" + out + "&filter="
                + encoded("state.plan == 'gold'");
        try (Feed feed = gateway.watch(address)) {
            assertThat(feed.awaitReady().json().get("contexts").asInt()).isEqualTo(1);
            api.patch(path(out), "{\"n\":2}", WAIT); // is out, and was
            api.patch(path(in), "{\"n\":2}", WAIT); // stays
            api.patch(path(out), "{\"plan\":\"gold\"}", WAIT); // comes in
            api.patch(path(in), "{\"plan\":\"silver\"}", WAIT); // leaves
            api.patch(path(in), "{\"n\":3}", WAIT);
            api.delete(path(in), WAIT); // was out
            api.put(path(in), "{\"plan\":\"gold\"}", WAIT); // there again
            api.delete(path(in), WAIT); // was in
            feed.await("deleted");
            assertThat(story(feed))
                    .containsExactly("snapshot 1", "ready", "update 2", "update 3", "removed", "update 6", "deleted 7");
            List<Event> updates = feed.events("update");
            assertThat(updates.get(0).json().get("delta").toString()).isEqualTo("{\"n\":2}");
            assertThat(updates.get(1).json().get("state").toString()).isEqualTo("{\"plan\":\"gold\",\"n\":2}");
            assertThat(updates.get(1).key()).isEqualTo("customer/" + out);
            assertThat(feed.events("removed").getFirst().data()).isEqualTo("{\"key\":\"customer/" + in + "\"}");
            assertThat(feed.events("removed").getFirst().id()).isNotNull();
        }
    }

    @Test
    void unnamedEventsSayThatTheyRemove() {
        String id = Stack.fresh("filter");
        api.put(path(id), "{\"n\":1}", WAIT);
        try (Feed feed = gateway.watch(path(id) + "?event=message&filter=" + encoded("state.n < 2"))) {
            feed.await("message", event -> event.json().get("event").asString().equals("ready"));
            api.put(path(id), "{\"n\":2}", WAIT);
            Event removed = feed.await(
                    "message", event -> event.json().get("event").asString().equals("removed"));
            assertThat(removed.data()).isEqualTo("{\"event\":\"removed\",\"key\":\"customer/" + id + "\"}");
        }
    }

    @Test
    void aResumeOnAnotherNodeTellsWhatLeftMeanwhile() {
        String a = Stack.fresh("filter");
        String b = Stack.fresh("filter");
        api.put(path(a), "{\"n\":1}", WAIT);
        api.put(path(b), "{\"n\":9}", WAIT);
        String address = "/v1/contexts/customer?id=" + a + "&id=" + b + "&filter=" + encoded("state.n < 5");
        String last;
        try (Feed feed = gateway.watch(address)) {
            feed.awaitReady();
            last = feed.lastId();
        }
        api.put(path(a), "{\"n\":6}", WAIT);
        api.put(path(b), "{\"n\":2}", WAIT);
        try (Gateway another = Stack.another("--sluice.roles=publish,feed");
                Feed again = another.watch(address, "Last-Event-ID", last)) {
            again.awaitReady();
            assertThat(again.names()).containsExactlyInAnyOrder("removed", "update", "ready");
            assertThat(again.events("update").getFirst().key()).isEqualTo("customer/" + b);
        }
        try (Feed foreign = gateway.watch(address.replace("5", "6"), "Last-Event-ID", last)) {
            foreign.awaitReady();
            assertThat(foreign.names().getFirst()).isEqualTo("reset");
        }
        try (Feed projected = gateway.watch(address + "&fields=n&deltas=true", "Last-Event-ID", last)) {
            projected.awaitReady();
            assertThat(projected.names()).doesNotContain("reset");
        }
    }

    @Test
    void fieldsAreAllThatIsSeen() {
        String id = Stack.fresh("fields");
        api.put(path(id), "{\"name\":\"Ada\",\"address\":{\"city\":\"Ulm\",\"zip\":\"1\"},\"n\":1}", WAIT);
        try (Feed whole = gateway.watch(path(id) + "?fields=name,address.city");
                Feed deltas = gateway.watch(
                        path(id) + "?fields=name,address.city&deltas=true&filter=" + encoded("state.n > 0"))) {
            whole.awaitReady();
            deltas.awaitReady();
            api.patch(path(id), "{\"n\":2}", WAIT);
            api.patch(path(id), "{\"address\":{\"zip\":\"2\"}}", WAIT);
            api.patch(path(id), "{\"address\":{\"city\":\"Bonn\"},\"n\":3}", WAIT);
            api.delete(path(id), WAIT);
            for (Feed feed : List.of(whole, deltas)) {
                feed.await("deleted");
                assertThat(story(feed)).containsExactly("snapshot 1", "ready", "update 4", "deleted 5");
                assertThat(feed.events("snapshot")
                                .getFirst()
                                .json()
                                .get("state")
                                .toString())
                        .isEqualTo("{\"name\":\"Ada\",\"address\":{\"city\":\"Ulm\"}}");
            }
            assertThat(whole.events("update").getFirst().json().get("state").toString())
                    .isEqualTo("{\"name\":\"Ada\",\"address\":{\"city\":\"Bonn\"}}");
            assertThat(deltas.events("update").getFirst().json().get("delta").toString())
                    .isEqualTo("{\"address\":{\"city\":\"Bonn\"}}");
            assertThat(deltas.events("update").getFirst().json().has("replaced"))
                    .isFalse();
        }
    }

    @Test
    void aLongListIsPosted() {
        String first = Stack.fresh("posted");
        ObjectNode wanted = Json.newObject();
        ArrayNode keys = wanted.putArray("keys");
        IntStream.range(0, 9_999).forEach(i -> keys.add("customer/posted-" + first + "-" + i));
        keys.add("customer/" + first);
        wanted.put("filter", "state.n > 1").put("deltas", true).put("policy", "every");
        wanted.putArray("fields").add("n");
        api.put(path(first), "{\"n\":1,\"z\":1}", WAIT);
        String last;
        try (Feed feed = gateway.watchPosted(wanted.toString())) {
            assertThat(feed.awaitReady().json().get("contexts").asInt()).isZero();
            assertThat(feed.headers().firstValue("Content-Type").orElse("")).startsWith("text/event-stream");
            api.put(path(first), "{\"n\":2,\"z\":1}", WAIT);
            feed.awaitVersion("customer/" + first, 2);
            assertThat(feed.events("update").getFirst().json().get("state").toString())
                    .isEqualTo("{\"n\":2}");
            last = feed.lastId();
        }
        api.put(path(first), "{\"n\":3}", WAIT);
        try (Feed again = gateway.watchPosted(wanted.toString(), "Last-Event-ID", last)) {
            again.awaitReady();
            assertThat(again.names()).containsExactly("update", "ready");
        }
        try (Feed types = gateway.watchPosted("{\"types\":[\"lonely\"],\"event\":\"message\"}")) {
            types.await("message", event -> event.json().get("event").asString().equals("ready"));
        }
    }

    @Test
    void whatIsWrongIsSaidBeforeTheStreamBegins() {
        Map<String, String> addresses = Map.of(
                "/v1/contexts/customer?filter=" + encoded("state.n =="),
                "at 1:",
                "/v1/contexts/customer?filter=" + encoded("1 + 1"),
                "truth value",
                "/v1/contexts/customer?filter=" + encoded("nope"),
                "nope",
                "/v1/contexts/customer?filter=",
                "truth value",
                "/v1/contexts/customer?filter=true&filter=true",
                "once",
                "/v1/contexts/customer?fields=",
                "names of members",
                "/v1/contexts/customer?fields=a,,b",
                "names of members",
                "/v1/feeds?type=customer&fields=a..b",
                "names of members",
                "/v1/conflicts/customer?filter=true",
                "query parameter");
        addresses.forEach((path, expected) ->
                require(path, api.get(path, "Accept", "text/event-stream"), 400, "malformed", expected));
        Map<String, String> bodies = new LinkedHashMap<>();
        bodies.put("", "JSON");
        bodies.put("[]", "not an object");
        bodies.put("{\"keys\":[]}", "at least one");
        bodies.put("{\"types\":[\"customer\"],\"foo\":1}", "foo");
        bodies.put("{\"types\":[\"customer\"],\"foo\":\"1\"}", "foo");
        bodies.put("{\"types\":[\"customer\"],\"types\":[]}", "twice");
        bodies.put("{\"types\":[\"customer\"],\"filter\":\"nope\"}", "nope");
        bodies.put("{\"types\":[\"customer\"],\"filter\":7}", "filter");
        bodies.put("{\"keys\":[\"customer\"]}", "<type>/<id>");
        bodies.put("{\"keys\":[{}]}", "keys");
        bodies.put(
                "{\"keys\":["
                        + IntStream.range(0, 10_001)
                                .mapToObj(i -> "\"customer/" + i + "\"")
                                .collect(Collectors.joining(","))
                        + "]}",
                "at most 10000");
        bodies.forEach((body, expected) -> require(
                body, api.post("/v1/feeds", body, "Content-Type", "application/json"), 400, "malformed", expected));
        String large = "{\"filter\":\"" + " ".repeat(1 << 20) + "\"}";
        require(large, api.post("/v1/feeds", large, "Content-Type", "application/json"), 413, "too-large", "body");
        require(
                "text",
                api.post("/v1/feeds", "{}", "Content-Type", "text/plain"),
                415,
                "unsupported-media-type",
                "json");
        require("type", api.post("/v1/feeds", "{\"types\":[\"nope\"]}"), 404, "unknown-type", "nope");
    }

    private static void require(String what, Answer answer, int status, String code, String expected) {
        String shown = what.length() < 200 ? what : what.substring(0, 200);
        assertThat(answer.status()).as(shown).isEqualTo(status);
        Problems.require(answer, code);
        assertThat(answer.json().get("detail").asString()).as(shown).contains(expected);
    }

    /** Whoever follows a filtered feed holds what the filter holds of, whatever comes and goes. */
    @Test
    void whatAReaderHoldsIsWhatTheFilterHoldsOf() {
        long seed = Long.getLong("sluice.test.seed", System.nanoTime());
        Random random = new Random(seed);
        List<String> ids =
                IntStream.range(0, 5).mapToObj(i -> Stack.fresh("held")).toList();
        String list = ids.stream().map(id -> "id=" + id).collect(Collectors.joining("&"));
        String base = "/v1/contexts/customer?" + list + "&filter=";
        List<String> filters = List.of(
                "state.n % 2 == 0",
                "state.n > 3 && (before == null || before.n <= 3)", "cause.writer == 'crm'", "version % 3 != 0");
        List<Feed> feeds = new ArrayList<>();
        for (String filter : filters) {
            feeds.add(gateway.watch(base + encoded(filter)));
            feeds.add(gateway.watch(base + encoded(filter) + "&deltas=true"));
        }
        feeds.forEach(Feed::awaitReady);
        for (int i = 0; i < 120; i++) {
            String id = ids.get(random.nextInt(ids.size()));
            String writer = random.nextBoolean() ? "crm" : "web";
            if (random.nextInt(6) == 0) {
                api.delete(path(id), "Sluice-Writer", writer);
            } else {
                api.put(path(id), "{\"n\":" + random.nextInt(8) + "}", "Sluice-Writer", writer);
            }
        }
        for (String id : ids) {
            api.put(path(id), "{\"n\":0}", Api.with(WAIT, "Sluice-Writer", "web"));
            api.put(path(id), "{\"n\":4}", Api.with(WAIT, "Sluice-Writer", "crm"));
        }
        Map<String, Long> versions = ids.stream()
                .collect(Collectors.toMap(
                        id -> "customer/" + id, id -> api.get(path(id)).version()));
        for (int i = 0; i < feeds.size(); i++) {
            Feed feed = feeds.get(i);
            Map<String, Long> expected = new LinkedHashMap<>(versions);
            if (i / 2 == 3) {
                expected.values().removeIf(version -> version % 3 == 0);
            }
            Awaitility.await("-Dsluice.test.seed=" + seed + " " + filters.get(i / 2))
                    .untilAsserted(() -> assertThat(held(feed)).isEqualTo(expected));
            feed.close();
        }
    }

    private static Map<String, Long> held(Feed feed) {
        Map<String, Long> held = new LinkedHashMap<>();
        for (Event event : feed.events()) {
            switch (event.name()) {
                case "snapshot", "update" -> {
                    if (event.json().has("delta")) {
                        assertThat(held.get(event.key())).as(event.toString()).isEqualTo(event.version() - 1);
                    }
                    held.put(event.key(), event.version());
                }
                case "removed", "deleted" -> held.remove(event.key());
                default -> {}
            }
        }
        return held;
    }
}
