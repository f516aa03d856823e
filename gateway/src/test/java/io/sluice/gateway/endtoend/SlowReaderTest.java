package io.sluice.gateway.endtoend;

import static io.sluice.gateway.endtoend.Api.WAIT;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.InputStream;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

/** Readers that do not read, and those beside them. */
@EndToEnd
class SlowReaderTest {

    private static final int UPDATES = 260;

    @Test
    void whoStopsReadingIsResetAndEndsWithTheRightStateAndNobodyElseWaits() throws IOException {
        String id = Stack.fresh("slow");
        String path = "/v1/contexts/customer/" + id;
        String large = "x".repeat(100_000);
        try (Gateway gateway = Stack.another(
                        "--sluice.roles=publish,feed", "--sluice.feeds.max-frames=16", "--sluice.feeds.max-bytes=2MB");
                Feed brisk = gateway.watch(path);
                Socket slow = new Socket()) {
            brisk.awaitReady();
            slow.setReceiveBufferSize(4096);
            slow.setSoTimeout(20_000);
            slow.connect(new InetSocketAddress(
                    gateway.base().getHost(), gateway.base().getPort()));
            slow.getOutputStream()
                    .write(("GET " + path + " HTTP/1.1\r\nHost: x\r\nAccept: text/event-stream\r\n\r\n")
                            .getBytes(StandardCharsets.US_ASCII));
            Lines lines = new Lines(slow.getInputStream());
            lines.until("event: ready");

            double resets = gateway.meter("sluice_resets_total");
            Instant begin = Instant.now();
            for (int i = 1; i <= UPDATES; i++) {
                gateway.api().put(path, "{\"n\":" + i + ",\"x\":\"" + large + "\"}");
                brisk.awaitVersion("customer/" + id, i - 4);
            }
            brisk.awaitVersion("customer/" + id, UPDATES);
            assertThat(Duration.between(begin, Instant.now())).isLessThan(Duration.ofSeconds(15));
            WatchTest.requireExact(brisk, "customer/" + id, UPDATES);
            assertThat(gateway.meter("sluice_resets_total")).isGreaterThan(resets);

            // Now it reads again: what was on its way, then the reset, then what is.
            lines.until("event: reset");
            assertThat(lines.data()).isEqualTo(Api.json("{\"reason\":\"overrun\"}"));
            gateway.api().put(path, "{\"n\":\"last\"}", WAIT);
            JsonNode state;
            do {
                lines.until("event: snapshot", "event: update");
                state = lines.data().get("state");
            } while (!state.get("n").asString().equals("last"));
            assertThat(lines.last).isEqualTo(UPDATES + 1);
        }
    }

    /** Reads a chunked answer line by line, and no faster than it is asked. Versions must rise, but after a reset. */
    private static final class Lines {

        private final InputStream in;
        private int left;
        private long last;
        private boolean inBody;

        private Lines(InputStream in) {
            this.in = new java.io.BufferedInputStream(in, 4096);
        }

        private void until(String... wanted) throws IOException {
            while (true) {
                String line = line();
                if (List.of(wanted).contains(line)) {
                    return;
                }
                if (line.equals("event: reset")) {
                    last = 0;
                }
            }
        }

        private JsonNode data() throws IOException {
            String line = line();
            assertThat(line).startsWith("data: ");
            JsonNode json = Api.json(line.substring(6));
            if (json.has("version")) {
                assertThat(json.get("version").asLong()).isGreaterThan(last);
                last = json.get("version").asLong();
            }
            return json;
        }

        private String line() throws IOException {
            var bytes = new java.io.ByteArrayOutputStream();
            for (int b = next(); b != '\n'; b = next()) {
                bytes.write(b);
            }
            return bytes.toString(StandardCharsets.UTF_8);
        }

        private int next() throws IOException {
            if (!inBody) {
                while (!head().isEmpty()) {
                    // A header.
                }
                inBody = true;
                left = Integer.parseInt(head(), 16);
            } else if (left == 0) {
                head();
                left = Integer.parseInt(head(), 16);
            }
            left--;
            return in.read();
        }

        private String head() throws IOException {
            var bytes = new java.io.ByteArrayOutputStream();
            for (int b = in.read(); b != '\n'; b = in.read()) {
                assertThat(b).as("end of the stream").isNotEqualTo(-1);
                bytes.write(b);
            }
            return bytes.toString(StandardCharsets.US_ASCII).strip();
        }
    }

    @Test
    void aSilentStreamHasHeartbeats() {
        String path = "/v1/contexts/customer/" + Stack.fresh("silent");
        try (Gateway gateway = Stack.another("--sluice.roles=publish,feed", "--sluice.feeds.heartbeat=100ms");
                Feed feed = gateway.watch(path)) {
            feed.awaitReady();
            org.awaitility.Awaitility.await()
                    .until(() ->
                            feed.others().stream().filter(": heartbeat"::equals).count() >= 3);
            assertThat(feed.names()).containsExactly("ready");
        }
    }
}
