package io.sluice.gateway.endtoend;

import static io.sluice.gateway.endtoend.Api.WAIT;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.sluice.gateway.endtoend.Browser.Page;
import io.sluice.gateway.endtoend.Browser.Seen;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Path;
import java.util.List;
import java.util.function.Predicate;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

/**
 * Chromium with its own {@code EventSource} and {@code WebSocket}, in pages of another origin, and the clients from npm that are
 * made for it, as they are published.
 */
@EndToEnd
class BrowserTest {

    private static final String[] SETTINGS = {
        "--sluice.roles=publish,feed",
        "--sluice.cors.origins=http://localhost:[*]",
        "--sluice.cors.credentials=true",
        "--sluice.feeds.retry=50ms"
    };

    private static final int CONNECTING = 0;
    private static final int CLOSED = 2;

    private static Browser browser;
    private static Gateway gateway;

    private final Api api = Stack.gateway().api();
    private final String id = Stack.fresh("browser");
    private final String path = "/v1/contexts/customer/" + id;

    @BeforeAll
    static void start() throws IOException {
        browser = Browser.start();
        gateway = Stack.another(SETTINGS);
    }

    @AfterAll
    static void stop() {
        browser.close();
        gateway.close();
    }

    @AfterEach
    void leave() {
        browser.closePages();
    }

    private void write(int from, int to) {
        for (int n = from; n < to; n++) {
            api.put(path, "{\"n\":" + n + "}");
        }
        api.put(path, "{\"n\":" + to + "}", WAIT);
    }

    private static List<Long> upTo(long last) {
        return LongStream.rangeClosed(1, last).boxed().toList();
    }

    private static String webSocket(URI base) {
        return base.toString().replace("http:", "ws:") + "/connection/websocket";
    }

    private static Predicate<JsonNode> event(String name) {
        return line -> line.path("event").asString("").equals(name);
    }

    private static Predicate<JsonNode> subscribed(String channel) {
        return event("subscribed").and(line -> line.path("channel").asString().equals(channel));
    }

    private static Predicate<JsonNode> publication(String channel, long offset) {
        return event("publication")
                .and(line -> line.path("channel").asString().equals(channel)
                        && line.path("offset").asLong() == offset);
    }

    private static List<Long> offsets(Page page, String channel) {
        return page
                .lines(event("publication")
                        .and(line -> line.path("channel").asString().equals(channel)))
                .stream()
                .map(line -> line.path("offset").asLong())
                .toList();
    }

    @Test
    void aPageOfAnotherOriginSeesAContextFromItsSnapshotToItsDeletion() {
        write(1, 1);
        Page page = browser.page(id);
        page.watch("named", gateway.base() + path);
        page.watch("filtered", gateway.base() + path + "?filter=state.n%20!%3D%203");
        page.watch("message", gateway.base() + path + "?event=message");
        for (String feed : List.of("named", "filtered")) {
            page.awaitType(feed, "ready");
        }
        page.await(
                "ready as a message",
                Seen.of("message")
                        .and(line ->
                                line.path("data").path("event").asString("").equals("ready")));
        for (int n = 2; n <= 4; n++) {
            write(n, n);
            // The next one only when it was seen: nothing is conflated.
            page.awaitVersion("named", n);
        }
        api.delete(path, WAIT);
        assertThat(page.awaitVersion("named", 5).types())
                .containsExactly("snapshot", "ready", "update", "update", "update", "deleted");
        assertThat(page.awaitVersion("filtered", 5).types())
                .containsExactly("snapshot", "ready", "update", "removed", "update", "deleted");
        Seen messages = page.awaitVersion("message", 5);
        assertThat(messages.types()).containsOnly("message");
        assertThat(messages.events())
                .extracting(message -> message.path("data").path("event").asString())
                .containsExactly("snapshot", "ready", "update", "update", "update", "deleted");
        assertThat(messages.versions()).isEqualTo(upTo(5));
    }

    @Test
    void aPageThatMayNotIsToldNothing() {
        write(1, 1);
        Page page = browser.page(id, "127.0.0.1");
        page.watch("barred", gateway.base() + path);
        page.awaitError("barred", CLOSED);
        assertThat(page.seen("barred").events()).isEmpty();
    }

    @Test
    void whoeverWatchesGoesOnByItselfWhenTheGatewayRestartsAndMissesNothing() {
        Page page = browser.page(id);
        String channel = "customer:" + id;
        String url = gateway.base() + path + "?policy=every";
        try (Script node = Script.start("node", "reconnecting.mjs", url)) {
            page.watch("native", url);
            page.watch("wrapped", url, "\"source\":\"ReconnectingEventSource\"", "\"max_retry_time\":200");
            page.call("connect", "{\"url\":\"" + webSocket(gateway.base()) + "\",\"channels\":[\"" + channel + "\"]}");
            page.awaitType("native", "ready");
            page.awaitType("wrapped", "ready");
            page.await("subscribed", subscribed(channel));
            node.await("ready", line -> line.path("type").asString("").equals("ready"));
            write(1, 3);
            requireExact(page, node, channel, 3);

            int port = gateway.base().getPort();
            gateway.close();
            page.awaitError("native", CONNECTING);
            write(4, 9);
            gateway = Stack.another(Api.with(SETTINGS, "--server.port=" + port));
            requireExact(page, node, channel, 9);
            write(10, 10);
            requireExact(page, node, channel, 10);
            assertThat(page.lines(subscribed(channel))
                            .getLast()
                            .path("recovered")
                            .asBoolean())
                    .isTrue();
        }
    }

    /** Each version up to that one came once, in order, to each of the four. */
    private static void requireExact(Page page, Script node, String channel, long last) {
        for (String feed : List.of("native", "wrapped")) {
            requireExact(page.awaitVersion(feed, last), last);
        }
        node.await("version " + last, line -> line.path("data").path("version").asLong(0) == last);
        requireExact(new Seen(node.lines(line -> line.has("data"))), last);
        page.await("publication " + last, publication(channel, last));
        assertThat(offsets(page, channel)).isEqualTo(upTo(last));
    }

    private static void requireExact(Seen seen, long last) {
        assertThat(seen.versions()).isEqualTo(upTo(last));
        assertThat(seen.types()).containsOnly("ready", "update");
    }

    @Test
    void connectionsThatBreakAnywhereCostNothing() {
        long seed = Long.getLong("sluice.test.seed", System.nanoTime());
        System.out.println("torn connections: seed " + seed);
        Page page = browser.page(id);
        try (Relay relay = Relay.to(gateway, seed)) {
            String url = relay.base() + path + "?policy=every";
            page.watch("native", url);
            page.watch("wrapped", url, "\"source\":\"ReconnectingEventSource\"", "\"max_retry_time\":100");
            page.awaitType("native", "ready");
            page.awaitType("wrapped", "ready");
            relay.tear(600, 3_000);
            write(1, 40);
            relay.awaitTorn(6);
            write(41, 80);
            requireExact(page.awaitVersion("native", 80), 80);
            requireExact(page.awaitVersion("wrapped", 80), 80);

            // Any answer but 200 ends an EventSource for good. Who wraps it comes back with the id in the address.
            relay.refuse(502);
            page.awaitError("native", CLOSED);
            relay.awaitRefused("&lastEventId=");
            write(81, 85);
            relay.let();
            requireExact(page.awaitVersion("wrapped", 85), 85);
        }
    }

    @Test
    void theClientOfCentrifugeForBrowsersDoesAllThatItCan() {
        long seed = Long.getLong("sluice.test.seed", System.nanoTime());
        Page page = browser.page(id);
        List<String> channels =
                IntStream.range(0, 5).mapToObj(i -> "customer:" + id + "-" + i).toList();
        try (Relay relay = Relay.to(gateway, seed)) {
            String names = "\"" + String.join("\",\"", channels) + "\"";
            page.call("connect", "{\"url\":\"" + webSocket(relay.base()) + "\",\"channels\":[" + names + "]}");
            channels.forEach(channel -> page.await(channel, subscribed(channel)));
            assertThat(page.await("connected", event("connected"))
                            .path("transport")
                            .asString())
                    .isEqualTo("websocket");
            for (String channel : channels) {
                api.put("/v1/contexts/" + channel.replace(':', '/'), "{\"n\":1}");
            }
            channels.forEach(channel -> page.await(channel, publication(channel, 1)));

            String channel = channels.getFirst();
            page.call("tell", "{\"do\":\"publish\",\"channel\":\"" + channel + "\",\"data\":{\"a\":1}}");
            assertThat(page.await(channel, publication(channel, 2)).path("data").path("state"))
                    .isEqualTo(Api.json("{\"n\":1,\"a\":1}"));
            page.call(
                    "tell",
                    "{\"do\":\"rpc\",\"method\":\"patch\",\"data\":{\"key\":\"" + channel.replace(':', '/')
                            + "\",\"patch\":{\"b\":2},\"wait\":20}}");
            JsonNode written = page.await(
                    "what the call answers",
                    line -> line.path("done").asString("").equals("rpc"));
            assertThat(written.path("result").path("data").path("version").asLong())
                    .as("%s", written)
                    .isEqualTo(3);
            page.call("tell", "{\"do\":\"history\",\"channel\":\"" + channel + "\"}");
            JsonNode history = page.await(
                    "the history", line -> line.path("done").asString("").equals("history"));
            assertThat(history.path("result").path("publications"))
                    .as("%s", history)
                    .hasSize(3);

            relay.refuse(502);
            page.await(
                    "the break",
                    event("connecting")
                            .and(line ->
                                    !line.has("channel") && line.path("code").asInt() != 0));
            String other = "/v1/contexts/" + channels.getLast().replace(':', '/');
            for (int n = 2; n <= 6; n++) {
                api.put(other, "{\"n\":" + n + "}", WAIT);
            }
            relay.let();
            page.await("the last", publication(channels.getLast(), 6));
            assertThat(offsets(page, channels.getLast())).isEqualTo(upTo(6));
            channels.forEach(each -> page.await(
                    each + " recovered",
                    subscribed(each).and(line -> line.path("recovered").asBoolean())));
            assertThat(page.lines(event("subscribed"))).hasSize(2 * channels.size());
        }
    }

    @Test
    void overHttp2OnePageWatchesMoreThanSixFeedsAtOnce(@TempDir Path folder) throws Exception {
        int feeds = 20;
        Path store = folder.resolve("store.p12");
        TransportTest.makeKeys(store);
        try (Gateway secure = Stack.another(Api.with(
                SETTINGS,
                "--server.http2.enabled=true",
                "--server.ssl.key-store=" + store,
                "--server.ssl.key-store-password=" + TransportTest.PASSWORD))) {
            String base = "https://localhost:" + secure.base().getPort();
            Page page = browser.page(id);
            for (int i = 0; i < feeds; i++) {
                page.watch(id + "-" + i, base + path + "-" + i);
            }
            for (int i = 0; i < feeds; i++) {
                page.awaitType(id + "-" + i, "ready");
            }
            for (int i = 0; i < feeds; i++) {
                api.put(path + "-" + i, "{\"n\":1}");
            }
            for (int i = 0; i < feeds; i++) {
                assertThat(page.awaitVersion(id + "-" + i, 1).types()).containsExactly("ready", "update");
            }
            assertThat(page.lines(line -> line.path("url").asString("").startsWith(base)))
                    .hasSizeGreaterThanOrEqualTo(feeds)
                    .allMatch(answer -> answer.path("protocol").asString().equals("h2"));
        }
    }

    @Test
    void whereThereIsNoChromiumOneLineSaysWhatToInstall(@TempDir Path nothing) {
        assertThatThrownBy(() -> Browser.executable(nothing.toString()))
                .hasMessageContaining("apt-get install chromium")
                .hasMessageContaining("expected: one of");
    }
}
