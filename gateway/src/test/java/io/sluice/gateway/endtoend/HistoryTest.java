package io.sluice.gateway.endtoend;

import static io.sluice.gateway.endtoend.Api.WAIT;
import static io.sluice.gateway.endtoend.Api.with;
import static org.assertj.core.api.Assertions.assertThat;

import io.sluice.gateway.endtoend.Api.Answer;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicBoolean;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

/** What became of every event of a context, against what Kafka has of it. */
@EndToEnd
class HistoryTest {

    private final Api api = Stack.gateway().api();

    /** The page with which the last walk ended. */
    private JsonNode last;

    @Test
    void historyHasEveryEventWithWhatBecameOfIt() {
        String id = Stack.fresh("past");
        String path = "/v1/contexts/customer/" + id;
        api.put(path, "{\"plan\":\"gold\"}", with(WAIT, "Idempotency-Key", "e1", "Sluice-Correlation-Id", "c1"));
        api.patch(path, "{\"plan\":\"gold\"}", with(WAIT, "Idempotency-Key", "e2"));
        api.patch(path, "{\"plan\":\"gold\"}", with(WAIT, "Idempotency-Key", "e2"));
        api.patch(path, "{\"plan\":\"none\"}", with(WAIT, "Idempotency-Key", "e3", "If-Match", "\"9-9\""));
        api.patch(
                path,
                "{\"plan\":\"basic\"}",
                with(WAIT, "Sluice-Writer", "support-agent", "Sluice-Clock", "support-agent=1"));
        api.patch(path, "{\"n\":1}", with(WAIT, "Idempotency-Key", "e5"));
        api.patch(path, "{\"n\":null,\"m\":{\"x\":null}}", with(WAIT, "Idempotency-Key", "e6"));
        api.put(path, "{\"n\":null}", with(WAIT, "Idempotency-Key", "e7"));
        api.delete(path, with(WAIT, "Idempotency-Key", "e8"));

        JsonNode page = api.get(path + "/history").json();
        assertThat(page.get("next").isNull()).as(page.toString()).isTrue();
        assertThat(page.get("prev").isNull()).isTrue();
        List<JsonNode> oldestFirst = new ArrayList<>();
        page.get("items").forEach(item -> oldestFirst.addFirst(item));
        assertThat(oldestFirst)
                .extracting(item -> item.get("resolution").asString())
                .containsExactly(
                        "applied",
                        "unchanged",
                        "duplicate",
                        "rejected",
                        "merged",
                        "applied",
                        "applied",
                        "applied",
                        "applied");
        List<ConsumerRecord<byte[], byte[]>> records = Awaitility.await()
                .until(() -> Stack.kafka().topic("customer-events").records(id), all -> all.size() == 9);
        for (int i = 0; i < 9; i++) {
            ConsumerRecord<byte[], byte[]> record = records.get(i);
            JsonNode item = oldestFirst.get(i);
            assertThat(item.get("source").asString())
                    .isEqualTo("customer-events-" + record.partition() + "@" + record.offset());
            assertThat(Instant.parse(item.get("logTime").asString()))
                    .isEqualTo(Instant.ofEpochMilli(record.timestamp()));
            assertThat(item.get("cause").get("eventId").asString())
                    .isEqualTo(KafkaSide.header(record, "sluice-event-id"));
            assertThat(item.get("incarnation").asLong()).isEqualTo(1);
        }
        assertThat(oldestFirst)
                .extracting(item -> item.get("version").asLong())
                .containsExactly(1L, 1L, 1L, 1L, 2L, 3L, 4L, 5L, 6L);
        assertThat(oldestFirst.get(0).get("cause").get("correlationId").asString())
                .isEqualTo("c1");
        assertThat(oldestFirst.get(3).get("reason").asString()).isEqualTo("condition-not-met");
        assertThat(oldestFirst.get(3).get("detail").asString()).isNotBlank();
        assertThat(oldestFirst.get(3).get("delta").isNull()).isTrue();
        assertThat(oldestFirst.get(4).get("conflicts").get(0).get("path").asString())
                .isEqualTo("/plan");
        assertThat(oldestFirst.get(5).get("delta").toString()).isEqualTo("{\"n\":1}");
        assertThat(oldestFirst.get(6).get("delta").get("n").isNull()).isTrue();
        assertThat(oldestFirst.get(7).get("state").toString()).isEqualTo("{\"n\":null}");
        assertThat(oldestFirst.get(8).get("deleted").asBoolean()).isTrue();
        assertThat(oldestFirst.get(8).get("change").asString()).isEqualTo("delete");
    }

    @Test
    void operationsStandInTheHistoryAsTheyWereApplied() {
        String path = "/v1/contexts/board/" + Stack.fresh("past");
        api.put(path, "{\"note\":\"hello\"}", WAIT);
        api.send(
                "PATCH",
                path,
                "[{\"path\":\"/note\",\"text\":[5,\"!\"],\"revision\":1}]",
                with(WAIT, "Content-Type", "application/vnd.sluice.ops+json"));
        JsonNode item = api.get(path + "/history?limit=1").json().get("items").get(0);
        assertThat(item.get("ops").get(0).get("text").toString()).isEqualTo("[5,\"!\"]");
        assertThat(item.get("change").asString()).isEqualTo("ops");
    }

    /** Goes from page to page until there is none. @return the offsets, in the order in which they came by */
    private List<Long> walk(String path, String first, String link, String parameter) {
        List<Long> offsets = new ArrayList<>();
        String query = first;
        while (true) {
            JsonNode page = api.get(path + "/history?limit=7" + query).json();
            List<Long> ofPage = new ArrayList<>();
            for (JsonNode item : page.get("items")) {
                String source = item.get("source").asString();
                ofPage.add(Long.parseLong(source.substring(source.indexOf('@') + 1)));
            }
            assertThat(ofPage).as(page.toString()).isSortedAccordingTo(Comparator.reverseOrder());
            offsets.addAll(link.equals("prev") ? ofPage.reversed() : ofPage);
            if (page.get(link).isNull()) {
                last = page;
                return offsets;
            }
            query = "&" + parameter + "=" + page.get(link).asString();
        }
    }

    @Test
    void pagesBothWaysHaveEverythingOnceWhileMoreIsWritten() {
        String id = Stack.fresh("past");
        String path = "/v1/contexts/order/" + id;
        api.put(path, "{}", WAIT);
        AtomicBoolean stop = new AtomicBoolean();
        CompletableFuture<Integer> writing = CompletableFuture.supplyAsync(() -> {
            int count = 1;
            for (; count < 400 && !(stop.get() && count > 40); count++) {
                String key = "e" + count / 3;
                assertThat(api.patch(path, "{\"n\":" + count / 3 + "}", "Idempotency-Key", key)
                                .status())
                        .isEqualTo(202);
            }
            return count;
        });
        Awaitility.await().until(() -> api.get(path).version(), version -> version > 8);
        List<Long> older = walk(path, "", "next", "after");
        assertThat(older).doesNotHaveDuplicates().hasSizeGreaterThan(8);
        String fromTheOldest = "&before=" + last.get("prev").asString();
        List<Long> ofTheLastPage =
                new ArrayList<>(older.subList(older.size() - last.get("items").size(), older.size()));
        List<Long> newer = walk(path, fromTheOldest, "prev", "before");
        assertThat(newer).isSorted().doesNotHaveDuplicates().doesNotContainAnyElementsOf(ofTheLastPage);
        assertThat(newer).containsAll(older.subList(0, older.size() - ofTheLastPage.size()));

        stop.set(true);
        int count = Api.await(writing);
        List<Long> written = Awaitility.await()
                .until(
                        () -> Stack.kafka().topic("order-events").records(id).stream()
                                .map(ConsumerRecord::offset)
                                .toList(),
                        offsets -> offsets.size() == count);
        Awaitility.await()
                .untilAsserted(() -> assertThat(walk(path, "", "next", "after")).isEqualTo(written.reversed()));
        List<Long> all = new ArrayList<>(ofTheLastPage.reversed());
        all.addAll(walk(path, fromTheOldest, "prev", "before"));
        assertThat(all).isEqualTo(written);
    }

    @Test
    void largeDocumentsMakeShortPagesThatStillHaveEverything() {
        String path = "/v1/contexts/order/" + Stack.fresh("past");
        for (int i = 0; i < 8; i++) {
            // A member that is null cannot be said in a patch: the item has the whole document.
            String document =
                    "{\"z\":null,\"x\":\"" + String.valueOf((char) ('a' + i)).repeat(300_000) + "\"}";
            assertThat(api.put(path, document, WAIT).status()).isEqualTo(200);
        }
        Answer first = api.get(path + "/history");
        assertThat(first.body().length()).isLessThan(2_000_000);
        List<Long> offsets = walk(path, "", "next", "after");
        assertThat(offsets).hasSize(8).doesNotHaveDuplicates();
        assertThat(first.json().get("next").isNull()).isFalse();
    }

    @Test
    void whatCannotBeAskedOfAHistoryIsRefusedWithTheReason() {
        String path = "/v1/contexts/order/" + Stack.fresh("past");
        api.put(path, "{}", WAIT);
        api.put(path, "{\"n\":1}", WAIT);
        String next = api.get(path + "/history?limit=1").json().get("next").asString();
        String cursors = "after=" + next + "&before=" + next;
        for (String bad :
                List.of("limit=0", "limit=1001", "limit=x", "after=*", "before=*", "after=AAAA", "foo=1", cursors)) {
            Answer answer = api.get(path + "/history?" + bad);
            assertThat(answer.status()).as(bad + " " + answer).isEqualTo(400);
            Problems.require(answer, "malformed");
        }
        assertThat(api.get("/v1/contexts/order/" + Stack.fresh("past") + "/history")
                        .status())
                .isEqualTo(404);
        assertThat(api.get(path + "/histories").status()).isEqualTo(404);
        assertThat(api.put(path + "/history", "{}").status()).isEqualTo(405);
        assertThat(api.get(path + "/history", "Accept", "text/event-stream").status())
                .isEqualTo(404);
    }
}
