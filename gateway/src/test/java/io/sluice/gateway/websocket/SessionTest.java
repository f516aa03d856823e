package io.sluice.gateway.websocket;

import static io.sluice.gateway.websocket.Client.assertError;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.util.HashSet;
import java.util.Set;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.node.ObjectNode;

class SessionTest {

    @Test
    void aClientConnectsFirst() {
        Client client = Client.fresh();
        ObjectNode result = (ObjectNode) client.asksOnce("{\"id\":1,\"connect\":{\"token\":\"x\",\"name\":\"js\"}}")
                .get("connect");
        UUID name = UUID.fromString(result.get("client").asString());
        assertThat(name.version()).isEqualTo(4);
        assertThat(name.variant()).isEqualTo(2);
        assertThat(name).hasToString(client.session.client());
        assertThat(result.get("version").asString()).isEqualTo("sluice 0.1.0");
        assertThat(result.get("ping").asInt()).isEqualTo(25);
        assertThat(result.get("pong").asBoolean()).isTrue();
    }

    @Test
    void eachClientHasAName() {
        Set<String> names = new HashSet<>();
        for (int i = 0; i < 1000; i++) {
            names.add(Client.fresh().session.client());
        }
        assertThat(names).hasSize(1000);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{}",
                "{\"id\":1,\"subscribe\":{\"channel\":\"customer:1\"}}",
                "{\"id\":1,\"rpc\":{\"method\":\"get\"}}",
                "{\"send\":{}}",
                "{\"id\":1,\"refresh\":{}}",
                "no JSON",
                "",
            })
    void anythingElseBeforeIsABadRequest(String frame) {
        Client client = Client.fresh();
        client.says(frame);
        assertThat(client.closed()).isEqualTo(Disconnects.BAD_REQUEST);
        assertThat(client.hears()).isEmpty();
        assertThat(client.connection.timers()).isZero();
    }

    @Test
    void aClientConnectsOnce() {
        Client client = Client.connected();
        client.says("{\"id\":2,\"connect\":{}}");
        assertThat(client.closed()).isEqualTo(Disconnects.BAD_REQUEST);
    }

    @Test
    void aFrameIsAnsweredInOne() {
        Client client = Client.fresh();
        client.says("{\"id\":1,\"connect\":{}}\n{\"id\":2,\"subscribe\":{\"channel\":\"customer:1\"}}\n"
                + "{\"id\":3,\"presence\":{\"channel\":\"customer:1\"}}");
        assertThat(client.connection.frames()).hasSize(1);
        assertThat(client.connection.sent())
                .extracting(reply -> reply.get("id").asInt())
                .containsExactly(1, 2, 3);
    }

    @Test
    void whatFollowsABrokenLineIsNotDoneAndNeitherIsWhatCameBefore() {
        Client client = Client.connected();
        client.says("{\"id\":2,\"publish\":{\"channel\":\"customer:67890\",\"data\":{}}}\n{");
        assertThat(client.closed()).isEqualTo(Disconnects.BAD_REQUEST);
        assertThat(client.another()
                        .subscribes("customer:67890")
                        .at("/subscribe/offset")
                        .asInt())
                .isZero();
    }

    @Test
    void answersBeforeTheEndOfAConnectionAreSent() {
        Client client = Client.fresh();
        client.says("{\"id\":1,\"connect\":{}}\n{\"send\":{}}\n{\"id\":3,\"presence\":{\"channel\":\"c\"}}");
        assertThat(client.connection.sent()).hasSize(1);
        assertThat(client.closed()).isEqualTo(Disconnects.NOT_AVAILABLE);
    }

    @Test
    void aFrameThatIsTooLargeIsABadRequest() {
        Client client = Client.connected();
        client.says(" ".repeat(1 << 20) + "{}");
        assertThat(client.closed()).isEqualTo(Disconnects.BAD_REQUEST);
    }

    @Test
    void whoNeverConnectsIsStale() {
        Client client = Client.fresh();
        client.connection.advance(Duration.ofMillis(14_999));
        assertThat(client.connection.closed()).isNull();
        client.connection.advance(Duration.ofMillis(1));
        assertThat(client.closed()).isEqualTo(Disconnects.STALE);
        client.says("{\"id\":1,\"connect\":{}}");
        assertThat(client.hears()).isEmpty();
    }

    @Test
    void whoHasConnectedIsNotStale() {
        Client client = Client.connected();
        client.connection.advance(Duration.ofSeconds(15));
        client.says("{\"id\":2,\"presence\":{\"channel\":\"c\"}}");
        assertThat(client.connection.closed()).isNull();
    }

    /** Until the client is asked whether it is there. */
    private static int millisToPing(Client client) {
        int millis = 0;
        for (; client.hears().isEmpty(); millis++) {
            client.connection.advance(Duration.ofMillis(1));
        }
        return millis;
    }

    @Test
    void aClientThatAnswersPingsStays() {
        Client client = Client.connected();
        assertThat(millisToPing(client)).isBetween(12_500, 25_000);
        client.says("{}");
        for (int i = 0; i < 3; i++) {
            assertThat(millisToPing(client)).isEqualTo(25_000);
            client.connection.advance(Duration.ofMillis(9_999));
            client.says("{}");
            client.connection.advance(Duration.ofMillis(15_001));
            assertThat(client.hears()).containsExactly("{}");
            client.says("{}");
        }
        assertThat(client.connection.closed()).isNull();
    }

    @Test
    void aClientThatDoesNotAnswerAPingIsGone() {
        Client client = Client.connected();
        millisToPing(client);
        client.connection.advance(Duration.ofMillis(9_999));
        assertThat(client.asks("{\"id\":2,\"presence\":{\"channel\":\"c\"}}")).hasSize(1);
        client.connection.advance(Duration.ofMillis(1));
        assertThat(client.closed()).isEqualTo(Disconnects.NO_PONG);
        assertThat(client.connection.timers()).isZero();
    }

    @Test
    void anAnswerThatNobodyAskedForIsABadRequest() {
        Client early = Client.connected();
        early.says("{}");
        assertThat(early.closed()).isEqualTo(Disconnects.BAD_REQUEST);

        Client twice = Client.connected();
        millisToPing(twice);
        twice.says("{}");
        assertThat(twice.connection.closed()).isNull();
        twice.says("{}");
        assertThat(twice.closed()).isEqualTo(Disconnects.BAD_REQUEST);
    }

    @Test
    void whatIsNotThereIsNotAvailable() {
        Client client = Client.connected();
        client.subscribes("customer:67890");
        assertError(client.asksOnce("{\"id\":3,\"presence\":{\"channel\":\"customer:67890\"}}"), 3, 108);
        assertError(client.asksOnce("{\"id\":4,\"presence_stats\":{\"channel\":\"customer:67890\"}}"), 4, 108);
        assertError(client.asksOnce("{\"id\":5,\"refresh\":{\"token\":\"t\"}}"), 5, 108);
        assertError(
                client.asksOnce("{\"id\":6,\"sub_refresh\":{\"channel\":\"customer:67890\",\"token\":\"t\"}}"), 6, 108);
        assertError(client.asksOnce("{\"id\":7,\"sub_refresh\":{\"channel\":\"customer:1\",\"token\":\"t\"}}"), 7, 103);
    }

    @Test
    void aMessageThatNobodyHearsEndsTheConnection() {
        Client client = Client.connected();
        client.says("{\"id\":2,\"send\":{\"data\":{}}}");
        assertThat(client.closed()).isEqualTo(Disconnects.NOT_AVAILABLE);
    }

    @Test
    void theOtherSideCanEndIt() {
        Client client = Client.connected();
        client.subscribes("customer:67890");
        client.session.closed();
        assertThat(client.contexts.listeners()).isZero();
        assertThat(client.connection.timers()).isZero();
        client.says("{\"id\":2,\"presence\":{\"channel\":\"c\"}}");
        client.session.disconnect(Disconnects.SHUTDOWN);
        client.session.closed();
        assertThat(client.hears()).isEmpty();
        assertThat(client.connection.closed()).isNull();
    }

    @Test
    void thisSideCanEndIt() {
        Client client = Client.connected();
        client.subscribes("customer:67890");
        client.session.disconnect(Disconnects.SHUTDOWN);
        client.session.disconnect(Disconnects.SLOW);
        assertThat(client.closed()).isEqualTo(Disconnects.SHUTDOWN);
        assertThat(client.contexts.listeners()).isZero();
        assertThat(client.connection.timers()).isZero();
        client.contexts.write(Client.KEY, Client.json("{}"));
        assertThat(client.hears()).isEmpty();
    }

    @Test
    void aClientMayTurnOutTooSlowWhileItIsAnswered() {
        Client client = Client.fresh();
        client.connection.whenSent(() -> client.session.disconnect(Disconnects.SLOW));
        client.says("{\"id\":1,\"connect\":{}}\n{\"id\":2,\"subscribe\":{\"channel\":\"customer:67890\"}}");
        assertThat(client.closed()).isEqualTo(Disconnects.SLOW);
        assertThat(client.connection.frames()).hasSize(1);
        assertThat(client.contexts.listeners()).isZero();
        assertThat(client.connection.timers()).isZero();
    }

    @Test
    void aClientMayTurnOutTooSlowAmongManyAnswers() {
        Client client = Client.connected();
        client.contexts.write(Client.KEY, Client.json("{'a':'" + "x".repeat(70_000) + "'}"));
        client.connection.whenSent(() -> client.session.disconnect(Disconnects.SLOW));
        client.says(
                "{\"id\":2,\"subscribe\":{\"channel\":\"customer:67890\"}}\n{\"id\":3,\"presence\":{\"channel\":\"c\"}}");
        assertThat(client.closed()).isEqualTo(Disconnects.SLOW);
        assertThat(client.connection.sent()).hasSize(1);
        assertThat(client.contexts.listeners()).isZero();
    }

    @Test
    void settingsThatCannotBeAreRefused() {
        assertThatThrownBy(() -> settings(0, Duration.ofSeconds(25), Duration.ofSeconds(10)))
                .hasMessage("max in flight: 0 (expected: >= 1)");
        assertThatThrownBy(() -> settings(1, Duration.ofMillis(1500), Duration.ofSeconds(1)))
                .isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> settings(1, Duration.ofSeconds(5), Duration.ofSeconds(5)))
                .isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> settings(1, Duration.ofSeconds(5), Duration.ZERO))
                .isInstanceOf(IllegalArgumentException.class);
    }

    private static SessionSettings settings(int inFlight, Duration ping, Duration pong) {
        return new SessionSettings(100, 1, 1, 1, inFlight, ping, pong, Duration.ofSeconds(1));
    }
}
