package io.sluice.gateway.endtoend;

import static io.sluice.gateway.endtoend.Api.WAIT;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.function.Predicate;
import java.util.stream.LongStream;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

/** The client of the Centrifuge protocol from npm, as it is published, against {@code /connection/websocket}. */
@EndToEnd
class ChannelsTest {

    private final Gateway gateway = Stack.gateway();
    private final Api api = gateway.api();
    private final String id = Stack.fresh("channel");
    private final String channel = "customer:" + id;
    private final String path = "/v1/contexts/customer/" + id;

    @BeforeAll
    static void install() throws IOException {
        NodeClients.install();
    }

    /** The script at work: told by lines, tells by lines. */
    private static final class Client implements AutoCloseable {

        private final Script script;

        private Client(Gateway gateway, String... channels) {
            String url = gateway.base().toString().replace("http:", "ws:") + "/connection/websocket";
            List<String> command = new ArrayList<>(List.of("node", "channels.mjs", url));
            command.addAll(List.of(channels));
            script = Script.start(command.toArray(String[]::new));
        }

        private void tell(String command) {
            script.tell(command);
        }

        private List<JsonNode> events(String name) {
            return script.lines(line -> line.path("event").asString("").equals(name));
        }

        private JsonNode await(String what, Predicate<JsonNode> which) {
            return script.await(what, which);
        }

        private JsonNode awaitEvent(String name) {
            return await(name, line -> line.path("event").asString("").equals(name));
        }

        private JsonNode awaitDone(String what) {
            return await(what, line -> line.path("done").asString("").equals(what));
        }

        private JsonNode awaitOffset(long offset) {
            return await(
                    "offset " + offset,
                    line -> line.path("event").asString("").equals("publication")
                            && line.path("offset").asLong() == offset);
        }

        private List<Long> offsets() {
            return events("publication").stream()
                    .map(line -> line.path("offset").asLong())
                    .toList();
        }

        @Override
        public void close() {
            script.close();
        }
    }

    @Test
    void whoSubscribesHasTheContextAtOnceAndEachChangeFromThenOn() {
        api.put(path, "{\"n\":1}", WAIT);
        try (Client client = new Client(gateway, channel)) {
            assertThat(client.awaitEvent("connected").path("transport").asString())
                    .isEqualTo("websocket");
            JsonNode subscribed = client.awaitEvent("subscribed");
            assertThat(subscribed.path("recoverable").asBoolean()).isTrue();
            assertThat(subscribed.path("streamPosition").path("offset").asLong())
                    .isEqualTo(1);
            assertThat(subscribed.path("streamPosition").path("epoch").asString())
                    .isEqualTo("1");
            assertThat(client.awaitOffset(1).path("data").path("state").toString())
                    .isEqualTo("{\"n\":1}");
            api.patch(path, "{\"n\":2}", WAIT);
            JsonNode update = client.awaitOffset(2).path("data");
            assertThat(update.path("state").toString()).isEqualTo("{\"n\":2}");
            assertThat(update.path("cause").path("writer").asString()).isEqualTo("http");
            assertThat(update.has("key")).isFalse();
            api.delete(path, WAIT);
            assertThat(client.awaitOffset(3).path("data").path("deleted").asBoolean())
                    .isTrue();
            assertThat(client.offsets()).containsExactly(1L, 2L, 3L);
        }
    }

    @Test
    void whoComesBackHasAllThatWasMissed() {
        api.put(path, "{\"n\":1}", WAIT);
        try (Client client = new Client(gateway, channel)) {
            client.awaitOffset(1);
            client.tell("{\"do\":\"disconnect\"}");
            client.awaitEvent("disconnected");
            for (int n = 2; n <= 6; n++) {
                api.put(path, "{\"n\":" + n + "}", WAIT);
            }
            client.tell("{\"do\":\"connect\"}");
            client.awaitOffset(6);
            assertThat(client.offsets()).containsExactly(1L, 2L, 3L, 4L, 5L, 6L);
            JsonNode again = client.events("subscribed").getLast();
            assertThat(again.path("wasRecovering").asBoolean()).isTrue();
            assertThat(again.path("recovered").asBoolean()).isTrue();

            client.tell("{\"do\":\"break\"}");
            Awaitility.await().until(() -> client.events("subscribed").size() == 3);
            assertThat(client.events("subscribed").getLast().path("recovered").asBoolean())
                    .isTrue();
            api.delete(path, WAIT);
            client.awaitOffset(7);
            assertThat(client.offsets()).containsExactly(1L, 2L, 3L, 4L, 5L, 6L, 7L);
        }
    }

    @Test
    void whatCannotBeRecoveredIsSaidAndTheContextComesAsItIs() {
        api.put(path, "{\"n\":0}", WAIT);
        try (Client client = new Client(gateway)) {
            client.awaitEvent("connected");
            client.tell(
                    "{\"do\":\"subscribe\",\"channel\":\"" + channel + "\",\"since\":{\"offset\":1,\"epoch\":\"7\"}}");
            JsonNode subscribed = client.awaitEvent("subscribed");
            assertThat(subscribed.path("wasRecovering").asBoolean()).isTrue();
            assertThat(subscribed.path("recovered").asBoolean()).isFalse();
            client.awaitOffset(1);
        }
        for (int n = 1; n <= 300; n++) {
            api.put(path, "{\"n\":" + n + "}");
        }
        Awaitility.await().until(() -> api.get(path).version() == 301);
        try (Client client = new Client(gateway)) {
            client.awaitEvent("connected");
            client.tell(
                    "{\"do\":\"subscribe\",\"channel\":\"" + channel + "\",\"since\":{\"offset\":1,\"epoch\":\"1\"}}");
            assertThat(client.awaitEvent("subscribed").path("recovered").asBoolean())
                    .isFalse();
            client.awaitOffset(301);
            assertThat(client.offsets()).containsExactly(301L);
        }
    }

    @Test
    void ofLargeContextsNoMoreIsReadAtOnceThanAPage() {
        int versions = 30;
        for (int n = 1; n <= versions; n++) {
            api.put(path, "{\"n\":" + n + ",\"x\":\"" + "x".repeat(100_000) + "\"}", WAIT);
        }
        try (Client client = new Client(gateway)) {
            client.awaitEvent("connected");
            client.tell(
                    "{\"do\":\"subscribe\",\"channel\":\"" + channel + "\",\"since\":{\"offset\":2,\"epoch\":\"1\"}}");
            assertThat(client.awaitEvent("subscribed").path("recovered").asBoolean())
                    .isFalse();
            client.awaitOffset(versions);
            assertThat(client.offsets()).containsExactly((long) versions);
        }
        try (Client client = new Client(gateway)) {
            client.awaitEvent("connected");
            client.tell(
                    "{\"do\":\"subscribe\",\"channel\":\"" + channel + "\",\"since\":{\"offset\":25,\"epoch\":\"1\"}}");
            assertThat(client.awaitEvent("subscribed").path("recovered").asBoolean())
                    .isTrue();
            client.awaitOffset(versions);
            assertThat(client.offsets()).containsExactly(26L, 27L, 28L, 29L, 30L);
        }
        assertThat(pagesOfHistory()).containsExactly(11, 11, 8);
    }

    /** How many items each has. Together they are all versions, the newest first. */
    private List<Integer> pagesOfHistory() {
        List<Integer> sizes = new ArrayList<>();
        List<Long> seen = new ArrayList<>();
        for (String after = ""; after != null; ) {
            try (Client client = new Client(gateway)) {
                client.awaitEvent("connected");
                client.tell("{\"do\":\"rpc\",\"method\":\"history\",\"data\":{\"key\":\"customer/" + id
                        + "\",\"after\":\"" + after + "\"}}");
                JsonNode page = client.awaitDone("rpc").path("result").path("data");
                page.path("items").forEach(item -> seen.add(item.path("version").asLong()));
                sizes.add(page.path("items").size());
                after = page.path("next").isNull() ? null : page.path("next").asString();
            }
        }
        assertThat(seen)
                .isEqualTo(LongStream.rangeClosed(1, seen.size())
                        .map(n -> seen.size() + 1 - n)
                        .boxed()
                        .toList());
        return sizes;
    }

    @Test
    void aClientWithTokensConnectsAndIsNeverToldThatTheyExpire() {
        try (Client client = new Client(gateway, channel)) {
            client.awaitEvent("subscribed");
            client.tell("{\"do\":\"break\"}");
            Awaitility.await().until(() -> client.events("subscribed").size() == 2);
            assertThat(client.events("token")).hasSize(1);
            assertThat(client.events("disconnected")).isEmpty();
        }
    }

    @Test
    void aContextNotYetWrittenIsSeenFromItsFirstVersionOn() {
        try (Client client = new Client(gateway, channel)) {
            JsonNode subscribed = client.awaitEvent("subscribed");
            assertThat(subscribed.path("streamPosition").path("offset").asLong())
                    .isZero();
            api.put(path, "{\"n\":1}", WAIT);
            client.awaitOffset(1);
            client.tell("{\"do\":\"unsubscribe\",\"channel\":\"" + channel + "\"}");
            client.awaitEvent("unsubscribed");
            Awaitility.await().until(() -> gateway.meter("sluice_subscribers") == 0);
            api.put(path, "{\"n\":2}", WAIT);
            client.tell("{\"do\":\"subscribe\",\"channel\":\"" + channel + "\"}");
            client.awaitOffset(2);
            assertThat(client.offsets()).containsExactly(1L, 2L);
        }
    }

    @Test
    void contextsAreWrittenAndReadOverTheSameConnection() {
        try (Client client = new Client(gateway, channel)) {
            client.awaitEvent("subscribed");
            client.tell("{\"do\":\"publish\",\"channel\":\"" + channel + "\",\"data\":{\"a\":1}}");
            assertThat(client.awaitDone("publish").has("error")).isFalse();
            assertThat(client.awaitOffset(1).path("data").path("state").toString())
                    .isEqualTo("{\"a\":1}");
            client.tell("{\"do\":\"rpc\",\"method\":\"patch\",\"data\":{\"key\":\"customer/" + id
                    + "\",\"patch\":{\"b\":2},\"wait\":5}}");
            JsonNode written = client.awaitDone("rpc").path("result").path("data");
            assertThat(written.path("version").asLong()).as(written.toString()).isEqualTo(2);
            assertThat(written.path("state").toString()).isEqualTo("{\"a\":1,\"b\":2}");
            client.tell("{\"do\":\"history\",\"channel\":\"" + channel + "\"}");
            JsonNode history = client.awaitDone("history").path("result");
            assertThat(history.path("publications")).hasSize(2);
            assertThat(history.path("offset").asLong()).isEqualTo(2);
            client.tell("{\"do\":\"presence\",\"channel\":\"" + channel + "\"}");
            assertThat(client.awaitDone("presence").path("error").path("code").asInt())
                    .isEqualTo(108);
        }
        try (Client client = new Client(gateway)) {
            client.awaitEvent("connected");
            client.tell("{\"do\":\"rpc\",\"method\":\"get\",\"data\":{\"key\":\"customer/" + id + "\"}}");
            assertThat(client.awaitDone("rpc").path("result").path("data").toString())
                    .isEqualTo("{\"a\":1,\"b\":2}");
        }
        try (Client client = new Client(gateway, "nope:1")) {
            JsonNode refused = client.await(
                    "refused", line -> line.path("event").asString("").equals("unsubscribed"));
            assertThat(refused.path("code").asInt()).isEqualTo(102);
        }
    }

    @Test
    void operationsMeanTheSameAsOverHttp() {
        String board = "/v1/contexts/board/" + id;
        Api.Answer first = api.send(
                "PATCH",
                board,
                "[{\"path\":\"/visits\",\"add\":1}]",
                "Content-Type",
                "application/vnd.sluice.ops+json",
                "Prefer",
                "wait=10");
        assertThat(first.status()).isEqualTo(200);
        try (Client client = new Client(gateway)) {
            client.awaitEvent("connected");
            client.tell(
                    "{\"do\":\"rpc\",\"method\":\"patch\",\"data\":{\"key\":\"board/" + id
                            + "\",\"ops\":[{\"path\":\"/visits\",\"add\":2},{\"path\":\"/tags\",\"insert\":[\"vip\"]}],\"wait\":10}}");
            JsonNode written = client.awaitDone("rpc").path("result").path("data");
            assertThat(written.path("version").asLong()).as(written.toString()).isEqualTo(2);
            assertThat(written.path("state")).isEqualTo(Api.json("{\"visits\":3,\"tags\":[\"vip\"]}"));
            assertThat(api.get(board).body()).isEqualTo(written.path("state").toString());
        }
        try (Client client = new Client(gateway)) {
            client.awaitEvent("connected");
            client.tell("{\"do\":\"rpc\",\"method\":\"patch\",\"data\":{\"key\":\"board/" + id
                    + "\",\"ops\":[{\"path\":\"/visits\",\"insert\":[1]}],\"wait\":10}}");
            assertThat(client.awaitDone("rpc").path("error").path("code").asInt())
                    .isEqualTo(422);
        }
    }

    @Test
    void whatAClientSendsHasTheLimitsOfBodies() {
        try (Gateway small =
                Stack.another("--sluice.roles=publish,feed", "--sluice.limits.body=10KB", "--sluice.limits.depth=3")) {
            try (Client client = new Client(small, channel)) {
                client.awaitEvent("subscribed");
                client.tell("{\"do\":\"publish\",\"channel\":\"" + channel + "\",\"data\":{\"a\":{\"b\":{\"c\":{}}}}}");
                JsonNode refused = client.awaitDone("publish").path("error");
                assertThat(refused.path("code").asInt()).isEqualTo(107);
                assertThat(refused.path("message").asString()).contains("deeper than 3 levels");
            }
            try (Client client = new Client(small, channel)) {
                client.awaitEvent("subscribed");
                client.tell("{\"do\":\"publish\",\"channel\":\"" + channel + "\",\"data\":{\"a\":\""
                        + "x".repeat(100_000) + "\"}}");
                assertThat(client.awaitEvent("disconnected").path("reason").asString())
                        .isEqualTo("message size limit exceeded");
            }
        }
    }

    @Test
    void subscriptionsTakePlacesAsFeedsDoAndLeaveThem() {
        try (Gateway small = Stack.another("--sluice.roles=publish,feed", "--sluice.feeds.max-subscribers=3")) {
            try (Client client = new Client(small, channel, channel + "-2")) {
                Awaitility.await().until(() -> client.events("subscribed").size() == 2);
                client.tell("{\"do\":\"subscribe\",\"channel\":\"" + channel + "-3\"}");
                JsonNode refused = client.await(
                        "a refusal",
                        line -> line.path("event").asString("").equals("error")
                                && line.path("channel").asString("").equals(channel + "-3"));
                assertThat(refused.path("error").path("code").asInt()).isEqualTo(111);
                assertThat(refused.path("error").path("temporary").asBoolean()).isTrue();
                Api.Answer feed = small.api().get(path, "Accept", "text/event-stream");
                assertThat(feed.status()).isEqualTo(503);
                assertThat(feed.header("Retry-After")).isEqualTo("1");
                Problems.require(feed, "unavailable");
                try (RawSocket socket = RawSocket.webSocket(small)) {
                    assertThat(socket.readUntil("\r\n\r\n")).startsWith("HTTP/1.1 503");
                }
                client.tell("{\"do\":\"unsubscribe\",\"channel\":\"" + channel + "-2\"}");
                client.await(
                        "its turn",
                        line -> line.path("event").asString("").equals("subscribed")
                                && line.path("channel").asString("").equals(channel + "-3"));
            }
            Awaitility.await().until(() -> small.meter("sluice_subscribers") == 0);
            try (Feed one = small.watch(path);
                    Feed two = small.watch(path);
                    Feed three = small.watch(path)) {
                one.awaitReady();
                two.awaitReady();
                three.awaitReady();
            }
        }
    }

    @Test
    void manyChannelsShareOneConnectionAndANodeThatStopsSendsItsClientsElsewhere() {
        try (Gateway first = Stack.another("--sluice.roles=publish,feed")) {
            String[] channels = new String[50];
            for (int i = 0; i < channels.length; i++) {
                channels[i] = channel + "-" + i;
                api.put(path + "-" + i, "{\"n\":1}");
            }
            try (Client client = new Client(first, channels)) {
                Awaitility.await().until(() -> client.events("publication").size() == channels.length);
                first.api().patch(path + "-7", "{\"n\":2}", WAIT);
                client.await(
                        "the update",
                        line -> line.path("channel").asString("").equals(channel + "-7")
                                && line.path("offset").asLong() == 2);
                first.close();
                JsonNode connecting = client.await(
                        "shutdown",
                        line -> line.path("event").asString("").equals("connecting")
                                && line.path("code").asInt() == 3001);
                assertThat(connecting.path("reason").asString()).isEqualTo("shutdown");
            }
        }
    }

    @Test
    void aNodeThatStopsSendsAwayWhoIsSubscribedToNothing() {
        try (Gateway first = Stack.another("--sluice.roles=publish,feed");
                RawSocket client = RawSocket.webSocket(first)) {
            client.readUntil("\r\n\r\n");
            client.send(RawSocket.text("{\"id\":1,\"connect\":{}}", new Random(1)));
            client.readUntil("\"pong\":true");
            first.close();
            assertThat(client.readToEnd()).contains("\u000b\u00b9shutdown"); // 3001
        }
    }
}
