package io.sluice.gateway.websocket;

import static io.sluice.gateway.websocket.Client.KEY;
import static io.sluice.gateway.websocket.Client.assertError;
import static io.sluice.gateway.websocket.Client.json;
import static org.assertj.core.api.Assertions.assertThat;

import io.sluice.resolver.UnavailableException;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

class SubscriptionTest {

    private static final String CHANNEL = "customer:67890";

    private static String recover(String epoch, long offset) {
        return "{\"id\":9,\"subscribe\":{\"channel\":\"" + CHANNEL + "\",\"recover\":true,\"epoch\":\"" + epoch
                + "\",\"offset\":" + offset + "}}";
    }

    private static List<Integer> offsets(JsonNode publications) {
        return publications
                .valueStream()
                .map(publication -> publication.get("offset").asInt())
                .toList();
    }

    private static Client withVersions(int count) {
        Client client = Client.connected();
        for (int i = 1; i <= count; i++) {
            client.contexts.write(KEY, json("{'n':" + i + "}"));
        }
        return client;
    }

    @Test
    void aContextNotYetWrittenHasNoPosition() {
        Client client = Client.connected();
        assertThat(client.subscribes(CHANNEL))
                .isEqualTo(json("{'id':2,'subscribe':{'recoverable':true,'positioned':true,'epoch':'','offset':0}}"));
    }

    @Test
    void theContextAsItIsNowIsTheFirstPublication() {
        Client client = withVersions(3);
        ObjectNode reply = client.subscribes(CHANNEL);
        assertThat(reply.at("/subscribe/offset").asInt()).isEqualTo(3);
        assertThat(reply.at("/subscribe/epoch").asString()).isEqualTo("1");
        assertThat(reply.at("/subscribe/recovered").isMissingNode()).isTrue();
        assertThat(reply.at("/subscribe/was_recovering").isMissingNode()).isTrue();
        assertThat(offsets(reply.at("/subscribe/publications"))).containsExactly(3);
        assertThat(reply.at("/subscribe/publications/0/data/state")).isEqualTo(json("{'n':3}"));
        assertThat(reply.at("/subscribe/publications/0/data/key").isMissingNode())
                .isTrue();
    }

    @Test
    void changesArePushed() {
        Client client = Client.connected();
        client.subscribes(CHANNEL);
        client.contexts.write(KEY, json("{'a':1}"));
        ObjectNode push = client.connection.sent().getFirst();
        assertThat(push.at("/push/channel").asString()).isEqualTo(CHANNEL);
        assertThat(push.at("/push/pub/offset").asInt()).isEqualTo(1);
        assertThat(push.at("/push/pub/epoch").asString()).isEqualTo("1");
        assertThat(push.at("/push/pub/data/state")).isEqualTo(json("{'a':1}"));
        client.contexts.delete(KEY);
        assertThat(client.connection
                        .sent()
                        .getFirst()
                        .at("/push/pub/data/deleted")
                        .asBoolean())
                .isTrue();
    }

    @Test
    void aPushIsSharedAsItIs() {
        Client one = Client.connected();
        Client other = one.another();
        one.subscribes(CHANNEL);
        other.subscribes(CHANNEL);
        one.contexts.write(KEY, json("{'a':1}"));
        assertThat(one.connection.frames().getLast())
                .isSameAs(other.connection.frames().getLast());
    }

    @Test
    void anotherSpellingIsAChannelOfItsOwn() {
        Client client = withVersions(1);
        assertThat(client.subscribes("customer:%367890")
                        .at("/subscribe/publications/0/offset")
                        .asInt())
                .isOne();
        client.subscribes(CHANNEL);
        client.contexts.write(KEY, json("{'a':1}"));
        List<ObjectNode> pushes = client.connection.sent();
        assertThat(pushes)
                .extracting(push -> push.at("/push/channel").asString())
                .containsExactlyInAnyOrder("customer:%367890", CHANNEL);
        assertThat(pushes.getFirst().at("/push/pub")).isEqualTo(pushes.getLast().at("/push/pub"));
    }

    @Test
    void whatWasMissedIsRecovered() {
        Client client = withVersions(5);
        JsonNode result = client.asksOnce(recover("1", 3)).get("subscribe");
        assertThat(result.get("recovered").asBoolean()).isTrue();
        assertThat(result.get("was_recovering").asBoolean()).isTrue();
        assertThat(result.get("epoch").asString()).isEqualTo("1");
        assertThat(result.get("offset").asInt()).isEqualTo(3);
        assertThat(offsets(result.get("publications"))).containsExactly(4, 5);
    }

    @Test
    void whoMissedNothingGetsNothing() {
        Client client = withVersions(5);
        JsonNode result = client.asksOnce(recover("1", 5)).get("subscribe");
        assertThat(result.get("recovered").asBoolean()).isTrue();
        assertThat(result.get("offset").asInt()).isEqualTo(5);
        assertThat(result.has("publications")).isFalse();
    }

    @Test
    void aContextThatWasNotYetWrittenIsRecoveredFromItsBegin() {
        Client client = Client.connected();
        assertThat(client.asksOnce(recover("", 0)).at("/subscribe/recovered").asBoolean())
                .isTrue();
        Client later = client.another();
        client.contexts.write(KEY, json("{}"));
        JsonNode result = later.asksOnce(recover("", 0)).get("subscribe");
        assertThat(result.get("recovered").asBoolean()).isTrue();
        assertThat(result.get("epoch").asString()).isEqualTo("1");
        assertThat(result.get("offset").asInt()).isZero();
        assertThat(offsets(result.get("publications"))).containsExactly(1);
    }

    @Test
    void whatCannotBeRecoveredIsTheContextAsItIsNow() {
        for (String request : List.of(recover("2", 3), recover("1", 1), recover("1", 6), recover("_", 0))) {
            Client client = withVersions(5);
            client.contexts.forgetPast(KEY);
            JsonNode result = client.asksOnce(request).get("subscribe");
            assertThat(result.has("recovered")).as(request).isFalse();
            assertThat(result.get("was_recovering").asBoolean()).isTrue();
            assertThat(result.get("epoch").asString()).isEqualTo("1");
            assertThat(result.get("offset").asInt()).isEqualTo(5);
            assertThat(offsets(result.get("publications"))).containsExactly(5);
        }
    }

    @Test
    void whoWantsAllOrAnErrorGetsOne() {
        Client client = withVersions(5);
        String asked = recover("2", 3).replace("\"recover\"", "\"flag\":2,\"recover\"");
        assertError(client.asksOnce(asked), 9, 112);
        assertThat(client.contexts.listeners()).isZero();
        assertThat(client.asksOnce(asked.replace("\"2\"", "\"1\""))
                        .at("/subscribe/recovered")
                        .asBoolean())
                .isTrue();
    }

    @Test
    void aChannelIsSubscribedToOnce() {
        Client client = Client.connected();
        client.subscribes(CHANNEL);
        assertError(client.subscribes(CHANNEL), 2, 105);
        client.contexts.answerLater();
        client.says("{\"id\":3,\"subscribe\":{\"channel\":\"customer:1\"}}");
        assertError(client.asksOnce("{\"id\":4,\"subscribe\":{\"channel\":\"customer:1\"}}"), 4, 105);
    }

    @Test
    void subscriptionsAreBounded() {
        Client client = Client.connected(new SessionSettings(
                1000, 10, 10, 2, 10, Duration.ofSeconds(25), Duration.ofSeconds(10), Duration.ofSeconds(15)));
        client.subscribes("customer:1");
        client.subscribes("customer:2");
        assertError(client.subscribes("customer:3"), 2, 106);
        client.asksOnce("{\"id\":3,\"unsubscribe\":{\"channel\":\"customer:1\"}}");
        assertThat(client.subscribes("customer:3").has("subscribe")).isTrue();
    }

    @Test
    void channelsThatAreNoneAreErrors() {
        Client client = Client.connected();
        assertError(client.subscribes("nothing:1"), 2, 102);
        assertError(client.subscribes("customer:"), 2, 102);
        assertError(client.subscribes("customer"), 2, 108);
        assertError(client.subscribes("customer:" + "x".repeat(1000)), 2, 107);
        assertError(client.asksOnce("{\"id\":3,\"subscribe\":{\"channel\":\"customer:1\",\"type\":1}}"), 3, 108);
        assertError(client.asksOnce("{\"id\":3,\"subscribe\":{\"channel\":\"customer:1\",\"tf\":{}}}"), 3, 107);
        assertThat(client.connection.closed()).isNull();
    }

    @Test
    void afterAnUnsubscriptionThereAreNoPushes() {
        Client client = Client.connected();
        client.subscribes(CHANNEL);
        assertThat(client.asks("{\"id\":3,\"unsubscribe\":{\"channel\":\"" + CHANNEL + "\"}}"))
                .containsExactly("{\"id\":3,\"unsubscribe\":{}}");
        client.contexts.write(KEY, json("{}"));
        assertThat(client.hears()).isEmpty();
        assertThat(client.contexts.listeners()).isZero();
        assertThat(client.asks("{\"id\":4,\"unsubscribe\":{\"channel\":\"" + CHANNEL + "\"}}"))
                .containsExactly("{\"id\":4,\"unsubscribe\":{}}");
    }

    @Test
    void anAnswerComesBeforeThePushes() {
        Client client = Client.connected();
        client.contexts.answerLater();
        client.says("{\"id\":2,\"subscribe\":{\"channel\":\"" + CHANNEL + "\"}}");
        client.contexts.write(KEY, json("{}"));
        assertThat(client.hears()).isEmpty();
        client.contexts.answer();
        client.contexts.write(KEY, json("{}"));
        List<ObjectNode> sent = client.connection.sent();
        assertThat(sent.getFirst().at("/subscribe/offset").asInt()).isOne();
        assertThat(sent.getLast().at("/push/pub/offset").asInt()).isEqualTo(2);
    }

    @Test
    void anUnsubscriptionMayOvertake() {
        Client client = Client.connected();
        client.contexts.answerLater();
        client.says(
                "{\"id\":2,\"subscribe\":{\"channel\":\"" + CHANNEL + "\"}}\n{\"id\":3,\"unsubscribe\":{\"channel\":\""
                        + CHANNEL + "\"}}\n{\"id\":4,\"subscribe\":{\"channel\":\"" + CHANNEL + "\"}}");
        List<ObjectNode> sent = client.connection.sent();
        assertThat(sent).extracting(reply -> reply.get("id").asInt()).containsExactly(2, 3);
        assertThat(sent.getFirst().at("/error/temporary").asBoolean()).isTrue();
        client.contexts.answer();
        assertThat(client.connection.sent())
                .extracting(reply -> reply.path("id").asInt())
                .containsExactly(4);
        assertThat(client.contexts.listeners()).isOne();
    }

    @Test
    void aSubscriptionThatEndsIsAPush() {
        Client client = Client.connected();
        client.subscribes(CHANNEL);
        client.contexts.unsubscribe(KEY, Unsubscribed.BY_SERVER);
        assertThat(client.hears())
                .containsExactly("{\"push\":{\"channel\":\"" + CHANNEL
                        + "\",\"unsubscribe\":{\"code\":2000,\"reason\":\"server unsubscribe\"}}}");
        assertThat(client.subscribes(CHANNEL).has("subscribe")).isTrue();
    }

    @Test
    void aNewLifeOfAContextIsAskedForAnew() {
        Client client = withVersions(3);
        client.subscribes(CHANNEL);
        client.contexts.beginNewLife(KEY);
        assertThat(client.connection.sent())
                .extracting(push -> push.at("/push/unsubscribe/code").asInt())
                .containsExactly(2500);
        JsonNode result = client.asksOnce(recover("1", 3)).get("subscribe");
        assertThat(result.has("recovered")).isFalse();
        assertThat(result.get("epoch").asString()).isEqualTo("2");
    }

    @Test
    void aSubscriptionThatCannotBeginIsAnError() {
        Client client = Client.connected();
        client.contexts.failWith(new UnavailableException("x", "full"));
        assertError(client.subscribes("customer:1"), 2, 503);
        client.contexts.failWith(new IllegalStateException("secret"));
        ObjectNode reply = client.subscribes("customer:1");
        assertThat(reply.at("/error/code").asInt()).isEqualTo(100);
        assertThat(reply.toString()).doesNotContain("secret");
    }

    @Test
    void aSubscriptionThatEndsBeforeItBeginsIsAnError() {
        assertThat(endedBeforeItBegan(Unsubscribed.BY_SERVER)).isEqualTo(103);
        assertThat(endedBeforeItBegan(Unsubscribed.INSUFFICIENT_STATE)).isEqualTo(100);
    }

    private static int endedBeforeItBegan(Unsubscribed why) {
        Client client = Client.connected();
        client.contexts.refuseWith(why);
        ObjectNode reply = client.subscribes(CHANNEL);
        assertThat(client.contexts.listeners()).isZero();
        return reply.at("/error/code").asInt();
    }
}
