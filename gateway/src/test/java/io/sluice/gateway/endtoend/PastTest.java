package io.sluice.gateway.endtoend;

import static io.sluice.gateway.endtoend.Api.WAIT;
import static org.assertj.core.api.Assertions.assertThat;

import io.sluice.gateway.endtoend.Api.Answer;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.stream.IntStream;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.awaitility.Awaitility;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

/** What was, read later, against what the test has seen when it was written and the times that Kafka gave. */
@EndToEnd
class PastTest {

    private final Api api = Stack.gateway().api();

    /** A visible change, as it was answered. @param document null: deleted */
    private record Was(
            long incarnation,
            long version,
            String etag,
            @Nullable String clock,
            @Nullable String document,
            String eventId) {}

    /** Writes to one context, one change after the other, and keeps what was answered. */
    private static final class Oracle {

        private final Api api;
        private final String type;
        private final String id;
        private final Random random;
        private final List<Was> changes = new ArrayList<>();

        Oracle(Api api, String type, String id, Random random) {
            this.api = api;
            this.type = type;
            this.id = id;
            this.random = random;
        }

        String key() {
            return type + "/" + id;
        }

        String path() {
            return "/v1/contexts/" + key();
        }

        void write() {
            Answer answer = switch (random.nextInt(8)) {
                case 0 -> api.delete(path(), WAIT);
                case 1, 2 -> api.put(path(), "{\"a\":" + random.nextInt(9) + ",\"b\":{\"c\":1.10}}", WAIT);
                default ->
                    api.patch(path(), "{\"" + "abc".charAt(random.nextInt(3)) + "\":" + random.nextInt(9) + "}", WAIT);
            };
            assertThat(answer.status()).as(answer.toString()).isIn(200, 204);
            if ("applied".equals(answer.header("Sluice-Resolution"))) {
                boolean first = changes.isEmpty();
                long life = first ? 1 : changes.getLast().incarnation() + (answer.version() == 1 ? 1 : 0);
                changes.add(new Was(
                        life,
                        answer.version(),
                        answer.etag(),
                        answer.header("Sluice-Clock"),
                        answer.status() == 204 ? null : answer.body(),
                        answer.header("Sluice-Event-Id")));
            }
        }

        /** What the change was made at, by Kafka. */
        Map<Was, Instant> times() {
            KafkaSide.Tail tail = Stack.kafka().topic(type + "-events");
            Map<String, Instant> byEvent = new TreeMap<>();
            Awaitility.await().untilAsserted(() -> {
                for (ConsumerRecord<byte[], byte[]> record : tail.records(id)) {
                    byEvent.put(KafkaSide.header(record, "sluice-event-id"), Instant.ofEpochMilli(record.timestamp()));
                }
                assertThat(byEvent)
                        .containsKeys(changes.stream().map(Was::eventId).toArray(String[]::new));
            });
            Map<Was, Instant> times = new LinkedHashMap<>();
            changes.forEach(was -> times.put(was, byEvent.get(was.eventId())));
            return times;
        }

        /** What the context was at that time; null: not there yet. */
        static @Nullable Was at(Map<Was, Instant> times, Instant time) {
            Was last = null;
            for (Map.Entry<Was, Instant> change : times.entrySet()) {
                last = change.getValue().isAfter(time) ? last : change.getKey();
            }
            return last;
        }
    }

    private static List<Oracle> oracles(Api api, Random random, String... types) {
        List<Oracle> oracles = new ArrayList<>();
        for (String type : types) {
            oracles.add(new Oracle(api, type, Stack.fresh("past"), new Random(random.nextLong())));
            oracles.add(new Oracle(api, type, Stack.fresh("past"), new Random(random.nextLong())));
        }
        return oracles;
    }

    private static void requireAsItWas(Answer answer, @Nullable Was was) {
        if (was == null) {
            Problems.require(answer, "not-found");
            return;
        }
        assertThat(answer.etag()).as(answer.toString()).isEqualTo(was.etag());
        assertThat(answer.version()).isEqualTo(was.version());
        if (was.document() == null) {
            Problems.require(answer, "gone");
            return;
        }
        assertThat(answer.status()).isEqualTo(200);
        assertThat(answer.body()).isEqualTo(was.document());
        assertThat(answer.header("Sluice-Clock")).isEqualTo(was.clock());
        assertThat(answer.header("Last-Modified")).isNotBlank();
    }

    @Test
    void everyVersionAndEveryInstantIsReadBackAsItWasThroughDeletionsAndNewLives() {
        Random random = new Random(20);
        List<Oracle> oracles = oracles(api, random, "mayfly", "order");
        for (int i = 0; i < 160; i++) {
            oracles.get(random.nextInt(oracles.size())).write();
        }
        for (Oracle oracle : oracles) {
            Map<Was, Instant> times = oracle.times();
            long life = oracle.changes.getLast().incarnation();
            for (Was was : oracle.changes) {
                String version = oracle.path() + "?version=" + was.version();
                requireAsItWas(api.get(version + "&incarnation=" + was.incarnation()), was);
                if (was.incarnation() == life) {
                    requireAsItWas(api.get(version), was);
                }
            }
            requireAsItWas(
                    api.get(oracle.path() + "?version="
                            + (oracle.changes.getLast().version() + 1)),
                    null);
            requireAsItWas(api.get(oracle.path() + "?version=1&incarnation=" + (life + 1)), null);
            Instant first = times.get(oracle.changes.getFirst());
            for (Instant time : times.values()) {
                Instant between = time.plusMillis(random.nextInt(200)).plusNanos(500_000);
                for (Instant at : List.of(time, time.minusMillis(1), between)) {
                    requireAsItWas(api.get(oracle.path() + "?at=" + at), Oracle.at(times, at));
                }
            }
            requireAsItWas(api.get(oracle.path() + "?at=" + first.minusSeconds(3600)), null);
            requireAsItWas(api.get(oracle.path() + "?at=0001-01-01T00:00:00Z"), null);
        }
        assertThat(oracles.getFirst().changes.getLast().incarnation()).isGreaterThan(1);
    }

    @Test
    void aReadOfThePastIsNotSentAgainToWhoHasIt() {
        String path = "/v1/contexts/order/" + Stack.fresh("past");
        Answer first = api.put(path, "{\"n\":1}", WAIT);
        api.put(path, "{\"n\":2}", WAIT);
        Answer again = api.get(path + "?version=1", "If-None-Match", first.etag());
        assertThat(again.status()).as(again.toString()).isEqualTo(304);
        assertThat(api.send("HEAD", path + "?version=1", null).etag()).isEqualTo(first.etag());
    }

    private static String cut(Instant at, List<Oracle> oracles) {
        return "{\"at\":\"" + at + "\",\"keys\":["
                + String.join(
                        ",", oracles.stream().map(o -> "\"" + o.key() + "\"").toList()) + "]}";
    }

    private Answer ask(String body) {
        return api.post("/v1/queries/at", body, "Content-Type", "application/json");
    }

    @Test
    void aCutOverSeveralTypesIsWhatEachContextWasThenAndNeverChanges() {
        Random random = new Random(21);
        List<Oracle> oracles = oracles(api, random, "mayfly", "order", "customer");
        List<CompletableFuture<Void>> writers = oracles.stream()
                .map(oracle -> CompletableFuture.runAsync(
                        () -> IntStream.range(0, 25).forEach(i -> oracle.write()),
                        task -> Thread.ofVirtual().start(task)))
                .toList();
        Map<Instant, String> cuts = new TreeMap<>();
        while (cuts.size() < 3 || !writers.stream().allMatch(CompletableFuture::isDone)) {
            Instant now = Instant.now();
            Answer answer = Awaitility.await()
                    .atMost(Duration.ofSeconds(60))
                    .until(() -> ask(cut(now, oracles)), found -> found.status() != 503);
            assertThat(answer.status()).as(answer.toString()).isEqualTo(200);
            cuts.put(now, answer.body());
        }
        writers.forEach(Api::await);
        List<Map<Was, Instant>> times = oracles.stream().map(Oracle::times).toList();
        List<Instant> instants = new ArrayList<>(cuts.keySet());
        times.forEach(each -> each.values().stream().limit(10).forEach(instants::add));
        for (Instant instant : instants) {
            Answer again = ask(cut(instant, oracles));
            assertThat(again.status()).as(again.toString()).isEqualTo(200);
            assertThat(again.body()).isEqualTo(cuts.getOrDefault(instant, again.body()));
            Map<String, JsonNode> items = new TreeMap<>();
            again.json().get("items").forEach(item -> items.put(item.get("key").asString(), item));
            for (int i = 0; i < oracles.size(); i++) {
                Was was = Oracle.at(times.get(i), instant);
                JsonNode item = items.get(oracles.get(i).key());
                assertThat(item == null)
                        .as("%s at %s", oracles.get(i).key(), instant)
                        .isEqualTo(was == null);
                if (item != null && was != null) {
                    assertThat(item.get("version").asLong()).isEqualTo(was.version());
                    assertThat(item.get("incarnation").asLong()).isEqualTo(was.incarnation());
                    assertThat(item.get("state").toString())
                            .isEqualTo(
                                    was.document() == null
                                            ? "null"
                                            : Api.json(was.document()).toString());
                }
            }
        }
    }

    @Test
    void aCutOfMoreThanIsReadAtOnceIsTooLarge() {
        List<String> keys = new ArrayList<>();
        List<CompletableFuture<Answer>> writes = new ArrayList<>();
        for (int i = 0; i < 6; i++) {
            String key = "order/" + Stack.fresh("past");
            keys.add("\"" + key + "\"");
            writes.add(api.patchAsync("/v1/contexts/" + key, "{\"x\":\"" + "x".repeat(900_000) + "\"}", WAIT));
        }
        writes.forEach(write -> assertThat(Api.await(write).status()).isEqualTo(200));
        Answer answer = ask("{\"at\":\"" + Instant.now() + "\",\"keys\":[" + String.join(",", keys) + "]}");
        Problems.require(answer, "too-large");
        assertThat(ask("{\"at\":\"" + Instant.now() + "\",\"keys\":[" + String.join(",", keys.subList(0, 3)) + "]}")
                        .status())
                .isEqualTo(200);
    }

    @Test
    void anInstantThatIsNotResolvedYetIsNoAnswerUntilItIs() {
        String[] own = {"--sluice.types.unresolved.partitions=1"};
        try (Gateway door = Stack.another(Api.with(own, "--sluice.roles=publish,feed"))) {
            String id = Stack.fresh("past");
            String path = "/v1/contexts/unresolved/" + id;
            assertThat(door.api().put(path, "{\"n\":1}").status()).isEqualTo(202);
            Instant at = Instant.ofEpochMilli(Stack.kafka()
                    .topic("unresolved-events")
                    .await(record -> KafkaSide.text(record.key()).equals(id))
                    .timestamp());
            Answer early = door.api().get(path + "?at=" + at);
            Problems.require(early, "unavailable");
            assertThat(early.header("Retry-After")).isNotBlank();
            assertThat(early.json().get("retryable").asBoolean()).isTrue();
            try (Gateway resolver = Stack.another(Api.with(own, "--sluice.roles=resolve"))) {
                Answer then = Awaitility.await()
                        .atMost(Duration.ofSeconds(60))
                        .until(() -> door.api().get(path + "?at=" + at), answer -> answer.status() != 503);
                assertThat(then.body()).isEqualTo("{\"n\":1}");
            }
        }
    }

    @Test
    void whatCannotBeAskedOfThePastIsRefusedWithTheReason() {
        String path = "/v1/contexts/order/" + Stack.fresh("past");
        api.put(path, "{}", WAIT);
        Instant future = Instant.now().plusSeconds(3600);
        for (String bad : List.of(
                "version=0",
                "version=-1",
                "version=x",
                "version=",
                "version=9223372036854775808",
                "version=1&version=1",
                "version=1&incarnation=0",
                "version=1&incarnation=x",
                "incarnation=1",
                "version=1&at=2026-01-01T00:00:00Z",
                "incarnation=1&at=2026-01-01T00:00:00Z",
                "version=1&foo=1",
                "foo=1",
                "at=",
                "at=yesterday",
                "at=2026-01-01",
                "at=2026-01-01T00:00:00",
                "at=2026-02-30T00:00:00Z",
                "at=-5000-01-01T00:00:00Z",
                "at=2026-01-01T00:00:00Z&at=2026-01-01T00:00:00Z",
                "at=" + future)) {
            Answer answer = api.get(path + "?" + bad);
            assertThat(answer.status()).as(bad + " " + answer).isEqualTo(400);
            Problems.require(answer, "malformed");
            assertThat(answer.json().get("detail").asString()).contains("expected: ");
        }
        assertThat(api.get(path + "?at=" + future).body()).contains("cannot be promised");
        String at = "\"at\":\"2026-01-01T00:00:00Z\"";
        Map<String, Integer> bodies = Map.ofEntries(
                Map.entry("", 400),
                Map.entry("[]", 400),
                Map.entry("{\"keys\":[\"order/1\"]}", 400),
                Map.entry("{" + at + "}", 400),
                Map.entry("{" + at + ",\"keys\":[]}", 400),
                Map.entry("{" + at + ",\"keys\":[1]}", 400),
                Map.entry("{" + at + ",\"keys\":[\"order\"]}", 400),
                Map.entry("{" + at + ",\"keys\":[\"order/\"]}", 400),
                Map.entry("{" + at + ",\"keys\":[\"order/..\"]}", 400),
                Map.entry("{" + at + ",\"keys\":[\"nothing/1\"]}", 404),
                Map.entry("{" + at + ",\"keys\":[\"order/1\"],\"more\":true}", 400),
                Map.entry("{\"at\":\"" + future + "\",\"keys\":[\"order/1\"]}", 400),
                Map.entry(
                        "{" + at + ",\"keys\":["
                                + String.join(
                                        ",",
                                        IntStream.range(0, 1001)
                                                .mapToObj(i -> "\"order/" + i + "\"")
                                                .toList())
                                + "]}",
                        400));
        bodies.forEach((body, status) -> assertThat(ask(body).status())
                .as(body.substring(0, Math.min(80, body.length())))
                .isEqualTo(status));
        assertThat(api.post("/v1/queries/at", "{}", "Content-Type", "text/plain")
                        .status())
                .isEqualTo(415);
        assertThat(api.get("/v1/queries/at").status()).isEqualTo(405);
        assertThat(api.get("/v1/queries/then").status()).isEqualTo(404);
        Answer none = ask("{" + at + ",\"keys\":[\"order/1\",\"order/1\"]}");
        assertThat(none.body()).as(none.toString()).isEqualTo("{\"at\":\"2026-01-01T00:00:00Z\",\"items\":[]}");
    }
}
