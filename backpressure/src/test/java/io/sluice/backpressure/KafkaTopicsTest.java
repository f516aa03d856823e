package io.sluice.backpressure;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.sluice.resolver.Partition;
import io.sluice.resolver.UnavailableException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.kafka.clients.admin.NewPartitions;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.common.config.ConfigResource;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import reactor.core.Disposable;
import reactor.test.StepVerifier;

@Timeout(120)
class KafkaTopicsTest {

    private static final Duration PATIENCE = Duration.ofSeconds(30);

    private final StoppedTypes stopped = new StoppedTypes();

    private Map<String, TopicPin> prepare(ContextType... types) {
        try (KafkaTopics topics = TestKafka.topics(stopped, types)) {
            return topics.prepare().block(PATIENCE);
        }
    }

    private String reason(ContextType type) {
        return String.valueOf(stopped.reasons().get(type.name()));
    }

    private static String config(String topic, String name) throws Exception {
        ConfigResource resource = new ConfigResource(ConfigResource.Type.TOPIC, topic);
        return TestKafka.admin()
                .describeConfigs(List.of(resource))
                .all()
                .get()
                .get(resource)
                .get(name)
                .value();
    }

    private static void make(String topic, int partitions, Map<String, String> configs) throws Exception {
        TestKafka.admin()
                .createTopics(List.of(new NewTopic(topic, Optional.of(partitions), Optional.empty()).configs(configs)))
                .all()
                .get();
    }

    @Test
    void whatIsMissingIsMadeAsItHasToBe() throws Exception {
        ContextType type = TestKafka.type(3, Lane.STANDARD);
        Map<String, TopicPin> pins = prepare(type);

        assertThat(pins).containsOnlyKeys(type.name());
        assertThat(pins.get(type.name()).partitions()).isEqualTo(3);
        assertThat(stopped.reasons()).isEmpty();
        var topics = TestKafka.admin()
                .describeTopics(List.of(type.topic(), type.updatesTopic()))
                .allTopicNames()
                .get();
        assertThat(topics.values())
                .allSatisfy(topic -> assertThat(topic.partitions()).hasSize(3));
        for (String topic : topics.keySet()) {
            assertThat(config(topic, "message.timestamp.type")).isEqualTo("LogAppendTime");
            assertThat(config(topic, "cleanup.policy")).isEqualTo("delete");
        }
        assertThat(config(type.topic(), "retention.ms")).isEqualTo("-1");
        assertThat(config(type.updatesTopic(), "retention.ms"))
                .isEqualTo(String.valueOf(Duration.ofDays(2).toMillis()));
        assertThat(Integer.parseInt(config(DeadLetters.TOPIC, "max.message.bytes")))
                .isGreaterThan(TestKafka.RECORD_BYTES);
    }

    @Test
    void whatIsThereIsLeftAndKeepsItsLife() {
        ContextType type = TestKafka.type(2, Lane.STANDARD);
        assertThat(prepare(type)).isEqualTo(prepare(type));
    }

    @Test
    void aTopicThatIsMadeAnewHasAnotherLife() throws Exception {
        ContextType type = TestKafka.type(1, Lane.STANDARD);
        Map<String, TopicPin> first = prepare(type);
        TestKafka.admin().deleteTopics(List.of(type.topic())).all().get();

        await().ignoreExceptions()
                .untilAsserted(() -> assertThat(prepare(type)).hasSize(1).isNotEqualTo(first));
    }

    @Test
    void aWrongNumberOfPartitionsStopsOnlyThatType() throws Exception {
        ContextType good = TestKafka.type(2, Lane.STANDARD);
        ContextType events = TestKafka.type(2, Lane.STANDARD);
        ContextType updates = TestKafka.type(2, Lane.STANDARD);
        make(events.topic(), 3, Map.of());
        make(updates.updatesTopic(), 1, Map.of("max.message.bytes", String.valueOf(TestKafka.RECORD_BYTES)));

        prepare(good, events, updates);
        assertThat(stopped.reasons()).containsOnlyKeys(events.name(), updates.name());
        assertThat(reason(events)).contains(events.topic() + " has 3 partitions (expected: 2, as sluice.types.");
        assertThat(reason(updates)).contains(updates.updatesTopic() + " has 1 partitions (expected: 2");
        assertThat(stopped.isStopped(good)).isFalse();
    }

    @Test
    void aTopicThatCannotTakeTheLargestUpdateStopsItsType() throws Exception {
        ContextType type = TestKafka.type(1, Lane.STANDARD);
        make(type.updatesTopic(), 1, Map.of("max.message.bytes", "100000"));

        prepare(type);
        assertThat(reason(type)).contains("takes records of 100000 bytes");
    }

    @Test
    void aTypeWhoseTopicIsNotTheOneThatWasFirstReadIsStopped() {
        ContextType same = TestKafka.type(2, Lane.STANDARD);
        ContextType anew = TestKafka.type(2, Lane.STANDARD);
        ContextType more = TestKafka.type(2, Lane.STANDARD);
        ContextType first = TestKafka.type(2, Lane.STANDARD);
        try (KafkaTopics topics = TestKafka.topics(stopped, same, anew, more, first)) {
            Map<String, TopicPin> pins = topics.prepare().block(PATIENCE);
            topics.requireThoseOf(List.of(
                    pins.get(same.name()),
                    new TopicPin(anew.topic(), "another", 2),
                    new TopicPin(more.topic(), pins.get(more.name()).id(), 1),
                    new TopicPin("of-no-type", "any", 9)));
        }
        assertThat(stopped.reasons()).containsOnlyKeys(anew.name(), more.name());
        assertThat(reason(anew)).contains("was made anew", "expected: another");
        assertThat(reason(more)).contains("first read with 1 partitions", ".partitions is 2");
    }

    @Test
    void aTypeWhoseTopicsChangeWhileTheyAreWatchedIsStoppedAndNoOther() throws Exception {
        ContextType same = TestKafka.type(1, Lane.STANDARD);
        ContextType anew = TestKafka.type(1, Lane.STANDARD);
        ContextType gone = TestKafka.type(1, Lane.STANDARD);
        ContextType events = TestKafka.type(1, Lane.STANDARD);
        ContextType updates = TestKafka.type(1, Lane.STANDARD);
        try (KafkaTopics topics = TestKafka.topics(stopped, same, anew, gone, events, updates)) {
            topics.prepare().block(PATIENCE);
            Disposable watching = topics.watch().subscribe();
            TestKafka.admin()
                    .deleteTopics(List.of(anew.topic(), gone.topic()))
                    .all()
                    .get();
            await().ignoreExceptions().atMost(PATIENCE).until(() -> {
                make(anew.topic(), 1, Map.of());
                return true;
            });
            TestKafka.admin()
                    .createPartitions(Map.of(
                            events.topic(), NewPartitions.increaseTo(2),
                            updates.updatesTopic(), NewPartitions.increaseTo(3)))
                    .all()
                    .get();

            await().atMost(PATIENCE).until(() -> stopped.reasons().size() == 4);
            watching.dispose();
            topics.look(same).block(PATIENCE);
            assertThat(topics.ends().block(PATIENCE)).containsOnlyKeys(new Partition(same.topic(), 0));
        }
        assertThat(stopped.isStopped(same)).isFalse();
        assertThat(reason(anew)).contains(anew.topic() + " was made anew");
        assertThat(reason(gone)).contains(gone.topic() + " is gone");
        assertThat(reason(events)).contains(events.topic() + " has 2 partitions (expected: 1");
        assertThat(reason(updates)).contains(updates.updatesTopic() + " has 3 partitions (expected: 1");
        assertThatThrownBy(() -> stopped.requireGoing(anew))
                .isInstanceOf(UnavailableException.class)
                .hasMessageContaining("is stopped");
    }

    @Test
    void theEndsAreTheOffsetsOfTheNextRecords() {
        ContextType type = TestKafka.preparedType(2, Lane.STANDARD);
        TestKafka.produce(type.topic(), 1, 7, i -> "{}");

        try (KafkaTopics topics = TestKafka.topics(type)) {
            assertThat(topics.ends().block(PATIENCE))
                    .isEqualTo(Map.of(new Partition(type.topic(), 0), 0L, new Partition(type.topic(), 1), 7L));
        }
    }

    @Test
    void whetherKafkaAnswersIsKnownInTime() {
        try (KafkaTopics there = TestKafka.topics();
                KafkaTopics away = new KafkaTopics(
                        Map.of("bootstrap.servers", "127.0.0.1:1"),
                        Fixtures.types(),
                        stopped,
                        new KafkaTopics.Settings(Duration.ofDays(1), 1_000))) {
            StepVerifier.create(there.ping(Duration.ofSeconds(10))).verifyComplete();
            StepVerifier.create(away.ping(Duration.ofMillis(300)))
                    .expectError(UnavailableException.class)
                    .verify(Duration.ofSeconds(5));
            assertThatThrownBy(() -> away.prepare().block(Duration.ofSeconds(30)))
                    .isInstanceOf(UnavailableException.class)
                    .hasMessageStartingWith("sluice.kafka.bootstrap-servers: Kafka at 127.0.0.1:1 does not answer ");
        }
    }
}
