package io.sluice.gateway.websocket;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.node.ObjectNode;

/** Whatever a client says, it gets answers, errors, or the end of the connection; never does anything else go wrong. */
class RandomFramesTest {

    private static final int FRAMES = 100_000;
    private static final long SEED = 20_260_202;

    private static final List<String> METHODS = List.of(
            "connect",
            "subscribe",
            "unsubscribe",
            "publish",
            "history",
            "presence",
            "presence_stats",
            "rpc",
            "refresh",
            "sub_refresh",
            "send",
            "ping",
            "push",
            "");
    private static final List<String> MEMBERS = List.of(
            "id", "channel", "token", "data", "recover", "epoch", "offset", "flag", "type", "limit", "since", "reverse",
            "method", "key", "state", "patch", "wait", "eventId", "tf", "after");
    private static final List<String> SCALARS = List.of(
            "0",
            "1",
            "-1",
            "42",
            "18446744073709551615",
            "1e400",
            "0.5",
            "true",
            "false",
            "null",
            "\"\"",
            "\"customer:67890\"",
            "\"customer:%367890\"",
            "\"customer\"",
            "\"customer/67890\"",
            "\"order:%\"",
            "\"get\"",
            "\"put\"",
            "\"patch\"",
            "\"delete\"",
            "\"history\"",
            "\"1\"",
            "\"\\ud800\"",
            "\"\\u0000\"",
            "x");

    private final Random random = new Random(SEED);

    @Test
    void noFrameBreaksASession() {
        Client client = Client.connected();
        int ended = 0;
        for (int i = 0; i < FRAMES; i++) {
            byte[] frame = frame();
            try {
                client.session.receive(frame);
            } catch (RuntimeException e) {
                throw new AssertionError("frame " + i + " of seed " + SEED + ": " + RecordedConnection.text(frame), e);
            }
            check(client);
            client.connection.advance(Duration.ofMillis(random.nextInt(100)));
            if (client.connection.closed() != null) {
                ended++;
                client = client.another();
            }
            if (i % 1000 == 0) {
                client = Client.connected();
            }
        }
        assertThat(ended).isBetween(FRAMES / 10, FRAMES * 9 / 10);
    }

    /** What was sent reads as replies, each with an id and one of what replies have. */
    private static void check(Client client) {
        for (ObjectNode sent : client.connection.sent()) {
            assertThat(sent.has("push") || (sent.get("id").isIntegralNumber() && sent.size() == 2))
                    .as(sent.toString())
                    .isTrue();
            assertThat(sent.at("/error/code").asInt()).as(sent.toString()).isNotEqualTo(100);
        }
    }

    private byte[] frame() {
        return switch (random.nextInt(8)) {
            case 0 -> bytes();
            case 1 -> mutated(RecordedConnection.utf8(command()));
            case 2 -> RecordedConnection.utf8(command() + "\n" + command() + "\n" + command());
            case 3 -> RecordedConnection.utf8(value(6));
            default -> RecordedConnection.utf8(command());
        };
    }

    private byte[] bytes() {
        byte[] bytes = new byte[random.nextInt(60)];
        random.nextBytes(bytes);
        return bytes;
    }

    private byte[] mutated(byte[] frame) {
        for (int i = random.nextInt(3); i >= 0; i--) {
            frame[random.nextInt(frame.length)] = (byte) random.nextInt(256);
        }
        return frame;
    }

    private String command() {
        return "{\"id\":" + (random.nextInt(10) == 0 ? value(1) : random.nextInt(1, 100)) + ",\"" + one(METHODS) + "\":"
                + (random.nextInt(8) == 0 ? value(4) : request()) + "}";
    }

    /** Mostly what could be one. */
    private String request() {
        StringBuilder request = new StringBuilder("{\"channel\":\"customer:")
                .append(random.nextInt(5))
                .append('"');
        if (random.nextBoolean()) {
            request.append(",\"method\":")
                    .append(one(List.of("\"get\"", "\"put\"", "\"patch\"", "\"delete\"", "\"x\"")));
            request.append(",\"data\":{\"key\":\"customer/1\",\"state\":{},\"patch\":{}}");
        } else if (random.nextBoolean()) {
            request.append(",\"recover\":true,\"offset\":")
                    .append(random.nextInt(5))
                    .append(",\"epoch\":\"1\"");
        } else {
            request.append(",\"").append(one(MEMBERS)).append("\":").append(value(3));
        }
        return request.append('}').toString();
    }

    private String value(int depth) {
        return switch (depth == 0 ? 0 : random.nextInt(5)) {
            case 1 -> "{\"" + one(MEMBERS) + "\":" + value(depth - 1) + "}";
            case 2 ->
                "{\"" + one(METHODS) + "\":" + value(depth - 1) + ",\"" + one(MEMBERS) + "\":" + value(depth - 1) + "}";
            case 3 -> "[" + value(depth - 1) + "," + value(depth - 1) + "]";
            default -> one(SCALARS);
        };
    }

    private String one(List<String> of) {
        return of.get(random.nextInt(of.size()));
    }
}
