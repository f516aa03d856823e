package io.sluice.gateway.endtoend;

import static io.sluice.gateway.endtoend.Api.WAIT;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;

/** Feeds in gzip: the same, as early, and made once. */
@EndToEnd
class CompressionTest {

    private static final String[] GZIP = {"Accept-Encoding", "br;q=1, gzip;q=0.8"};
    private static final String TEXT = "so that it is worth it ".repeat(100);

    private final String id = Stack.fresh("compressed");
    private final String path = "/v1/contexts/customer/" + id;

    private void write(Gateway gateway, int version) {
        String text = version % 2 == 0 ? TEXT : "";
        gateway.api().put(path, "{\"n\":" + version + ",\"text\":\"" + text + "\"}", WAIT);
    }

    private static List<String> shown(Feed feed) {
        return feed.events("update").stream()
                .map(event -> event.id() + " " + event.data())
                .toList();
    }

    @Test
    void whoWatchesCompressedAndWhoDoesNotSeeTheSameAtOnceAndItIsEncodedOnce() {
        try (Gateway gateway = Stack.another("--sluice.roles=publish,feed");
                Feed plain = gateway.watch(path);
                Feed compressed = gateway.watch(path, GZIP);
                Feed another = gateway.watch(path, GZIP)) {
            List<Feed> all = List.of(plain, compressed, another);
            all.forEach(Feed::awaitReady);
            assertThat(plain.headers().firstValue("Content-Encoding")).isEmpty();
            assertThat(compressed.headers().allValues("Content-Encoding")).containsExactly("gzip");
            for (int version = 1; version <= 20; version++) {
                write(gateway, version);
                for (Feed feed : all) {
                    feed.awaitVersion("customer/" + id, version);
                }
            }
            assertThat(shown(compressed)).isEqualTo(shown(plain));
            assertThat(shown(another)).isEqualTo(shown(plain));
            assertThat(compressed.others()).isEqualTo(plain.others());
            assertThat(gateway.meter("sluice_frames_encoded_total")).isEqualTo(20);
            assertThat(gateway.meter("sluice_feeds_views")).isEqualTo(2);
        }
    }

    @Test
    void aCompressedFeedCanBeLeftAndResumedPlainAndTheOtherWayRound() {
        Gateway gateway = Stack.gateway();
        write(gateway, 1);
        String cursor;
        try (Feed feed = gateway.watch(path, GZIP)) {
            feed.awaitReady();
            cursor = feed.lastId();
        }
        write(gateway, 2);
        try (Feed feed = gateway.watch(path, "Last-Event-ID", cursor)) {
            feed.awaitReady();
            assertThat(feed.names()).containsExactly("update", "ready");
            cursor = feed.lastId();
        }
        write(gateway, 3);
        try (Feed feed = gateway.watch(path, "Last-Event-ID", cursor, GZIP[0], GZIP[1])) {
            feed.awaitReady();
            assertThat(feed.names()).containsExactly("update", "ready");
        }
    }

    @Test
    void aSilentCompressedFeedHasHeartbeatsAndALastWord() {
        Feed feed;
        try (Gateway gateway = Stack.another("--sluice.roles=publish,feed", "--sluice.feeds.heartbeat=100ms")) {
            feed = gateway.watch(path, GZIP);
            feed.awaitReady();
            Awaitility.await()
                    .until(() ->
                            feed.others().stream().filter(": heartbeat"::equals).count() >= 3);
        }
        feed.awaitEnd();
        assertThat(feed.names()).containsExactly("ready");
        assertThat(feed.others().getLast()).startsWith("retry: ");
    }

    @Test
    void whoDoesNotWantItDoesNotGetIt() {
        for (String header : List.of("gzip;q=0", "identity", "br", "gzip;q=0.5, identity")) {
            try (Feed feed = Stack.gateway().watch(path, "Accept-Encoding", header)) {
                feed.awaitReady();
                assertThat(feed.headers().firstValue("Content-Encoding"))
                        .as(header)
                        .isEmpty();
                assertThat(feed.headers().allValues("Vary")).as(header).contains("accept-encoding");
            }
        }
    }

    @Test
    void aHeadSaysWhatAGetWouldSay() throws Exception {
        for (String header : List.of("gzip", "identity")) {
            HttpRequest head = HttpRequest.newBuilder(URI.create(Stack.gateway().base() + path))
                    .headers("Accept", "text/event-stream", "Accept-Encoding", header)
                    .HEAD()
                    .build();
            HttpResponse<Void> answer = Api.CLIENT.send(head, HttpResponse.BodyHandlers.discarding());
            try (Feed feed = Stack.gateway().watch(path, "Accept-Encoding", header)) {
                for (String name : List.of("Content-Encoding", "Content-Type", "Vary", "Cache-Control")) {
                    assertThat(answer.headers().allValues(name))
                            .as(name)
                            .isEqualTo(feed.headers().allValues(name));
                }
            }
        }
    }

    @Test
    void aClientOfHttp10CanHaveItToo() throws IOException {
        URI base = Stack.gateway().base();
        write(Stack.gateway(), 1);
        try (Socket socket = new Socket(base.getHost(), base.getPort())) {
            socket.setSoTimeout(20_000);
            socket.getOutputStream()
                    .write(("GET " + path + " HTTP/1.0\r\nAccept: text/event-stream\r\nAccept-Encoding: gzip\r\n\r\n")
                            .getBytes(StandardCharsets.US_ASCII));
            StringBuilder head = new StringBuilder();
            while (head.indexOf("\r\n\r\n") < 0) {
                head.append((char) socket.getInputStream().read());
            }
            assertThat(head.toString().toLowerCase(java.util.Locale.ROOT)).contains("content-encoding: gzip");
            Gunzip gunzip = new Gunzip();
            StringBuilder text = new StringBuilder();
            byte[] some = new byte[4_096];
            while (text.indexOf("event: ready") < 0) {
                int n = socket.getInputStream().read(some);
                assertThat(n).as("after " + text).isPositive();
                text.append(new String(gunzip.next(java.util.Arrays.copyOf(some, n)), StandardCharsets.UTF_8));
            }
            assertThat(text).startsWith(": connected\n\nretry: 2000\n\nid: ").contains("event: snapshot");
        }
    }

    @Test
    void clientsOfNodeReadEachEventBeforeTheNextOneIsWritten() throws IOException {
        NodeClients.install();
        NodeClients.Running script;
        try (Gateway gateway = Stack.another("--sluice.roles=publish,feed")) {
            script = NodeClients.start("node", "compressed.mjs", gateway.base() + path);
            awaitLines(script, "coding gzip", "fetch ready", "eventsource ready");
            for (int version = 1; version <= 6; version++) {
                write(gateway, version);
                awaitLines(script, "fetch " + version, "eventsource " + version);
            }
        }
        try (script) {
            awaitLines(script, "fetch has ended, with \"\" left");
        }
    }

    private static void awaitLines(NodeClients.Running script, String... lines) {
        Awaitility.await()
                .atMost(java.time.Duration.ofSeconds(30))
                .untilAsserted(() -> assertThat(script.output().lines()).contains(lines));
    }
}
