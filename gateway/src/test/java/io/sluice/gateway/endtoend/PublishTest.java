package io.sluice.gateway.endtoend;

import static io.sluice.gateway.endtoend.Api.WAIT;
import static io.sluice.gateway.endtoend.Api.with;
import static org.assertj.core.api.Assertions.assertThat;

import io.sluice.gateway.endtoend.Api.Answer;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

@EndToEnd
class PublishTest {

    private final Api api = Stack.gateway().api();

    @Test
    void aWriteIsAcceptedWithItsEventIdAndWhereToWatch() {
        String id = Stack.fresh("accepted");
        String path = "/v1/contexts/customer/" + id;
        for (Answer answer : List.of(
                api.put(path, "{\"a\":1}"), api.patch(path, "{\"b\":2}"), api.delete(path, "Idempotency-Key", "k"))) {
            assertThat(answer.status()).as(answer.toString()).isEqualTo(202);
            assertThat(answer.header("Content-Type")).isEqualTo("application/json");
            assertThat(answer.json().propertyNames()).containsExactly("eventId", "key", "watch");
            assertThat(answer.json().get("key").asString()).isEqualTo("customer/" + id);
            assertThat(answer.json().get("watch").asString()).isEqualTo(path);
            assertThat(answer.json().get("eventId").asString()).isEqualTo(answer.header("Sluice-Event-Id"));
        }
        assertThat(api.delete(path, "Idempotency-Key", "k").header("Sluice-Event-Id"))
                .isEqualTo("k");
    }

    @Test
    void whoWaitsGetsTheDocumentRightAfterTheirChange() {
        String path = "/v1/contexts/customer/" + Stack.fresh("waits");
        Answer created = api.put(path, "{\"name\":\"Ada\"}", WAIT);
        assertThat(created.status()).as(created.toString()).isEqualTo(200);
        assertThat(created.body()).isEqualTo("{\"name\":\"Ada\"}");
        assertThat(created.header("Content-Type")).isEqualTo("application/json");
        assertThat(created.header("Preference-Applied")).isEqualTo("wait=20");
        assertThat(created.header("Sluice-Resolution")).isEqualTo("applied");
        assertThat(created.header("Sluice-Event-Id")).isNotBlank();
        assertThat(created.header("Sluice-Clock")).isNotBlank();
        assertThat(created.header("Last-Modified")).isNotBlank();
        assertThat(created.version()).isEqualTo(1);
        assertThat(created.etag()).startsWith("\"").endsWith("\"");

        Answer patched = api.patch(path, "{\"plan\":\"gold\"}", WAIT);
        assertThat(patched.status()).isEqualTo(200);
        assertThat(patched.body()).isEqualTo("{\"name\":\"Ada\",\"plan\":\"gold\"}");
        assertThat(patched.version()).isEqualTo(2);
        assertThat(patched.etag()).isNotEqualTo(created.etag());

        Answer same = api.patch(path, "{\"plan\":\"gold\"}", WAIT);
        assertThat(same.status()).isEqualTo(200);
        assertThat(same.header("Sluice-Resolution")).isEqualTo("unchanged");
        assertThat(same.body()).isEqualTo(patched.body());
        assertThat(same.version()).isEqualTo(2);
        assertThat(same.etag()).isEqualTo(patched.etag());

        Answer deleted = api.delete(path, WAIT);
        assertThat(deleted.status()).isEqualTo(204);
        assertThat(deleted.body()).isEmpty();
        assertThat(deleted.header("Sluice-Resolution")).isEqualTo("applied");
        assertThat(deleted.version()).isEqualTo(3);
    }

    @Test
    void aPatchAlsoComesAsPlainJson() {
        String path = "/v1/contexts/customer/" + Stack.fresh("plain-json");
        Answer answer = api.send("PATCH", path, "{\"a\":1}", with(WAIT, "Content-Type", "application/json"));
        assertThat(answer.body()).isEqualTo("{\"a\":1}");
    }

    @Test
    void deletingWhatIsNotThereChangesNothing() {
        String path = "/v1/contexts/customer/" + Stack.fresh("nothing");
        Answer never = api.delete(path, WAIT);
        assertThat(never.status()).as(never.toString()).isEqualTo(204);
        assertThat(never.header("Sluice-Resolution")).isEqualTo("unchanged");

        api.put(path, "{}", WAIT);
        api.delete(path, WAIT);
        Answer again = api.delete(path, WAIT);
        assertThat(again.status()).isEqualTo(204);
        assertThat(again.header("Sluice-Resolution")).isEqualTo("unchanged");
        assertThat(again.version()).isEqualTo(2);
    }

    @Test
    void aPatchOfADeletedContextCreatesItAnew() {
        String path = "/v1/contexts/customer/" + Stack.fresh("reborn");
        api.put(path, "{\"old\":true}", WAIT);
        api.delete(path, WAIT);
        Answer reborn = api.patch(path, "{\"new\":true,\"gone\":null}", WAIT);
        assertThat(reborn.status()).isEqualTo(200);
        assertThat(reborn.body()).isEqualTo("{\"new\":true}");
        assertThat(reborn.version()).isEqualTo(3);
        assertThat(api.get(path).body()).isEqualTo("{\"new\":true}");
    }

    @Test
    void aLongWaitIsCutToHalfAMinute() {
        String path = "/v1/contexts/customer/" + Stack.fresh("patient");
        assertThat(api.put(path, "{}", "Prefer", "respond-async, wait=4000").header("Preference-Applied"))
                .isEqualTo("wait=30");
    }

    @Test
    void numbersAndTheOrderOfMembersComeOutOnEveryWayAsTheyWentIn() {
        String id = Stack.fresh("exact");
        String path = "/v1/contexts/customer/" + id;
        String document = "{\"z\":1.10,\"a\":12345678901234567890123456789,\"m\":0.000,\"e\":1E+400,\"d\":"
                + "0.1000000000000000055511151231257827,\"t\":\"\\u00e9 \\ud83d\\ude80 \\u0000\",\"n\":{\"y\":1.0,\"b\":2}}";
        String expected = document.replace("\\u00e9", "é").replace("\\ud83d\\ude80", "🚀");
        try (Feed feed = Stack.gateway().watch(path)) {
            feed.awaitReady();
            Answer written = api.put(path, document, WAIT);
            assertThat(written.body()).isEqualTo(expected);
            String exact = written.body();
            assertThat(exact).contains("\"z\":1.10,").contains("12345678901234567890123456789");
            assertThat(api.get(path).body()).isEqualTo(exact);
            assertThat(feed.await("update").data()).contains("\"state\":" + exact);
            assertThat(KafkaSide.text(Stack.kafka()
                            .topic("customer-updates")
                            .await(record -> KafkaSide.text(record.key()).equals(id))
                            .value()))
                    .contains("\"state\":" + exact);
            try (Feed late = Stack.gateway().watch(path)) {
                assertThat(late.await("snapshot").data()).contains("\"state\":" + exact);
            }
            assertThat(api.patch(path, "{\"z\":1.100}", WAIT).body()).contains("\"z\":1.100,\"a\":1234567890");
        }
        // From the journal, past every memory of the node that wrote it.
        try (Gateway other = Stack.another("--sluice.roles=publish,feed", "--sluice.redis.url=redis://127.0.0.1:1")) {
            assertThat(other.api().get(path).body()).contains("\"z\":1.100,\"a\":1234567890");
        }
    }

    @Test
    void aRepeatedKeyIsOneChange() {
        String path = "/v1/contexts/customer/" + Stack.fresh("repeated");
        String[] keyed = with(WAIT, "Idempotency-Key", "order-7");
        Answer first = api.patch(path, "{\"n\":1}", keyed);
        Answer second = api.patch(path, "{\"n\":1}", keyed);
        assertThat(second.status()).isEqualTo(200);
        assertThat(second.header("Sluice-Resolution")).isEqualTo("duplicate");
        assertThat(second.header("Sluice-Event-Id")).isEqualTo("order-7");
        assertThat(second.version()).isEqualTo(first.version()).isEqualTo(1);
        assertThat(second.body()).isEqualTo(first.body());

        Answer quoted = api.patch(path, "{\"n\":1}", with(WAIT, "Idempotency-Key", "\"order-7\""));
        assertThat(quoted.header("Sluice-Resolution")).isEqualTo("duplicate");

        Answer otherWriter = api.patch(path, "{\"m\":1}", with(keyed, "Sluice-Writer", "somebody else"));
        assertThat(otherWriter.header("Sluice-Resolution")).isEqualTo("applied");
    }

    @Test
    void aKeyRepeatedInParallelAndOnAnotherGatewayIsOneChange() {
        String path = "/v1/contexts/customer/" + Stack.fresh("parallel");
        String[] keyed = with(WAIT, "Idempotency-Key", "once");
        try (Gateway other = Stack.another("--sluice.roles=publish,feed")) {
            List<CompletableFuture<Answer>> answers = IntStream.range(0, 20)
                    .mapToObj(i -> (i % 2 == 0 ? api : other.api()).patchAsync(path, "{\"n\":1}", keyed))
                    .toList();
            List<Answer> all = answers.stream().map(Api::await).toList();
            assertThat(all).extracting(Answer::status).containsOnly(200);
            assertThat(all.stream()
                            .map(answer -> answer.header("Sluice-Resolution"))
                            .collect(Collectors.groupingBy(r -> r, Collectors.counting())))
                    .isEqualTo(java.util.Map.of("applied", 1L, "duplicate", 19L));
            assertThat(other.api().get(path).version()).isEqualTo(1);
        }
    }

    @Test
    void aKeyUsedForSomethingElseIsRejected() {
        String path = "/v1/contexts/customer/" + Stack.fresh("reused");
        api.patch(path, "{\"n\":1}", with(WAIT, "Idempotency-Key", "k"));
        Answer other = api.patch(path, "{\"n\":2}", with(WAIT, "Idempotency-Key", "k"));
        assertThat(other.status()).as(other.toString()).isEqualTo(422);
        Problems.require(other, "rejected");
        assertThat(other.json().get("detail").asString()).contains("\"k\"");
        assertThat(api.get(path).body()).isEqualTo("{\"n\":1}");
    }

    @Test
    void aConditionHoldsAtTheFoldOrNothingIsChanged() {
        String path = "/v1/contexts/customer/" + Stack.fresh("conditional");
        Answer absent = api.patch(path, "{\"n\":0}", "If-Match", "*");
        assertThat(absent.status()).as(absent.toString()).isEqualTo(412);

        Answer created = api.put(path, "{\"n\":1}", "If-None-Match", "*");
        assertThat(created.status()).isEqualTo(200);
        assertThat(created.header("Preference-Applied")).isEqualTo("wait=5");
        Answer notAgain = api.put(path, "{\"n\":1}", "If-None-Match", "*");
        assertThat(notAgain.status()).isEqualTo(412);
        assertThat(notAgain.etag()).isEqualTo(created.etag());
        Problems.require(notAgain, "condition-not-met");

        Answer changed = api.patch(path, "{\"n\":2}", "If-Match", created.etag());
        assertThat(changed.status()).isEqualTo(200);
        Answer stale = api.patch(path, "{\"n\":3}", "If-Match", created.etag());
        assertThat(stale.status()).isEqualTo(412);
        assertThat(stale.etag()).isEqualTo(changed.etag());
        assertThat(stale.version()).isEqualTo(2);
        Answer any = api.patch(path, "{\"n\":4}", "If-Match", "*");
        assertThat(any.status()).isEqualTo(200);
        Answer oneOf = api.patch(path, "{\"n\":5}", "If-Match", "\"not-ours\", " + any.etag());
        assertThat(oneOf.status()).as(oneOf.toString()).isEqualTo(200);
        Answer weak = api.patch(path, "{\"n\":6}", "If-Match", "W/" + oneOf.etag());
        assertThat(weak.status()).isEqualTo(412);
        Answer deleted = api.delete(path, "If-Match", oneOf.etag());
        assertThat(deleted.status()).isEqualTo(204);
        assertThat(api.put(path, "{}", "If-Match", "*").status()).isEqualTo(412);
        assertThat(api.put(path, "{}", "If-None-Match", "*").status()).isEqualTo(200);
    }

    @Test
    void ofManyWhoHaveSeenTheSameOnlyOneWins() {
        String path = "/v1/contexts/customer/" + Stack.fresh("race");
        String etag = api.put(path, "{\"n\":0}", WAIT).etag();
        List<Integer> statuses = Stream.iterate(1, i -> i + 1)
                .limit(12)
                .map(i -> api.patchAsync(path, "{\"n\":" + i + "}", "If-Match", etag))
                .toList()
                .stream()
                .map(Api::await)
                .map(Answer::status)
                .sorted()
                .toList();
        assertThat(statuses).hasSize(12).startsWith(200, 412).endsWith(412);
    }

    @Test
    void whoAndWhyIsToldToThoseWhoWatch() {
        String path = "/v1/contexts/customer/" + Stack.fresh("cause");
        try (Feed feed = Stack.gateway().watch(path)) {
            feed.awaitReady();
            api.patch(
                    path,
                    "{\"a\":1}",
                    "Idempotency-Key",
                    "event-1",
                    "Sluice-Writer",
                    "Agent Smith",
                    "Sluice-Event-Type",
                    "com.example.moved",
                    "Sluice-Event-Time",
                    "2026-01-31T13:00:00.5+01:00",
                    "Sluice-Correlation-Id",
                    "corr-1",
                    "traceparent",
                    "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01");
            var cause = feed.await("update").json().get("cause");
            assertThat(cause.get("eventId").asString()).isEqualTo("event-1");
            assertThat(cause.get("writer").asString()).isEqualTo("Agent Smith");
            assertThat(cause.get("type").asString()).isEqualTo("com.example.moved");
            assertThat(cause.get("time").asString()).isEqualTo("2026-01-31T12:00:00.500Z");
            assertThat(cause.get("correlationId").asString()).isEqualTo("corr-1");
            assertThat(cause.get("traceparent").asString()).startsWith("00-0af7651916cd43dd");

            api.patch(path, "{\"a\":2}");
            var plain =
                    feed.await("update", event -> event.version() == 2).json().get("cause");
            assertThat(plain.get("writer").asString()).isEqualTo("http");
            assertThat(plain.get("type").asString()).isEqualTo("io.sluice.customer.changed");
            assertThat(plain.has("correlationId")).isFalse();
        }
    }

    @Test
    void versionsAreDenseHoweverManyWriteAtOnce() {
        String id = Stack.fresh("dense");
        String path = "/v1/contexts/customer/" + id;
        int writes = 200;
        List<Long> versions = IntStream.range(0, writes)
                .mapToObj(i -> api.patchAsync(path, "{\"f" + i + "\":" + i + "}", WAIT))
                .toList()
                .stream()
                .map(Api::await)
                .map(Answer::version)
                .sorted()
                .toList();
        assertThat(versions)
                .isEqualTo(
                        IntStream.rangeClosed(1, writes).mapToObj(i -> (long) i).toList());
        assertThat(api.get(path).json().size()).isEqualTo(writes);
    }
}
