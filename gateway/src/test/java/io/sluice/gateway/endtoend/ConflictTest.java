package io.sluice.gateway.endtoend;

import static io.sluice.gateway.endtoend.Api.WAIT;
import static io.sluice.gateway.endtoend.Api.with;
import static org.assertj.core.api.Assertions.assertThat;

import io.sluice.gateway.endtoend.Api.Answer;
import java.util.ArrayList;
import java.util.List;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

/** Writers who had not seen each other, from outside. */
@EndToEnd
class ConflictTest {

    private static final String OPERATIONS = "application/vnd.sluice.ops+json";

    private final Api api = Stack.gateway().api();

    private Answer write(String path, String json, String writer, String clock) {
        return api.patch(path, json, with(WAIT, "Sluice-Writer", writer, "Sluice-Clock", clock));
    }

    private Answer operate(String path, String json, String... headers) {
        return api.send("PATCH", path, json, with(with(WAIT, headers), "Content-Type", OPERATIONS));
    }

    @Test
    void theSupportAgentWinsInEveryOrderOfArrival() {
        List<String> writers = List.of("support-agent", "self-service", "marketing-automation");
        int[][] orders = {{0, 1, 2}, {0, 2, 1}, {1, 0, 2}, {1, 2, 0}, {2, 0, 1}, {2, 1, 0}};
        for (int[] order : orders) {
            String path = "/v1/contexts/customer/" + Stack.fresh("seed");
            for (int i : order) {
                String writer = writers.get(i);
                Answer answer = write(path, "{\"plan\":\"of " + writer + "\"}", writer, writer + "=1");
                assertThat(answer.status()).as(answer.toString()).isEqualTo(200);
            }
            Answer read = api.get(path);
            assertThat(read.body()).isEqualTo("{\"plan\":\"of support-agent\"}");
            assertThat(read.version()).isEqualTo(3);
            JsonNode conflict = api.get(path + "/conflicts").json().get("items").get(0);
            assertThat(conflict.get("open").asBoolean()).isTrue();
            assertThat(conflict.get("path").asString()).isEqualTo("/plan");
            assertThat(conflict.get("rule").asString()).isEqualTo("priority");
            assertThat(conflict.get("winner").get("writer").asString()).isEqualTo("support-agent");
            assertThat(conflict.get("losers")).hasSize(2);
        }
    }

    @Test
    void whoLosesIsToldSoAndSoAreThoseWhoWatch() {
        String id = Stack.fresh("loses");
        String path = "/v1/contexts/customer/" + id;
        write(path, "{\"plan\":\"gold\"}", "support-agent", "support-agent=1");
        try (Feed feed = Stack.gateway().watch(path);
                Feed conflicts = Stack.gateway().watch("/v1/conflicts/customer")) {
            feed.awaitReady();
            conflicts.awaitReady();
            Answer lost = write(path, "{\"plan\":\"basic\"}", "self-service", "self-service=1");
            assertThat(lost.header("Sluice-Resolution")).isEqualTo("merged");
            assertThat(lost.body()).isEqualTo("{\"plan\":\"gold\"}");

            for (Feed each : List.of(feed, conflicts)) {
                JsonNode update = each.await("update", event -> event.key().equals("customer/" + id))
                        .json();
                JsonNode conflict = update.get("conflicts").get(0);
                assertThat(conflict.get("winner").get("value").asString()).isEqualTo("gold");
                assertThat(conflict.get("losers").get(0).get("eventId").asString())
                        .isEqualTo("self-service:1");
            }
            write(path, "{\"name\":\"Ada\"}", "self-service", "self-service=2");
            feed.awaitVersion("customer/" + id, 3);
        }
        try (Feed conflicts = Stack.gateway().watch("/v1/conflicts/customer")) {
            JsonNode snapshot = conflicts
                    .await("snapshot", event -> event.key().equals("customer/" + id))
                    .json();
            assertThat(snapshot.get("conflicts")).hasSize(1);
        }
    }

    @Test
    void aManualConflictIsSettledByWhoHasSeenAll() {
        String path = "/v1/contexts/board/" + Stack.fresh("manual");
        write(path, "{\"owner\":\"ada\"}", "ada", "ada=1");
        Answer second = write(path, "{\"owner\":\"bot\"}", "bot", "bot=1");
        assertThat(second.body()).isEqualTo("{\"owner\":\"ada\"}");
        assertThat(api.get(path + "/conflicts")
                        .json()
                        .get("items")
                        .get(0)
                        .get("rule")
                        .asString())
                .isEqualTo("manual");

        String seen = api.get(path).header("Sluice-Clock");
        Answer settled = write(path, "{\"owner\":\"both\"}", "grace", seen + ", grace=1");
        assertThat(settled.header("Sluice-Resolution")).as(settled.toString()).isEqualTo("applied");
        JsonNode items = api.get(path + "/conflicts").json().get("items");
        assertThat(items).isNotEmpty().allMatch(item -> !item.get("open").asBoolean());
    }

    @Test
    void conflictsComeInPagesOfWhichTheLastSaysSo() {
        String path = "/v1/contexts/board/" + Stack.fresh("pages");
        for (String field : List.of("a", "b", "c", "d")) {
            write(path, "{\"" + field + "\":1}", "ada", "ada=" + number(field));
            write(path, "{\"" + field + "\":2}", "bot", "bot=" + number(field));
        }
        JsonNode open = api.get(path + "/conflicts?limit=1").json();
        assertThat(open.get("items"))
                .hasSize(4)
                .allMatch(item -> item.get("open").asBoolean());
        assertThat(open.get("next").isNull()).as(open.toString()).isTrue();

        api.patch(path, "{\"a\":3,\"b\":3,\"c\":3}", WAIT);
        List<String> paths = new ArrayList<>();
        int pages = 0;
        String next = "";
        do {
            JsonNode page = api.get(path + "/conflicts?limit=1" + next).json();
            assertThat(page.get("items")).as(page.toString()).hasSize(pages == 0 ? 2 : 1);
            page.get("items").forEach(item -> paths.add(item.get("path").asString()));
            next = page.get("next").isNull() ? "" : "&after=" + page.get("next").asString();
            pages++;
        } while (!next.isEmpty());
        assertThat(paths).containsExactly("/d", "/c", "/b", "/a");
        assertThat(pages).isEqualTo(3);
    }

    private static int number(String field) {
        return field.charAt(0) - 'a' + 1;
    }

    @Test
    void anUnknownParameterOfConflictsIsRefused() {
        String path = "/v1/contexts/board/" + Stack.fresh("parameters");
        api.patch(path, "{}", WAIT);
        assertThat(api.get(path + "/conflicts?limit=2&after=7").status()).isEqualTo(200);
        for (String bad : List.of("foo=1", "limit=1&Limit=1", "lastEventId=x")) {
            Answer answer = api.get(path + "/conflicts?" + bad);
            assertThat(answer.status()).as(answer.toString()).isEqualTo(400);
            Problems.require(answer, "malformed");
            assertThat(answer.json().get("detail").asString()).endsWith("(expected: limit or after)");
        }
    }

    @Test
    void aRuleOfTheBusinessChoosesAndSaysWhereItFails() {
        String path = "/v1/contexts/board/" + Stack.fresh("rule");
        write(path, "{\"price\":12}", "ada", "ada=1");
        assertThat(write(path, "{\"price\":10}", "bot", "bot=1").body()).isEqualTo("{\"price\":10}");

        String other = "/v1/contexts/board/" + Stack.fresh("rule");
        write(other, "{\"price\":12}", "ada", "ada=1");
        assertThat(write(other, "{\"price\":\"ten\"}", "bot", "bot=1").body()).isEqualTo("{\"price\":12}");
        JsonNode failed = api.get(other + "/conflicts").json().get("items").get(0);
        assertThat(failed.get("failed").asString()).isNotBlank();
        assertThat(failed.get("rule").asString()).isEqualTo("priority");
    }

    @Test
    void additionsOfAllWritersCountAndWhoInsertsWinsOverWhoRemoves() {
        String path = "/v1/contexts/board/" + Stack.fresh("counts");
        operate(
                path,
                "[{\"path\":\"/visits\",\"add\":1},{\"path\":\"/tags\",\"insert\":[\"vip\"]}]",
                "Sluice-Writer",
                "a",
                "Sluice-Clock",
                "a=1");
        operate(
                path,
                "[{\"path\":\"/visits\",\"add\":4},{\"path\":\"/tags\",\"remove\":[\"vip\"]}]",
                "Sluice-Writer",
                "b",
                "Sluice-Clock",
                "b=1");
        Answer again = operate(
                path,
                "[{\"path\":\"/visits\",\"add\":4},{\"path\":\"/tags\",\"remove\":[\"vip\"]}]",
                "Sluice-Writer",
                "b",
                "Sluice-Clock",
                "b=1");
        assertThat(again.header("Sluice-Resolution")).isEqualTo("duplicate");
        assertThat(again.body()).isEqualTo("{\"visits\":5,\"tags\":[\"vip\"]}");
    }

    @Test
    void editsOfOneTextMeetAndTheFeedCarriesThemAsTheyWereApplied() {
        String id = Stack.fresh("edits");
        String path = "/v1/contexts/board/" + id;
        api.patch(path, "{\"note\":\"hello\"}", WAIT);
        try (Feed feed = Stack.gateway().watch(path)) {
            JsonNode snapshot = feed.await("snapshot").json();
            assertThat(snapshot.get("revisions").get("/note").asLong()).isEqualTo(1);
            operate(path, "[{\"path\":\"/note\",\"text\":[5,\" world\"],\"revision\":1}]");
            Answer second = operate(path, "[{\"path\":\"/note\",\"text\":[\"oh, \"],\"revision\":1}]");
            assertThat(second.body()).isEqualTo("{\"note\":\"oh, hello world\"}");
            Answer third = operate(path, "[{\"path\":\"/note\",\"text\":[5,\"!\"],\"revision\":1}]");
            assertThat(third.status()).as(third.toString()).isEqualTo(200);
            feed.awaitVersion("board/" + id, 4);
            JsonNode ops = feed.events("update").getLast().json().get("ops");
            assertThat(ops.get(0).get("revision").asLong()).isEqualTo(4);
            assertThat(ops.get(0).get("text").toString()).isEqualTo("[9,\"!\"]");
        }
        operate(path, "[{\"path\":\"/drawing\",\"json0\":[{\"p\":[],\"oi\":{\"a\":[1]}}],\"revision\":0}]");
        Answer drawn = operate(path, "[{\"path\":\"/drawing\",\"json0\":[{\"p\":[\"a\",0],\"li\":0}],\"revision\":1}]");
        assertThat(drawn.json().get("drawing").toString()).as(drawn.toString()).isEqualTo("{\"a\":[0,1]}");
    }

    @Test
    void whatCannotBeFoldedIsRefusedWithTheReason() {
        String path = "/v1/contexts/board/" + Stack.fresh("refused");
        write(path, "{\"name\":\"a\",\"note\":\"x\"}", "ada", "ada=1");
        record Case(int status, String reason, Answer answer) {}
        List<Case> cases = List.of(
                new Case(422, "clock-without-writer", write(path, "{}", "ada", "bot=1")),
                new Case(422, "identity-reused", write(path, "{\"name\":\"b\"}", "ada", "ada=1")),
                new Case(
                        422,
                        "dot-reused",
                        api.patch(
                                path,
                                "{\"name\":\"b\"}",
                                with(
                                        WAIT,
                                        "Sluice-Writer",
                                        "ada",
                                        "Sluice-Clock",
                                        "ada=1",
                                        "Idempotency-Key",
                                        "other"))),
                new Case(409, "base-version-unknown", api.patch(path, "{}", with(WAIT, "Sluice-Base-Version", "99"))),
                new Case(
                        409,
                        "revision-unknown",
                        operate(path, "[{\"path\":\"/note\",\"text\":[\"a\"],\"revision\":9}]")),
                new Case(
                        422,
                        "operation-refused",
                        operate(path, "[{\"path\":\"/note\",\"text\":[99,\"a\"],\"revision\":1}]")),
                new Case(422, "not-allowed", operate(path, "[{\"path\":\"/name\",\"add\":1}]")),
                new Case(422, "not-allowed", operate(path, "[{\"path\":\"/note\",\"add\":1}]")),
                new Case(422, "not-allowed", api.patch(path, "{\"visits\":\"many\"}", WAIT)));
        for (Case each : cases) {
            assertThat(each.answer().status()).as(each.toString()).isEqualTo(each.status());
            assertThat(each.answer().json().get("detail").asString())
                    .startsWith(each.reason() + ": ")
                    .contains("expected");
        }
        assertThat(api.get(path).version()).isEqualTo(1);
        String id = path.substring(path.lastIndexOf('/') + 1);
        KafkaSide.Tail dead = Stack.kafka().topic("sluice-dead-letters");
        Awaitility.await().untilAsserted(() -> assertThat(dead.records(id)).hasSize(cases.size()));
    }

    @Test
    void whatWouldHarmOthersIsRefusedAndOthersGoOn() {
        String path = "/v1/contexts/board/" + Stack.fresh("hostile");
        Answer deep = operate(path, "[{\"path\":\"" + "/a".repeat(400) + "\",\"add\":1}]");
        assertThat(deep.status()).isEqualTo(400);
        Problems.require(deep, "malformed");
        KafkaSide.Tail dead = Stack.kafka().topic("sluice-dead-letters");
        String id = Stack.fresh("hostile");
        Stack.kafka()
                .send(
                        "board-events",
                        id,
                        "[{\"path\":\"" + "/a".repeat(400) + "\",\"add\":1}]",
                        "sluice-change",
                        "ops");
        Stack.kafka()
                .send(
                        "board-events",
                        id,
                        "[{\"path\":\"/n\",\"add\":1}]",
                        "sluice-change",
                        "ops",
                        "sluice-clock",
                        "a=1",
                        "sluice-writer",
                        "a");
        Stack.kafka().send("board-events", id, "{\"n\":1e99999999}", "sluice-clock", "b=1", "sluice-writer", "b");
        Awaitility.await().untilAsserted(() -> assertThat(dead.records(id)).hasSize(1));
        Answer after = api.patch("/v1/contexts/board/" + id, "{\"x\":1}", WAIT);
        assertThat(after.status()).as(after.toString()).isEqualTo(200);
        assertThat(after.json().get("n").toString()).isEqualTo("1E+99999999");
        StringBuilder clock = new StringBuilder("a=1");
        for (int i = 1; i < 255; i++) {
            clock.append(", z").append(i).append("=1");
        }
        assertThat(write(path, "{\"x\":1}", "a", clock.toString()).status()).isEqualTo(200);
        assertThat(api.patch(path, "{\"x\":2}", WAIT).status()).isEqualTo(200);
        assertThat(api.delete(path, WAIT).status()).isEqualTo(204);
    }
}
