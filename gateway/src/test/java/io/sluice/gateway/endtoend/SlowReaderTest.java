package io.sluice.gateway.endtoend;

import static io.sluice.gateway.endtoend.Api.WAIT;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.InputStream;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.List;
import java.util.Random;
import org.awaitility.Awaitility;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

/** Readers that do not read, and those beside them. */
@EndToEnd
class SlowReaderTest {

    private static final int UPDATES = 120;
    private static final String LARGE = "x".repeat(100_000);

    private final String id = Stack.fresh("slow");
    private final String path = "/v1/contexts/customer/" + id;

    private static Socket connect(Gateway gateway, String path, String... headers) throws IOException {
        Socket socket = new Socket();
        socket.setReceiveBufferSize(4096);
        socket.setSoTimeout(20_000);
        socket.connect(
                new InetSocketAddress(gateway.base().getHost(), gateway.base().getPort()));
        socket.getOutputStream()
                .write(("GET " + path + " HTTP/1.1\r\nHost: x\r\nAccept: text/event-stream\r\n"
                                + String.join("", headers) + "\r\n")
                        .getBytes(StandardCharsets.US_ASCII));
        return socket;
    }

    private void write(Gateway gateway, Feed brisk) {
        write(gateway, brisk, LARGE);
    }

    private void write(Gateway gateway, Feed brisk, String large) {
        for (int i = 1; i <= UPDATES; i++) {
            gateway.api().put(path, "{\"n\":" + i + ",\"x\":\"" + large + "\"}");
            brisk.awaitVersion("customer/" + id, i - 4);
        }
        brisk.awaitVersion("customer/" + id, UPDATES);
        WatchTest.requireExact(brisk, "customer/" + id, UPDATES);
    }

    @Test
    void whoStopsReadingGetsTheLatestStateInPlaceOfWhatWasMissedAndNobodyElseWaits() throws IOException {
        try (Gateway gateway = Stack.another("--sluice.roles=publish,feed");
                Feed brisk = gateway.watch(path + "?policy=every");
                Socket slow = connect(gateway, path)) {
            brisk.awaitReady();
            Lines lines = new Lines(slow.getInputStream());
            lines.until("event: ready");
            write(gateway, brisk);
            double conflated = gateway.meter("sluice_frames_conflated_total");
            assertThat(conflated).isGreaterThan(UPDATES / 2.0);
            assertThat(gateway.meter("sluice_waiting_bytes")).isBetween(100_000.0, 300_000.0);
            assertThat(gateway.meter("sluice_resets_total")).isZero();

            // Now it reads again: what was on its way, then what is.
            assertThat(readOn(lines)).isLessThan((int) (UPDATES - conflated + 1));
            assertThat(gateway.meter("sluice_waiting_bytes")).isZero();
            gateway.api().put(path, "{\"n\":\"last\"}", WAIT);
            lines.until("event: update");
            assertThat(lines.data().get("state").toString()).isEqualTo("{\"n\":\"last\"}");

            // And where it was then, another one goes on.
            try (Feed again = gateway.watch(path, "Last-Event-ID", lines.id)) {
                again.awaitReady();
                assertThat(again.names()).containsExactly("ready");
            }
        }
    }

    /** Until the last update. @return how many there were */
    private static int readOn(Lines lines) throws IOException {
        int read = 0;
        do {
            lines.until("event: update");
            lines.data();
            read++;
        } while (lines.last < UPDATES);
        return read;
    }

    @Test
    void whoStopsReadingACompressedFeedGetsTheLatestStateToo() throws IOException {
        byte[] noise = new byte[75_000];
        new Random(1).nextBytes(noise);
        String large = Base64.getEncoder().encodeToString(noise);
        try (Gateway gateway = Stack.another("--sluice.roles=publish,feed");
                Feed brisk = gateway.watch(path + "?policy=every", "Accept-Encoding", "gzip");
                Socket slow = connect(gateway, path, "Accept-Encoding: gzip\r\n")) {
            brisk.awaitReady();
            Lines lines = new Lines(slow.getInputStream(), new Gunzip());
            lines.until("event: ready");
            write(gateway, brisk, large);
            double conflated = gateway.meter("sluice_frames_conflated_total");
            assertThat(conflated).isPositive();
            assertThat(readOn(lines)).isLessThan((int) (UPDATES - conflated + 1));
            gateway.api().put(path, "{\"n\":\"last\"}", WAIT);
            lines.until("event: update");
            assertThat(lines.data().get("state").toString()).isEqualTo("{\"n\":\"last\"}");
        }
    }

    @Test
    void whoWantsEveryUpdateAndStopsReadingIsResetAndEndsWithTheRightState() throws IOException {
        try (Gateway gateway = Stack.another(
                        "--sluice.roles=publish,feed", "--sluice.feeds.max-frames=40", "--sluice.feeds.max-bytes=2MB");
                Feed brisk = gateway.watch(path + "?policy=every");
                Socket slow = connect(gateway, path + "?policy=every")) {
            brisk.awaitReady();
            Lines lines = new Lines(slow.getInputStream());
            lines.until("event: ready");
            write(gateway, brisk);
            assertThat(gateway.meter("sluice_resets_total")).isPositive();

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

    @Test
    void whoTakesNothingForTooLongIsSentAway() throws IOException {
        try (Gateway gateway = Stack.another(
                        "--sluice.roles=publish,feed", "--sluice.feeds.patience=1s", "--sluice.feeds.heartbeat=200ms");
                Feed brisk = gateway.watch(path + "?policy=every");
                Socket slow = connect(gateway, path)) {
            brisk.awaitReady();
            new Lines(slow.getInputStream()).until("event: ready");
            assertThat(gateway.meter("sluice_subscribers")).isEqualTo(2);
            write(gateway, brisk);
            Awaitility.await().until(() -> gateway.meter("sluice_subscribers") == 1);
            assertThat(slow.getInputStream().readAllBytes())
                    .as("what was on its way, then the end")
                    .isNotEmpty();
            assertThat(gateway.meter("sluice_waiting_bytes")).isZero();
        }
    }

    /** Reads a chunked answer line by line, and no faster than it is asked. Versions must rise, but after a reset. */
    private static final class Lines {

        private final InputStream in;
        private final @Nullable Gunzip gunzip;
        private ByteBuffer plain = ByteBuffer.allocate(0);
        private int left;
        private long last;
        private String id = "";
        private boolean inBody;

        private Lines(InputStream in) {
            this(in, null);
        }

        private Lines(InputStream in, @Nullable Gunzip gunzip) {
            this.gunzip = gunzip;
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
                if (line.startsWith("id: ")) {
                    id = line.substring(4);
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
            if (gunzip == null) {
                return nextOfBody();
            }
            while (!plain.hasRemaining()) {
                plain = ByteBuffer.wrap(gunzip.next(new byte[] {(byte) nextOfBody()}));
            }
            return plain.get();
        }

        private int nextOfBody() throws IOException {
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
    void whileTooMuchWaitsForSlowReadersNobodyNewComesIn() throws IOException {
        Random random = new Random();
        try (Gateway gateway = Stack.another("--sluice.roles=publish,feed", "--sluice.feeds.max-waiting=120KB");
                RawSocket socket = RawSocket.webSocket(gateway);
                Socket slow = connect(gateway, path)) {
            socket.readUntil("\r\n\r\n");
            socket.send(RawSocket.text("{\"id\":1,\"connect\":{}}", random));
            socket.readUntil("\"id\":1");
            Lines lines = new Lines(slow.getInputStream());
            lines.until("event: ready");
            int written = 0;
            while (gateway.meter("sluice_waiting_bytes") < 100_000) {
                assertThat(++written).as("writes until one waits").isLessThan(UPDATES);
                gateway.api().put(path, "{\"n\":" + written + ",\"x\":\"" + LARGE + "\"}", WAIT);
            }

            Api.Answer refused = gateway.api().get(path, "Accept", "text/event-stream");
            assertThat(refused.status()).isEqualTo(503);
            assertThat(refused.header("Retry-After")).isEqualTo("1");
            Problems.require(refused, "unavailable");
            try (RawSocket another = RawSocket.webSocket(gateway)) {
                assertThat(another.readUntil("\r\n\r\n")).startsWith("HTTP/1.1 503");
            }
            String subscribe = "{\"id\":%d,\"subscribe\":{\"channel\":\"customer:none\"}}";
            socket.send(RawSocket.text(subscribe.formatted(2), random));
            assertThat(socket.readUntil("\"temporary\":true")).contains("\"code\":111");

            do {
                lines.until("event: update");
                lines.data();
            } while (lines.last < written);
            Awaitility.await().until(() -> gateway.meter("sluice_waiting_bytes") == 0);
            try (Feed feed = gateway.watch(path)) {
                feed.awaitReady();
            }
            socket.send(RawSocket.text(subscribe.formatted(3), random));
            assertThat(socket.readUntil("\"recoverable\":true")).contains("\"id\":3");
        }
    }

    @Test
    void aSilentStreamHasHeartbeats() {
        String path = "/v1/contexts/customer/" + Stack.fresh("silent");
        try (Gateway gateway = Stack.another("--sluice.roles=publish,feed", "--sluice.feeds.heartbeat=100ms");
                Feed feed = gateway.watch(path)) {
            feed.awaitReady();
            Awaitility.await()
                    .until(() ->
                            feed.others().stream().filter(": heartbeat"::equals).count() >= 3);
            assertThat(feed.names()).containsExactly("ready");
        }
    }
}
