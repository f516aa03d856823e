package io.sluice.gateway.endtoend;

import static io.sluice.gateway.endtoend.Api.WAIT;
import static io.sluice.gateway.endtoend.Api.with;
import static io.sluice.gateway.endtoend.KafkaSide.header;
import static io.sluice.gateway.endtoend.KafkaSide.text;
import static org.assertj.core.api.Assertions.assertThat;

import io.sluice.backpressure.ContextType;
import io.sluice.backpressure.Lane;
import io.sluice.resolver.Bounds;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.stream.Stream;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

/** Any producer writes, any consumer reads; what cannot be read is set aside, and nothing stops. */
@EndToEnd
class KafkaTest {

    private final KafkaSide kafka = Stack.kafka();
    private final Api api = Stack.gateway().api();
    private final String id = Stack.fresh("kafka");
    private final String path = "/v1/contexts/customer/" + id;
    private Feed feed;

    @BeforeEach
    void watch() {
        feed = Stack.gateway().watch(path);
        feed.awaitReady();
    }

    @AfterEach
    void leave() {
        feed.close();
    }

    @Test
    void aPlainRecordIsAPatchWithItsPlaceAsIdentity() {
        Instant before = Instant.now().minusSeconds(60);
        RecordMetadata sent = kafka.send("customer-events", id, "{\"price\":1.10,\"a\":1}");
        Feed.Event update = feed.await("update");
        assertThat(update.data()).contains("\"state\":{\"price\":1.10,\"a\":1}");
        JsonNode cause = update.json().get("cause");
        assertThat(cause.get("writer").asString()).isEqualTo("kafka");
        assertThat(cause.get("type").asString()).isEqualTo("io.sluice.customer.changed");
        assertThat(cause.get("eventId").asString())
                .isEqualTo("customer-events/" + sent.partition() + "/" + sent.offset());
        assertThat(Instant.parse(cause.get("time").asString())).isAfter(before);

        kafka.send("customer-events", id, "{\"a\":null}");
        feed.awaitVersion("customer/" + id, 2);
        assertThat(api.get(path, "Sluice-Min-Version", "2").body()).isEqualTo("{\"price\":1.10}");

        kafka.send("customer-events", id, null);
        assertThat(feed.await("deleted").version()).isEqualTo(3);
    }

    @Test
    void headersSayWhoAndWhyAndHow() {
        kafka.send("customer-events", id, "{\"a\":1,\"b\":1}");
        kafka.send(
                "customer-events",
                id,
                "{\"a\":2}",
                "sluice-event-id",
                "e-1",
                "sluice-writer",
                "batch job",
                "sluice-change",
                "replace",
                "sluice-event-type",
                "com.example.nightly",
                "sluice-event-time",
                "2026-01-31T12:00:00Z",
                "sluice-correlation-id",
                "c-1");
        Feed.Event update = feed.await("update", event -> event.version() == 2);
        assertThat(update.data()).contains("\"state\":{\"a\":2}");
        assertThat(update.json().get("cause"))
                .isEqualTo(Api.json("{\"eventId\":\"e-1\",\"type\":\"com.example.nightly\",\"writer\":\"batch job\","
                        + "\"time\":\"2026-01-31T12:00:00Z\",\"correlationId\":\"c-1\"}"));
    }

    @Test
    void cloudEventsComeInBothModes() {
        kafka.send(
                "customer-events",
                id,
                "{\"binary\":1}",
                "content-type",
                "application/json",
                "ce_specversion",
                "1.0",
                "ce_id",
                "b-1",
                "ce_source",
                "/binary",
                "ce_type",
                "t",
                "ce_subject",
                id);
        kafka.send(
                "customer-events",
                id,
                "{\"specversion\":\"1.0\",\"id\":\"s-1\",\"source\":\"/structured\",\"type\":\"t\",\"subject\":\"customer/"
                        + id + "\",\"data\":{\"structured\":1}}",
                "content-type",
                "application/cloudevents+json; charset=UTF-8");
        Feed.Event second = feed.await("update", event -> event.version() == 2);
        assertThat(second.data()).contains("\"state\":{\"binary\":1,\"structured\":1}");
        assertThat(second.json().get("cause").get("writer").asString()).isEqualTo("/structured");
        assertThat(feed.events("update")
                        .getFirst()
                        .json()
                        .get("cause")
                        .get("eventId")
                        .asString())
                .isEqualTo("b-1");
    }

    @Test
    void theSameIdentityOverKafkaAndHttpIsOneChange() {
        kafka.send("customer-events", id, "{\"a\":1}", "sluice-event-id", "same", "sluice-writer", "both");
        var answer = api.patch(path, "{\"a\":1}", with(WAIT, "Idempotency-Key", "same", "Sluice-Writer", "both"));
        assertThat(answer.header("Sluice-Resolution")).isEqualTo("duplicate");
        assertThat(answer.version()).isEqualTo(1);
    }

    @Test
    void whatCannotBeReadIsSetAsideWholeAndThePartitionGoesOn() {
        Instant before = Instant.now().minusSeconds(60);
        RecordMetadata sent = kafka.send("customer-events", id, "{nonsense", "trace", "t-1");
        ConsumerRecord<byte[], byte[]> letter = letter(sent);
        assertThat(header(letter, "sluice-dead-reason")).startsWith("malformed-json: ");
        assertThat(Instant.parse(header(letter, "sluice-dead-time"))).isAfter(before);
        assertThat(text(letter.key())).isEqualTo(id);
        assertThat(text(letter.value())).isEqualTo("{nonsense");
        assertThat(header(letter, "trace")).isEqualTo("t-1");
        requireGoesOn();
    }

    @Test
    void everyReasonIsNamed() {
        requireDead("malformed-json", kafka.send("customer-events", id, "[1]"));
        requireDead("malformed-json", kafka.send("customer-events", id, ""));
        requireDead("malformed-json", kafka.send("customer-events", id, "{\"a\":1,\"a\":2}"));
        requireDead("malformed-key", kafka.send("customer-events", null, "{\"a\":1}"));
        requireDead("malformed-key", kafka.send("customer-events", "", "{\"a\":1}"));
        requireDead("malformed-key", kafka.send("customer-events", "x".repeat(257), "{\"a\":1}"));
        requireDead("malformed-key", kafka.send("customer-events", null, new byte[] {(byte) 0xff}, bytes("{}")));
        requireDead("malformed-change", kafka.send("customer-events", id, "{}", "sluice-change", "merge"));
        requireDead("malformed-time", kafka.send("customer-events", id, "{}", "sluice-event-time", "now"));
        requireDead("malformed-clock", kafka.send("customer-events", id, "{}", "sluice-clock", "A"));
        requireDead("reserved-writer", kafka.send("customer-events", id, "{}", "sluice-writer", "*sluice.x.0"));
        requireDead(
                "malformed-cloudevent",
                kafka.send("customer-events", id, "{}", "content-type", "application/cloudevents+json"));
        requireDead(
                "malformed-cloudevent",
                kafka.send("customer-events", id, "[]", "content-type", "application/cloudevents-batch+json"));
        requireDead("malformed-cloudevent", kafka.send("customer-events", id, "{}", "ce_specversion", "1.0"));
        requireGoesOn();
    }

    @Test
    void aSubjectThatIsNotTheKeyIsSetAside() {
        RecordMetadata sent = kafka.send(
                "customer-events",
                id,
                "{\"a\":1}",
                "content-type",
                "application/json",
                "ce_specversion",
                "1.0",
                "ce_id",
                "1",
                "ce_source",
                "s",
                "ce_type",
                "t",
                "ce_subject",
                "customer/somebody-else");
        requireDead("key-mismatch", sent);
        requireGoesOn();
    }

    @Test
    void aProducerThatHashesInAnotherWayIsAnEqualCitizen() {
        String other = Stream.iterate(0, i -> i + 1)
                .map(i -> id + "-" + i)
                .filter(key -> KafkaSide.partitionOfLibrdkafka(key, 4) != rightPartition(key))
                .findFirst()
                .orElseThrow();
        int wrong = KafkaSide.partitionOfLibrdkafka(other, 4);
        try (Feed watching = Stack.gateway().watch("/v1/contexts/customer/" + other)) {
            watching.awaitReady();
            RecordMetadata first =
                    kafka.send("customer-events", wrong, bytes(other), bytes("{\"a\":1}"), "trace", "t-1");
            kafka.send("customer-events", wrong, bytes(other), bytes("{\"b\":2}"), "sluice-event-id", "once");
            watching.awaitVersion("customer/" + other, 2);
            // The same again, this time from a producer that hashes as Sluice does.
            kafka.send("customer-events", other, "{\"b\":2}", "sluice-event-id", "once");
            kafka.send("customer-events", wrong, bytes(other), null);

            assertThat(watching.await("deleted").version()).isEqualTo(3);
            assertThat(watching.versions("customer/" + other)).containsExactly(1L, 2L, 3L);
            assertThat(watching.await("update")
                            .json()
                            .get("cause")
                            .get("eventId")
                            .asString())
                    .isEqualTo("customer-events/" + wrong + "/" + first.offset());
        }
        List<ConsumerRecord<byte[], byte[]>> moved = kafka.all("customer-events").stream()
                .filter(record -> text(record.key()).equals(other))
                .filter(record -> !header(record, "sluice-moved-from").isEmpty())
                .toList();
        assertThat(moved)
                .extracting(ConsumerRecord::partition)
                .containsOnly(rightPartition(other))
                .hasSize(3);
        assertThat(header(moved.getFirst(), "trace")).isEqualTo("t-1");
        assertThat(Stack.gateway().meter("sluice_moved_total")).isGreaterThanOrEqualTo(3);
    }

    @Test
    void aCloudEventWithoutAKeyComesToTheContextOfItsSubjectWhereverItIs() {
        for (int partition = 0; partition < 4; partition++) {
            kafka.send(
                    "customer-events",
                    partition,
                    null,
                    bytes("{\"p" + partition + "\":1}"),
                    "content-type",
                    "application/json",
                    "ce_specversion",
                    "1.0",
                    "ce_id",
                    "p" + partition,
                    "ce_source",
                    "keyless",
                    "ce_type",
                    "t",
                    "ce_subject",
                    id);
        }
        feed.awaitVersion("customer/" + id, 4);
        assertThat(feed.versions("customer/" + id)).containsExactly(1L, 2L, 3L, 4L);
    }

    private static int rightPartition(String key) {
        return new ContextType("customer", "customer-events", 4, Lane.CRITICAL, new Bounds(1 << 20, Duration.ofDays(7)))
                .partitionOf(key)
                .number();
    }

    @Test
    void anIdentityUsedForSomethingElseIsSetAside() {
        kafka.send("customer-events", id, "{\"a\":1}", "sluice-event-id", "once");
        kafka.send("customer-events", id, "{\"a\":1}", "sluice-event-id", "once");
        RecordMetadata other = kafka.send("customer-events", id, "{\"a\":2}", "sluice-event-id", "once");
        requireDead("identity-reused", other);
        requireGoesOn();
        assertThat(feed.versions("customer/" + id)).containsExactly(1L, 2L);
    }

    @Test
    void anUpdateIsACloudEventInTheSamePartitionAndADeletionHasAValueToo() {
        RecordMetadata first = kafka.send("customer-events", id, "{\"a\":1,\"b\":1}");
        kafka.send("customer-events", id, "{\"a\":2}");
        kafka.send("customer-events", id, null);
        KafkaSide.Tail updates = kafka.topic("customer-updates");
        updates.await(record -> header(record, "ce_id").equals("customer/" + id + "/1/3"));
        List<ConsumerRecord<byte[], byte[]>> records = updates.records(id);
        assertThat(records).hasSize(3);
        for (int i = 0; i < 3; i++) {
            ConsumerRecord<byte[], byte[]> record = records.get(i);
            assertThat(record.partition()).isEqualTo(first.partition());
            assertThat(header(record, "content-type")).isEqualTo("application/json");
            assertThat(header(record, "ce_specversion")).isEqualTo("1.0");
            assertThat(header(record, "ce_id")).isEqualTo("customer/" + id + "/1/" + (i + 1));
            assertThat(header(record, "ce_source")).isEqualTo("/sluice");
            assertThat(header(record, "ce_subject")).isEqualTo("customer/" + id);
            assertThat(header(record, "ce_type")).isEqualTo(i < 2 ? "io.sluice.updated" : "io.sluice.deleted");
            JsonNode value = Api.json(text(record.value()));
            assertThat(value.get("key").asString()).isEqualTo("customer/" + id);
            assertThat(value.get("incarnation").asInt()).isEqualTo(1);
            assertThat(value.get("version").asInt()).isEqualTo(i + 1);
            assertThat(value.get("cause").get("writer").asString()).isEqualTo("kafka");
        }
        JsonNode second = Api.json(text(records.get(1).value()));
        assertThat(second.get("state").toString()).isEqualTo("{\"a\":2,\"b\":1}");
        assertThat(second.get("delta").toString()).isEqualTo("{\"a\":2}");
        JsonNode deleted = Api.json(text(records.get(2).value()));
        assertThat(deleted.get("deleted").asBoolean()).isTrue();
        assertThat(deleted.has("state")).isFalse();
    }

    private void requireDead(String reason, RecordMetadata sent) {
        assertThat(header(letter(sent), "sluice-dead-reason")).startsWith(reason + ": ");
    }

    private ConsumerRecord<byte[], byte[]> letter(RecordMetadata sent) {
        String source = "customer-events-" + sent.partition() + "@" + sent.offset();
        return kafka.topic("sluice-dead-letters")
                .await(record -> header(record, "sluice-dead-source").equals(source));
    }

    private void requireGoesOn() {
        kafka.send("customer-events", id, "{\"goes\":\"on\"}");
        feed.await("update", event -> event.json().get("state").has("goes"));
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }
}
