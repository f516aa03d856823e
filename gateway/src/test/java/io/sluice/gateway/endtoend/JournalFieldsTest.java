package io.sluice.gateway.endtoend;

import static io.sluice.gateway.endtoend.Api.WAIT;
import static io.sluice.gateway.endtoend.Api.with;
import static org.assertj.core.api.Assertions.assertThat;

import io.sluice.gateway.endtoend.Api.Answer;
import java.time.Instant;
import java.util.Objects;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

/** Everything that an event says of itself, and what became of it, is in the journal and told by the history. */
@EndToEnd
class JournalFieldsTest {

    private final Api api = Stack.gateway().api();
    private final Store store =
            new Store(Objects.requireNonNull(Stack.endpoints().postgres()));
    private final String id = Stack.fresh("fields");
    private final String path = "/v1/contexts/customer/" + id;

    private JsonNode awaitVersion(long version) {
        Awaitility.await()
                .untilAsserted(() -> assertThat(api.get(path).version()).isEqualTo(version));
        return api.get(path + "/history?limit=1").json().get("items").get(0);
    }

    private void require(JsonNode item, String eventId, String schemaVersion) {
        ConsumerRecord<byte[], byte[]> record = Awaitility.await()
                .until(() -> Stack.kafka().topic("customer-events").records(id), all -> all.size() == 2)
                .getLast();
        Instant logTime = Instant.ofEpochMilli(record.timestamp());

        JsonNode cause = item.get("cause");
        assertThat(cause.get("eventId").asString()).isEqualTo(eventId);
        assertThat(cause.get("type").asString()).isEqualTo("com.example.bought");
        assertThat(cause.get("schemaVersion").asString()).isEqualTo(schemaVersion);
        assertThat(cause.get("writer").asString()).isEqualTo("support-agent");
        assertThat(cause.get("time").asString()).isEqualTo("2026-02-03T04:05:06Z");
        assertThat(cause.get("correlationId").asString()).isEqualTo("c1");
        assertThat(cause.get("causationId").asString()).isEqualTo("c0");
        assertThat(item.get("clock").asString()).isEqualTo("support-agent=1");
        assertThat(item.get("contextClock").asString()).contains("support-agent=1");
        assertThat(item.get("logTime").asString()).isEqualTo(logTime.toString());
        assertThat(item.get("delta").toString()).isEqualTo("{\"plan\":\"basic\",\"n\":1}");
        assertThat(item.get("incarnation").asLong()).isEqualTo(1);
        assertThat(item.get("version").asLong()).isEqualTo(2);
        assertThat(item.get("resolution").asString()).isEqualTo("merged");
        assertThat(item.get("conflicts").get(0).get("path").asString()).isEqualTo("/plan");
        String source = "customer-events-" + record.partition() + "@" + record.offset();
        assertThat(item.get("source").asString()).isEqualTo(source);

        JsonNode row = store.journal("customer-events").get(record.partition() + "@" + record.offset());
        assertThat(row.get("event_id").asString()).isEqualTo(eventId);
        assertThat(row.get("event_type").asString()).isEqualTo("com.example.bought");
        assertThat(row.get("schema_version").asString()).isEqualTo(schemaVersion);
        assertThat(row.get("writer").asString()).isEqualTo("support-agent");
        assertThat(row.get("causality").asString()).isEqualTo("support-agent=1");
        assertThat(row.get("clock").asString()).contains("support-agent=1");
        assertThat(row.get("correlation_id").asString()).isEqualTo("c1");
        assertThat(row.get("causation_id").asString()).isEqualTo("c0");
        assertThat(java.time.OffsetDateTime.parse(row.get("event_time").asString())
                        .toInstant())
                .isEqualTo(Instant.parse("2026-02-03T04:05:06Z"));
        assertThat(java.time.OffsetDateTime.parse(row.get("log_time").asString())
                        .toInstant())
                .isEqualTo(logTime);
        assertThat(row.get("delta").toString()).isEqualTo("{\"plan\":\"basic\",\"n\":1}");
        assertThat(row.get("version").asLong()).isEqualTo(2);
        assertThat(row.get("conflicts").get(0).get("path").asString()).isEqualTo("/plan");
        assertThat(store.states("customer").get(id).get("schema_version").asString())
                .isEqualTo(schemaVersion);
    }

    @Test
    void ofACloudEventThatCameOverHttp() {
        api.patch(path, "{\"plan\":\"gold\"}", WAIT);
        Answer answer = api.post(
                "/v1/events",
                "{\"specversion\":\"1.0\",\"id\":\"e1\",\"source\":\"support-agent\",\"type\":\"com.example.bought\","
                        + "\"subject\":\"customer/" + id
                        + "\",\"time\":\"2026-02-03T04:05:06Z\",\"correlationid\":\"c1\","
                        + "\"causationid\":\"c0\",\"vectorclock\":\"support-agent=1\",\"schemaversion\":\"3.1\","
                        + "\"dataschema\":\"https://schemas.example/bought\",\"data\":{\"plan\":\"basic\",\"n\":1}}",
                with(WAIT, "Content-Type", "application/cloudevents+json"));
        assertThat(answer.status()).as(answer.toString()).isEqualTo(200);
        require(awaitVersion(2), "e1", "3.1");
    }

    @Test
    void ofACloudEventThatCameFromKafka() {
        api.patch(path, "{\"plan\":\"gold\"}", WAIT);
        Stack.kafka()
                .send(
                        "customer-events",
                        id,
                        "{\"plan\":\"basic\",\"n\":1}",
                        "content-type",
                        "application/json",
                        "ce_specversion",
                        "1.0",
                        "ce_id",
                        "e2",
                        "ce_source",
                        "support-agent",
                        "ce_type",
                        "com.example.bought",
                        "ce_time",
                        "2026-02-03T04:05:06Z",
                        "ce_correlationid",
                        "c1",
                        "ce_causationid",
                        "c0",
                        "ce_vectorclock",
                        "support-agent=1",
                        "ce_dataschema",
                        "https://schemas.example/bought/2");
        require(awaitVersion(2), "e2", "https://schemas.example/bought/2");
    }

    @Test
    void theSchemaVersionOfARequestIsToldToThoseWhoWatchAndOneThatCannotBeIsRefused() {
        try (Feed feed = Stack.gateway().watch(path)) {
            feed.awaitReady();
            Answer answer =
                    api.put(path, "{\"a\":1}", with(WAIT, "Sluice-Schema-Version", "7", "Sluice-Base-Version", "1"));
            assertThat(answer.status()).as(answer.toString()).isEqualTo(409);
            api.put(path, "{\"a\":1}", with(WAIT, "Sluice-Schema-Version", "7"));
            assertThat(feed.await("update")
                            .json()
                            .get("cause")
                            .get("schemaVersion")
                            .asString())
                    .isEqualTo("7");
            api.put(path, "{\"a\":2}", with(WAIT, "Sluice-Base-Version", "1"));
            JsonNode items = api.get(path + "/history").json().get("items");
            assertThat(items.get(0).get("baseVersion").asLong()).isEqualTo(1);
            assertThat(items.get(0).get("cause").has("schemaVersion")).isFalse();
            assertThat(items.get(0).has("clock")).isFalse();
        }
        Answer refused = api.put(path, "{}", with(WAIT, "Sluice-Schema-Version", "x".repeat(300)));
        assertThat(refused.status()).isEqualTo(400);
        assertThat(refused.json().get("detail").asString()).contains("Sluice-Schema-Version");
    }
}
