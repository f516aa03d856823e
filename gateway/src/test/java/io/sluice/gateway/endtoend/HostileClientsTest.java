package io.sluice.gateway.endtoend;

import static io.sluice.gateway.endtoend.Api.WAIT;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Random;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;

/** Clients that break the protocol get a code, and cost nobody else anything. */
@EndToEnd
class HostileClientsTest {

    private static final int FRAMES = 100_000;
    private static final int FRAMES_OF_CLIENT = 400;

    private final Gateway gateway = Stack.gateway();

    @Test
    void framesOfAnyContentHarmOnlyWhoSendsThem() {
        long seed = Long.getLong("sluice.test.seed", System.nanoTime());
        System.out.println("hostile frames: seed " + seed);
        Random random = new Random(seed);
        String id = Stack.fresh("hostile");
        String path = "/v1/contexts/churn/" + id;
        try (Feed witness = gateway.watch(path + "?policy=every")) {
            witness.awaitReady();
            int written = 0;
            for (int sent = 0; sent < FRAMES; sent += FRAMES_OF_CLIENT) {
                try (RawSocket client = RawSocket.webSocket(gateway)) {
                    client.readUntil("\r\n\r\n");
                    client.send(RawSocket.text("{\"id\":1,\"connect\":{}}", random));
                    var frames = new ByteArrayOutputStream();
                    // All but the last are such that the connection may stand.
                    for (int i = 0; i < FRAMES_OF_CLIENT; i++) {
                        frames.writeBytes(i < FRAMES_OF_CLIENT - 1 ? odd(i + 2, random) : broken(random));
                    }
                    client.send(frames.toByteArray());
                    client.send(new byte[] {(byte) 0x88, (byte) 0x80, 0, 0, 0, 0});
                    client.readToEnd();
                }
                if (sent % 4_000 == 0) {
                    assertThat(gateway.api()
                                    .put(path, "{\"n\":" + sent + "}", WAIT)
                                    .status())
                            .isEqualTo(200);
                    witness.awaitVersion("churn/" + id, ++written);
                }
            }
            WatchTest.requireExact(witness, "churn/" + id, written);
        }
        Awaitility.await().until(() -> gateway.meter("sluice_subscribers") == 0);
    }

    /** A frame that is answered with an error, or with nothing. */
    private static byte[] odd(int number, Random random) {
        List<String> commands = List.of(
                "{\"id\":%d,\"subscribe\":{\"channel\":\"nope:1\"}}",
                "{\"id\":%d,\"subscribe\":{\"channel\":\"customer:%%zz\"}}",
                "{\"id\":%d,\"publish\":{\"channel\":\"customer:x\",\"data\":[1]}}",
                "{\"id\":%d,\"history\":{\"channel\":\"customer\"}}",
                "{\"id\":%d,\"presence\":{\"channel\":\"customer:1\"}}",
                "{\"id\":%d,\"rpc\":{\"method\":\"\u0000\",\"data\":{}}}",
                "{\"id\":%d,\"refresh\":{\"token\":\"x\"}}",
                "{\"id\":%d,\"unsubscribe\":{\"channel\":\"" + "c".repeat(random.nextInt(300)) + "\"}}");
        return RawSocket.text(commands.get(random.nextInt(commands.size())).formatted(number), random);
    }

    private static byte[] broken(Random random) {
        byte[] bytes = new byte[random.nextInt(200)];
        random.nextBytes(bytes);
        return switch (random.nextInt(6)) {
            case 0 -> bytes;
            case 1 -> RawSocket.frame(0x82, bytes, random);
            case 2 -> RawSocket.frame(0x81, bytes, random);
            case 3 -> RawSocket.frame(0x01, bytes, random); // a fragment, and no more of it
            case 4 -> RawSocket.frame(random.nextInt(256), bytes, random);
            default -> RawSocket.text("{\"id\":1".repeat(random.nextInt(20)), random);
        };
    }

    @Test
    void aFrameThatIsTooLargeEndsItsConnection() {
        try (RawSocket client = RawSocket.webSocket(gateway)) {
            client.readUntil("\r\n\r\n");
            client.send(new byte[] {(byte) 0x81, (byte) 0xff, 0, 0, 0, 1, 0, 0, 0, 0, 1, 2, 3, 4});
            assertThat(client.readToEnd()).contains("\u0003\u00f1"); // 1009, too big
        }
    }

    @Test
    void aRequestThatNeverEndsIsSentAway() {
        try (RawSocket slow = new RawSocket(gateway)) {
            slow.send("GET /v1/contexts/churn HTTP/1.1\r\n");
            assertThat(slow.readToEnd()).isEmpty();
        }
    }

    @Test
    void whatIsNoUpgradeIsToldSo() {
        Api.Answer answer = gateway.api().get("/connection/websocket");
        assertThat(answer.status()).isEqualTo(400);
        Problems.require(answer, "malformed");
    }

    @Test
    void anUpgradeThatIsNoneIsToldWhatIsMissing() {
        String version = "Sec-WebSocket-Version: 13";
        String key = "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==";
        requireRefused("Sec-WebSocket-Version: none (expected: 13)", key);
        requireRefused("Sec-WebSocket-Version: \\\"8\\\" (expected: 13)", "Sec-WebSocket-Version: 8", key);
        requireRefused("Sec-WebSocket-Key: none (expected: 16 bytes in base64)", version);
        requireRefused("Sec-WebSocket-Key: \\\"x\\\" (expected: 16 bytes in base64)", version, "Sec-WebSocket-Key: x");
        Api.Answer posted = gateway.api().post("/connection/websocket", "{}");
        Problems.require(posted, "method-not-allowed");
        assertThat(posted.header("Allow")).isEqualTo("GET");
    }

    private void requireRefused(String detail, String... headers) {
        try (RawSocket client = RawSocket.upgrade(gateway, headers)) {
            String answer = client.readUntil("retryable");
            assertThat(answer).startsWith("HTTP/1.1 400").contains(detail);
            // The header that RFC 6455 (4.4) has for a version that is none of ours.
            assertThat(answer.contains("Sec-WebSocket-Version: 13\r\n")).isEqualTo(detail.contains("Version"));
        }
    }

    @Test
    void pingsAreAnsweredAndPongsThatNobodyAskedForDoNoHarm() {
        Random random = new Random(1);
        try (RawSocket client = RawSocket.webSocket(gateway)) {
            client.readUntil("\r\n\r\n");
            client.send(RawSocket.frame(0x8a, "unasked".getBytes(StandardCharsets.US_ASCII), random));
            client.send(RawSocket.frame(0x89, "still there?".getBytes(StandardCharsets.US_ASCII), random));
            assertThat(client.readUntil("there?")).isEqualTo("\u008a\fstill there?");
        }
    }

    /** Answers that nobody reads would pile up. */
    @Test
    void whoSendsPingsAndReadsNothingIsNotAnsweredForEver() {
        byte[] ping = RawSocket.frame(0x89, new byte[125], new Random(1));
        ByteArrayOutputStream many = new ByteArrayOutputStream();
        for (int i = 0; i < 8_000; i++) {
            many.writeBytes(ping);
        }
        try (RawSocket client = RawSocket.webSocket(gateway)) {
            client.readUntil("\r\n\r\n");
            int sent = 0;
            for (int i = 0; i < 32; i++) {
                client.send(many.toByteArray());
                sent += many.size();
            }
            client.send(new byte[] {(byte) 0x88, (byte) 0x80, 0, 0, 0, 0});
            assertThat(client.readToEnd().length()).isBetween(1, sent / 2);
        }
    }
}
