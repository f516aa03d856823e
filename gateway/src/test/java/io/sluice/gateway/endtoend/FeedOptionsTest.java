package io.sluice.gateway.endtoend;

import static io.sluice.gateway.endtoend.Api.WAIT;
import static org.assertj.core.api.Assertions.assertThat;

import io.sluice.gateway.endtoend.Api.Answer;
import io.sluice.gateway.endtoend.Feed.Event;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;

/** What can be said of a feed when it is asked for. */
@EndToEnd
class FeedOptionsTest {

    private final Gateway gateway = Stack.gateway();
    private final Api api = gateway.api();

    @Test
    void aListOfContextsIsOneFeed() {
        String a = Stack.fresh("list");
        String b = Stack.fresh("list");
        String other = Stack.fresh("list");
        api.put("/v1/contexts/customer/" + a, "{\"n\":1}", WAIT);
        api.put("/v1/contexts/customer/" + other, "{\"n\":1}", WAIT);
        String path = "/v1/contexts/customer?id=" + a + "&id=" + b;
        String last;
        try (Feed feed = gateway.watch(path)) {
            assertThat(feed.awaitReady().json().get("contexts").asInt()).isEqualTo(1);
            api.put("/v1/contexts/customer/" + other, "{\"n\":2}", WAIT);
            api.put("/v1/contexts/customer/" + b, "{\"n\":1}", WAIT);
            feed.awaitVersion("customer/" + b, 1);
            assertThat(feed.events().stream().map(Event::key).toList())
                    .containsExactly("customer/" + a, "", "customer/" + b);
            last = feed.lastId();
        }
        api.put("/v1/contexts/customer/" + a, "{\"n\":2}", WAIT);
        try (Feed again = gateway.watch(path, "Last-Event-ID", last)) {
            again.awaitReady();
            assertThat(again.names()).containsExactly("update", "ready");
        }
        try (Feed foreign = gateway.watch("/v1/contexts/customer?id=" + a, "Last-Event-ID", last)) {
            foreign.awaitReady();
            assertThat(foreign.names().getFirst()).isEqualTo("reset");
        }
    }

    @Test
    void severalTypesAndContextsAreOneFeedToo() {
        String a = Stack.fresh("several");
        String lonely = Stack.fresh("several");
        api.put("/v1/contexts/customer/" + a, "{\"n\":1}", WAIT);
        api.put("/v1/contexts/lonely/" + lonely, "{\"n\":1}", WAIT);
        String path = "/v1/feeds?key=customer/" + a + "&type=lonely";
        String last;
        try (Feed feed = gateway.watch(path)) {
            feed.awaitReady();
            assertThat(feed.events("snapshot").stream().map(Event::key).toList())
                    .startsWith("customer/" + a)
                    .contains("lonely/" + lonely);
            api.put("/v1/contexts/lonely/" + lonely, "{\"n\":2}", WAIT);
            api.put("/v1/contexts/customer/" + a, "{\"n\":2}", WAIT);
            feed.awaitVersion("lonely/" + lonely, 2);
            feed.awaitVersion("customer/" + a, 2);
            last = feed.lastId();
        }
        api.put("/v1/contexts/lonely/" + lonely, "{\"n\":3}", WAIT);
        api.put("/v1/contexts/customer/" + a, "{\"n\":3}", WAIT);
        try (Gateway another = Stack.another("--sluice.roles=publish,feed");
                Feed again = another.watch(path, "Last-Event-ID", last)) {
            again.awaitReady();
            assertThat(again.events("update").stream().map(Event::key).toList())
                    .containsExactlyInAnyOrder("customer/" + a, "lonely/" + lonely);
            assertThat(again.names()).doesNotContain("reset", "snapshot");
        }
    }

    @Test
    void unnamedEventsCarryTheirNames() {
        String path = "/v1/contexts/customer/" + Stack.fresh("unnamed");
        api.put(path, "{\"n\":1}", WAIT);
        try (Feed feed = gateway.watch(path + "?event=message")) {
            feed.await("message", event -> event.json().get("event").asString().equals("ready"));
            api.put(path, "{\"n\":2}", WAIT);
            api.delete(path, WAIT);
            feed.await("message", event -> event.json().get("event").asString().equals("deleted"));
            assertThat(feed.events().stream()
                            .map(event -> event.json().get("event").asString())
                            .toList())
                    .containsExactly("snapshot", "ready", "update", "deleted");
        }
    }

    @Test
    void deltasSayWhatIsOther() {
        String path = "/v1/contexts/customer/" + Stack.fresh("deltas");
        api.put(path, "{\"a\":1,\"b\":{\"c\":1}}", WAIT);
        try (Feed feed = gateway.watch(path + "?deltas=true");
                Feed whole = gateway.watch(path)) {
            feed.awaitReady();
            whole.awaitReady();
            api.patch(path, "{\"b\":{\"c\":2}}", WAIT);
            api.put(path, "{\"a\":1,\"b\":null}", WAIT); // no merge patch can say it
            api.delete(path, WAIT);
            api.put(path, "{\"z\":1}", WAIT);
            feed.await("update", event -> event.version() == 5);
            whole.await("update", event -> event.version() == 5);
            List<Event> updates = feed.events("update");
            assertThat(updates.get(0).json().get("delta").toString()).isEqualTo("{\"b\":{\"c\":2}}");
            assertThat(updates.get(0).json().has("state")).isFalse();
            assertThat(updates.get(1).json().get("state").toString()).isEqualTo("{\"a\":1,\"b\":null}");
            assertThat(updates.get(2).json().get("state").toString()).isEqualTo("{\"z\":1}");
            assertThat(whole.events("update")).allMatch(update -> update.json().has("state"));
            assertThat(feed.events("deleted")).hasSize(1);
        }
    }

    @Test
    void aSampledFeedHasTheLatestOfEachInterval() {
        String id = Stack.fresh("sampled");
        String path = "/v1/contexts/customer/" + id;
        try (Feed feed = gateway.watch(path + "?policy=sample:1s")) {
            feed.awaitReady();
            for (int i = 1; i <= 40; i++) {
                api.put(path, "{\"n\":" + i + "}");
            }
            feed.awaitVersion("customer/" + id, 40);
            assertThat(feed.events("update").size()).isLessThan(20);
            assertThat(feed.events("update").getLast().json().get("state").toString())
                    .isEqualTo("{\"n\":40}");
        }
    }

    @Test
    void whatCannotBeUnderstoodIsSaidBeforeTheStreamBegins() {
        Map<String, String> wrong = Map.ofEntries(
                Map.entry("/v1/contexts/customer?foo=1", "query parameter"),
                Map.entry("/v1/contexts/customer?policy=fast", "sample:250ms"),
                Map.entry("/v1/contexts/customer?policy=sample:1ms", "10ms"),
                Map.entry("/v1/contexts/customer?policy=sample:99999999999s", "10ms"),
                Map.entry("/v1/contexts/customer?event=update", "message"),
                Map.entry("/v1/contexts/customer?deltas=yes", "true or false"),
                Map.entry("/v1/contexts/customer?deltas=true&deltas=true", "once"),
                Map.entry("/v1/contexts/customer/1?id=2", "query parameter"),
                Map.entry("/v1/contexts/customer?id=", "1 to 256 bytes"),
                Map.entry("/v1/contexts/customer?id=%ff", "UTF-8"),
                Map.entry("/v1/feeds", "at least one"),
                Map.entry("/v1/feeds?key=customer", "<type>/<id>"));
        wrong.forEach((path, expected) -> {
            Answer answer = api.get(path, "Accept", "text/event-stream");
            assertThat(answer.status()).as(path).isEqualTo(400);
            Problems.require(answer, "malformed");
            assertThat(answer.json().get("detail").asString()).as(path).contains(expected);
        });
        for (String path : List.of("/v1/feeds?type=nope", "/v1/feeds?key=nope/1", "/v1/contexts/nope")) {
            Answer answer = api.get(path, "Accept", "text/event-stream");
            assertThat(answer.status()).as(path).isEqualTo(404);
            Problems.require(answer, "unknown-type");
        }
        assertThat(api.get("/v1/contexts/customer/1/conflicts", "Accept", "text/event-stream")
                        .status())
                .isEqualTo(404);
    }

    @Test
    void headSaysWhatGetWould() {
        Answer answer = api.send("HEAD", "/v1/contexts/customer", null, "Accept", "text/event-stream");
        assertThat(answer.status()).isEqualTo(200);
        assertThat(answer.header("Content-Type")).startsWith("text/event-stream");
        assertThat(answer.body()).isEmpty();
        assertThat(api.send("HEAD", "/v1/contexts/customer?foo=1", null, "Accept", "text/event-stream")
                        .status())
                .isEqualTo(400);
    }

    @Test
    void whoMayNotComeInIsToldWhenToComeAgain() {
        try (Gateway full = Stack.another("--sluice.roles=feed", "--sluice.feeds.max-subscribers=2");
                Feed one = full.watch("/v1/contexts/customer");
                Feed two = full.watch("/v1/contexts/customer")) {
            one.awaitReady();
            two.awaitReady();
            Answer refused = full.api().get("/v1/contexts/customer", "Accept", "text/event-stream");
            assertThat(refused.status()).isEqualTo(503);
            Problems.require(refused, "unavailable");
            assertThat(refused.header("Retry-After")).isEqualTo("1");
            two.close();
            Awaitility.await().until(() -> full.meter("sluice_subscribers") == 1);
            try (Feed three = full.watch("/v1/contexts/customer")) {
                three.awaitReady();
            }
        }
    }

    /** What they ask for has to be read before the first byte goes out, so that all of them are on their way together. */
    @Test
    void howeverManyComeAtOnceNoMoreComeInThanMayAndWhoIsNotInHoldsNoPlace() {
        int places = 5;
        Instant since = Instant.now();
        String path = "/v1/contexts/customer?since=" + since;
        try (Gateway small = Stack.another("--sluice.roles=feed", "--sluice.feeds.max-subscribers=" + places)) {
            List<RawSocket> all = new ArrayList<>();
            for (int i = 0; i < 60; i++) {
                all.add(i % 3 == 0 ? RawSocket.webSocket(small) : RawSocket.feed(small, path));
            }
            long in = all.stream()
                    .map(each -> each.readUntil("\r\n\r\n"))
                    .filter(head -> !head.startsWith("HTTP/1.1 503"))
                    .count();
            assertThat(in).isEqualTo(places);
            all.forEach(RawSocket::close);
            for (int i = 0; i < 3 * places; i++) {
                new RawSocket(small)
                        .send("HEAD " + path + " HTTP/1.1\r\nHost: x\r\nAccept: text/event-stream\r\n\r\n")
                        .close();
                RawSocket.feed(small, path).close();
                RawSocket.webSocket(small, "Sec-WebSocket-Version: 7").close();
                RawSocket.webSocket(small).close();
            }
            Awaitility.await().until(() -> isFree(small, places));
        }
    }

    private static boolean isFree(Gateway gateway, int places) {
        List<RawSocket> all = new ArrayList<>();
        for (int i = 0; i < places; i++) {
            all.add(RawSocket.feed(gateway, "/v1/contexts/customer"));
        }
        boolean free = all.stream().allMatch(each -> each.readUntil("\r\n\r\n").startsWith("HTTP/1.1 200"));
        all.forEach(RawSocket::close);
        return free;
    }
}
