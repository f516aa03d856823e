package io.sluice.gateway.websocket;

import static io.sluice.gateway.websocket.Client.KEY;
import static io.sluice.gateway.websocket.Client.assertError;
import static io.sluice.gateway.websocket.Client.json;
import static org.assertj.core.api.Assertions.assertThat;

import io.sluice.resolver.Change;
import io.sluice.resolver.ContextKey;
import io.sluice.resolver.OperationsJson;
import io.sluice.resolver.UnavailableException;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** What is asked of the contexts: publications, history, procedures. */
class CallTest {

    private static final String PUBLISH = "{'id':3,'publish':{'channel':'customer:67890','data':{'a':1}}}";

    private static ObjectNode ask(Client client, String command) {
        return client.asksOnce(json(command).toString());
    }

    private static String rpc(String method, String data) {
        return "{'id':5,'rpc':{'method':'" + method + "','data':" + data + "}}";
    }

    @Test
    void whatIsPublishedIsAMergePatch() {
        Client client = Client.connected();
        client.contexts.write(KEY, json("{'a':0,'b':2}"));
        assertThat(ask(client, PUBLISH)).isEqualTo(json("{'id':3,'publish':{}}"));
        assertThat(client.subscribes("customer:67890").at("/subscribe/publications/0/data/state"))
                .isEqualTo(json("{'a':1,'b':2}"));
    }

    @Test
    void onlyAnObjectCanBePublished() {
        Client client = Client.connected();
        for (String data : List.of("1", "'x'", "[]", "null", "true")) {
            assertError(ask(client, PUBLISH.replace("{'a':1}", data)), 3, 107);
        }
        assertError(ask(client, "{'id':3,'publish':{'channel':'customer:67890'}}"), 3, 107);
        assertError(ask(client, PUBLISH.replace("'data'", "'type':1,'data'")), 3, 108);
        assertError(ask(client, PUBLISH.replace("customer", "nothing")), 3, 102);
    }

    @Test
    void whatIsPublishedIsNoDeeperThanADocument() {
        Client client = Client.connected();
        String deep = "{'a':" + "[".repeat(63) + "]".repeat(63) + "}";
        assertThat(ask(client, PUBLISH.replace("{'a':1}", deep)).has("publish")).isTrue();
        assertError(ask(client, PUBLISH.replace("{'a':1}", deep.replace("[]", "[[]]"))), 3, 107);
    }

    @Test
    void historyHasThePastAndThePosition() {
        Client client = Client.connected();
        assertThat(ask(client, "{'id':4,'history':{'channel':'customer:67890','limit':-1}}"))
                .isEqualTo(json("{'id':4,'history':{'epoch':'','offset':0}}"));
        for (int i = 0; i < 5; i++) {
            client.contexts.write(KEY, json("{}"));
        }
        assertThat(offsets(client, "'limit':-1")).containsExactly(1, 2, 3, 4, 5);
        assertThat(offsets(client, "'limit':2")).containsExactly(1, 2);
        assertThat(offsets(client, "'limit':0")).isEmpty();
        assertThat(offsets(client, "'limit':2,'reverse':true")).containsExactly(5, 4);
        assertThat(offsets(client, "'limit':-1,'since':{'offset':3,'epoch':'1'}"))
                .containsExactly(4, 5);
        client.contexts.forgetPast(KEY);
        assertError(
                ask(client, "{'id':4,'history':{'channel':'customer:67890','limit':-1,'since':{'offset':3}}}"), 4, 112);
        assertError(ask(client, "{'id':4,'history':{'channel':'customer'}}"), 4, 108);
    }

    private static List<Integer> offsets(Client client, String range) {
        JsonNode result = ask(client, "{'id':4,'history':{'channel':'customer:67890'," + range + "}}")
                .get("history");
        assertThat(result.get("offset").asInt()).isEqualTo(5);
        assertThat(result.get("epoch").asString()).isEqualTo("1");
        return result.path("publications")
                .valueStream()
                .map(publication -> publication.get("offset").asInt())
                .toList();
    }

    @Test
    void everyProcedureIsCalled() {
        Client client = Client.connected();
        ContextKey key = new ContextKey("default", "order", "a/b");
        ask(client, rpc("get", "{'key':'order/a/b'}"));
        ask(client, rpc("get", "{'channel':'order:a%2Fb'}"));
        ask(client, rpc("history", "{'key':'order/a/b'}"));
        ask(client, rpc("history", "{'key':'order/a/b','limit':7,'after':'c'}"));
        ask(client, rpc("put", "{'key':'order/a/b','state':{'a':1}}"));
        ask(client, rpc("patch", "{'key':'order/a/b','patch':{'a':null},'eventId':'e','wait':5}"));
        ask(client, rpc("delete", "{'key':'order/a/b','wait':99}"));
        assertThat(client.contexts.calls)
                .containsExactly(
                        new Call.Get(key),
                        new Call.Get(key),
                        new Call.History(key, 0, null),
                        new Call.History(key, 7, "c"),
                        new Call.Write(key, new Change.Replace(json("{'a':1}")), null, null),
                        new Call.Write(key, new Change.Patch(json("{'a':null}")), "e", Duration.ofSeconds(5)),
                        new Call.Write(key, Change.DELETE, null, Duration.ofSeconds(30)));
    }

    @Test
    void operationsAreReadAsOverHttp() {
        Client client = Client.connected();
        String operations = "[{'path':'/visits','add':2},{'path':'/note','text':[5,'x'],'revision':7}]";
        ask(client, rpc("patch", "{'key':'order/1','ops':" + operations + ",'eventId':'e','wait':5}"));
        ObjectNode read = json("{'ops':" + operations + "}");
        assertThat(client.contexts.calls)
                .containsExactly(new Call.Write(
                        new ContextKey("default", "order", "1"),
                        new Change.Operate(OperationsJson.parse(read.get("ops"))),
                        "e",
                        Duration.ofSeconds(5)));
    }

    @Test
    void operationsAreNoDeeperThanADocument() {
        Client client = Client.connected();
        String deep = "{'key':'order/1','ops':[{'path':'/a','insert':" + "[".repeat(62) + "]".repeat(62) + "}]}";
        assertError(ask(client, rpc("patch", deep.replace("[]", "[[]]"))), 5, 107);
        assertThat(client.contexts.calls).isEmpty();
        ask(client, rpc("patch", deep));
        assertThat(client.contexts.calls).hasSize(1);
    }

    @Test
    void aProcedureIsAnsweredWithItsValue() {
        Client client = Client.connected();
        assertError(ask(client, rpc("get", "{'key':'customer/67890'}")), 5, 404);
        assertThat(ask(client, rpc("patch", "{'key':'customer/67890','patch':{}}")))
                .isEqualTo(json("{'id':5,'rpc':{'data':{'key':'customer/67890','version':1}}}"));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "get    | {}                                       | 107",
                "get    | []                                       | 107",
                "get    | null                                     | 107",
                "get    | {'key':1}                                | 107",
                "get    | {'key':'customer/1','channel':'customer:1'} | 107",
                "get    | {'key':'nothing/1'}                      | 102",
                "get    | {'key':'customer'}                       | 102",
                "get    | {'channel':'customer'}                   | 108",
                "history| {'key':'customer/1','limit':0}           | 107",
                "history| {'key':'customer/1','limit':1001}        | 107",
                "history| {'key':'customer/1','limit':'x'}         | 107",
                "put    | {'key':'customer/1'}                     | 107",
                "put    | {'key':'customer/1','state':[]}          | 107",
                "put    | {'key':'customer/1','state':null}        | 107",
                "patch  | {'key':'customer/1','state':{}}          | 107",
                "patch  | {'key':'customer/1','ops':{}}            | 107",
                "patch  | {'key':'customer/1','ops':[]}            | 107",
                "patch  | {'key':'customer/1','ops':[1]}           | 107",
                "patch  | {'key':'customer/1','ops':[{'path':'/a'}]} | 107",
                "patch  | {'key':'customer/1','patch':{},'ops':[{'path':'/a','add':1}]} | 107",
                "delete | {'key':'customer/1','wait':-1}           | 107",
                "delete | {'key':'customer/1','wait':true}         | 107",
                "delete | {'key':'customer/1','eventId':1}         | 107",
                "Get    | {'key':'customer/1'}                     | 104",
                "''     | {'key':'customer/1'}                     | 104",
            })
    void whatIsNoCallIsAnError(String method, String data, int code) {
        Client client = Client.connected();
        assertError(ask(client, rpc(method, data)), 5, code);
        assertThat(client.contexts.calls).isEmpty();
        assertThat(client.connection.closed()).isNull();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{'id':5,'publish':{'channel':'customer:67890','data':{}}}",
                "{'id':5,'history':{'channel':'customer:67890'}}",
                "{'id':5,'rpc':{'method':'get','data':{'key':'customer/67890'}}}",
            })
    void aFailureIsAnAnswer(String command) {
        Client client = Client.connected();
        client.contexts.failWith(new IllegalStateException("secret"));
        assertThat(ask(client, command))
                .isEqualTo(json("{'id':5,'error':{'code':100,'message':'internal server error','temporary':true}}"));
        client.contexts.failWith(new ErrorReply(412, "condition not met", false).failure());
        assertError(ask(client, command), 5, 412);
        client.contexts.failWith(new UnavailableException("x", "full"));
        assertError(ask(client, command), 5, 503);
        assertThat(client.connection.closed()).isNull();
    }

    @Test
    void answersMayComeInAnyOrder() {
        Client client = Client.connected();
        client.contexts.answerLater();
        client.says(json(PUBLISH) + "\n{\"id\":4,\"presence\":{\"channel\":\"c\"}}");
        assertThat(client.connection.sent())
                .extracting(reply -> reply.get("id").asInt())
                .containsExactly(4);
        client.contexts.answer();
        assertThat(client.connection.sent())
                .extracting(reply -> reply.get("id").asInt())
                .containsExactly(3);
    }

    @Test
    void soManyAreUnderWayAndNoMore() {
        Client client = Client.connected(new SessionSettings(
                1000, 10, 10, 10, 2, Duration.ofSeconds(25), Duration.ofSeconds(10), Duration.ofSeconds(15)));
        client.contexts.answerLater();
        client.says(json(PUBLISH).toString());
        client.says(json(rpc("get", "{'key':'customer/67890'}")).toString());
        ObjectNode refused = ask(client, "{'id':6,'history':{'channel':'customer:67890'}}");
        assertThat(refused.at("/error/code").asInt()).isEqualTo(111);
        assertThat(refused.at("/error/temporary").asBoolean()).isTrue();
        assertThat(client.contexts.waiting()).isEqualTo(2);
        client.contexts.failWith(new UnavailableException("x", "full"));
        client.contexts.answer();
        assertThat(client.connection.sent()).hasSize(2);
        client.says(json(PUBLISH).toString());
        assertThat(client.contexts.waiting()).isOne();
    }

    @Test
    void subscriptionsWaitForNothing() {
        Client client = Client.connected(new SessionSettings(
                1000, 10, 10, 10, 1, Duration.ofSeconds(25), Duration.ofSeconds(10), Duration.ofSeconds(15)));
        client.contexts.answerLater();
        client.says(json(PUBLISH).toString());
        for (int i = 0; i < 5; i++) {
            client.says("{\"id\":" + (10 + i) + ",\"subscribe\":{\"channel\":\"customer:" + i + "\"}}");
        }
        assertThat(client.hears()).isEmpty();
        client.contexts.answer();
        assertThat(client.connection.sent()).hasSize(6);
    }

    @Test
    void nobodyIsToldAfterTheEnd() {
        Client client = Client.connected();
        client.contexts.answerLater();
        client.says(json(PUBLISH).toString());
        client.session.closed();
        client.contexts.answer();
        assertThat(client.hears()).isEmpty();
    }
}
