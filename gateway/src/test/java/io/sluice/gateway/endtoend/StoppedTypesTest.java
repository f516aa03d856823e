package io.sluice.gateway.endtoend;

import static io.sluice.gateway.endtoend.Api.WAIT;
import static org.assertj.core.api.Assertions.assertThat;

import io.sluice.gateway.endtoend.Api.Answer;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.ExecutionException;
import java.util.stream.Stream;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewPartitions;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.admin.RecordsToDelete;
import org.apache.kafka.common.KafkaFuture;
import org.apache.kafka.common.TopicPartition;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** A type whose topics are not what they were is stopped, loudly and before anything is resolved wrongly. All others of its lane go on. */
@EndToEnd
class StoppedTypesTest {

    private static final Duration PATIENCE = Duration.ofSeconds(40);

    private final String name = Stack.fresh("stopped");
    private final Store store =
            new Store(Objects.requireNonNull(Stack.endpoints().postgres())).another(name);
    private final KafkaSide kafka = Stack.kafka();
    private final Admin admin = KafkaSide.admin();
    private final List<String> types = Stream.of("steady", "anew", "more", "words", "cut")
            .map(type -> type + "-" + name)
            .toList();
    private final String steady = types.get(0);
    private final String anew = types.get(1);
    private final String more = types.get(2);
    private final String words = types.get(3);
    private final String cut = types.get(4);
    private Gateway gateway;

    @AfterEach
    void leave() {
        admin.close();
        if (gateway != null) {
            gateway.close();
        }
    }

    private void start() {
        gateway = Gateway.startWithOwnTypes(
                Stream.concat(
                                Stack.addresses(Stack.endpoints()).stream(),
                                Stream.of("--sluice.postgres.url=" + store.url()))
                        .toList(),
                types.stream()
                        .map(type -> "--sluice.types." + type + ".partitions=1")
                        .toList());
    }

    private Answer write(String type, int number) {
        return gateway.api().patch("/v1/contexts/" + type + "/a", "{\"c" + number + "\":" + number + "}", WAIT);
    }

    private void writeAll(int from, int to) {
        for (int i = from; i < to; i++) {
            for (String type : types) {
                Answer answer = write(type, i);
                assertThat(answer.status()).as(answer.toString()).isEqualTo(200);
            }
        }
    }

    private static void done(KafkaFuture<?> future) {
        try {
            future.get();
        } catch (InterruptedException | ExecutionException e) {
            throw new IllegalStateException(e);
        }
    }

    /** As somebody does who wants to empty it. */
    private void makeAnew(String topic) {
        done(admin.deleteTopics(List.of(topic)).all());
        Awaitility.await().atMost(PATIENCE).ignoreExceptions().until(() -> {
            admin.createTopics(List.of(new NewTopic(topic, 1, (short) 1))).all().get();
            return true;
        });
    }

    private void requireStopped(String type, String reason) {
        Awaitility.await().atMost(PATIENCE).untilAsserted(() -> {
            Answer health = gateway.api().get("/actuator/health/readiness");
            assertThat(health.status()).isEqualTo(200);
            assertThat(health.json().get("status").asString()).isEqualTo("DEGRADED");
            assertThat(health.json()
                            .path("components")
                            .path("types")
                            .path("details")
                            .path(type)
                            .asString(""))
                    .contains(reason);
        });
        assertThat(gateway.meter("sluice_type_stopped{type=\"" + type + "\"}")).isEqualTo(1);
        Answer refused = write(type, 99);
        assertThat(refused.status()).as(refused.toString()).isEqualTo(503);
        assertThat(refused.json().get("detail").asString()).contains("type " + type + " is stopped", reason);
        Answer read = gateway.api().get("/v1/contexts/" + type + "/a");
        assertThat(read.status()).as(read.toString()).isEqualTo(200);
    }

    private void requireGoesOn(String type, long version) {
        Answer answer = write(type, (int) version);
        assertThat(answer.status()).as(answer.toString()).isEqualTo(200);
        assertThat(answer.version()).isEqualTo(version);
        assertThat(gateway.meter("sluice_type_stopped{type=\"" + type + "\"}")).isZero();
    }

    @Test
    void whatHappensToTopicsWhileItRunsStopsTheirTypesAndNoOtherAndTheyGoOnAsTheRunbookSays() {
        start();
        writeAll(0, 5);
        makeAnew(anew + "-events");
        done(admin.createPartitions(Map.of(more + "-events", NewPartitions.increaseTo(2)))
                .all());
        done(admin.createPartitions(Map.of(words + "-updates", NewPartitions.increaseTo(2)))
                .all());

        requireStopped(anew, "topic " + anew + "-events was made anew");
        requireStopped(more, "topic " + more + "-events has 2 partitions (expected: 1");
        requireStopped(words, "topic " + words + "-updates has 2 partitions (expected: 1");
        requireGoesOn(steady, 6);
        requireGoesOn(cut, 6);
        // What is in the new topic, behind the place where the old one was left too, is not resolved.
        for (int i = 0; i < 8; i++) {
            kafka.send(anew + "-events", "a", "{\"other\":" + i + "}");
        }
        requireGoesOn(steady, 7);
        assertThat(store.folded(anew + "-events")).isEqualTo(5);
        assertThat(store.versions(anew)).containsEntry("a", 5L);

        // Nor after a start, until somebody says that this is the topic now, from where the old one was left.
        gateway.close();
        start();
        requireStopped(anew, "topic " + anew + "-events was made anew");
        requireStopped(more, "topic " + more + "-events has 2 partitions (expected: 1");
        requireGoesOn(steady, 8);
        gateway.close();
        store.execute("delete from topics where topic = '" + anew + "-events'");
        start();
        Awaitility.await().atMost(PATIENCE).until(() -> store.folded(anew + "-events") == 8);
        assertThat(store.versions(anew)).containsEntry("a", 8L);
        requireGoesOn(anew, 9);
    }

    @Test
    void whatHappensToTopicsWhileItIsDownStopsTheirTypesAndNoOther() {
        start();
        writeAll(0, 5);
        gateway.close();
        makeAnew(anew + "-events");
        for (int i = 0; i < 3; i++) {
            kafka.send(anew + "-events", "a", "{\"other\":" + i + "}");
            kafka.send(cut + "-events", "a", "{\"lost\":" + i + "}");
        }
        done(admin.deleteRecords(Map.of(new TopicPartition(cut + "-events", 0), RecordsToDelete.beforeOffset(7)))
                .all());
        done(admin.createPartitions(Map.of(more + "-events", NewPartitions.increaseTo(2)))
                .all());
        start();

        requireStopped(anew, "topic " + anew + "-events was made anew");
        requireStopped(more, "topic " + more + "-events has 2 partitions (expected: 1");
        requireStopped(
                cut, "partition " + cut + "-events-0 begins at 7 by now, and events from 5 on were not read yet");
        requireGoesOn(steady, 6);
        requireGoesOn(words, 6);
        assertThat(store.versions(cut)).containsEntry("a", 5L);
        // Other nodes would perhaps not see it any more, or not yet.
        assertThat(store.read("select topic, stopped from topics where topic = ?", cut + "-events")
                        .values())
                .singleElement()
                .asString()
                .contains("begins at 7 by now");

        // Whoever has to live with the loss says so.
        gateway.close();
        store.execute(
                "update progress set next_offset = 7 where topic = '" + cut + "-events' and next_offset = 5",
                "delete from topics where topic = '" + cut + "-events'");
        start();
        Awaitility.await().atMost(PATIENCE).until(() -> store.folded(cut + "-events") == 8);
        requireGoesOn(cut, 7);
    }
}
