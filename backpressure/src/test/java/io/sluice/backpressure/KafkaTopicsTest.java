package io.sluice.backpressure;

import static org.assertj.core.api.Assertions.assertThat;

import io.sluice.resolver.Partition;
import io.sluice.resolver.UnavailableException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.common.config.ConfigResource;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import reactor.test.StepVerifier;

@Timeout(120)
class KafkaTopicsTest {

    private static final Duration PATIENCE = Duration.ofSeconds(30);

    private static Map<String, String> prepare(ContextType... types) {
        try (KafkaTopics topics = TestKafka.topics(types)) {
            return topics.prepare().block(PATIENCE);
        }
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
        Map<String, String> usable = prepare(type);

        assertThat(usable).containsOnlyKeys(type.name());
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
        Map<String, String> first = prepare(type);
        TestKafka.admin().deleteTopics(List.of(type.topic())).all().get();

        org.awaitility.Awaitility.await()
                .ignoreExceptions()
                .untilAsserted(() -> assertThat(prepare(type)).hasSize(1).isNotEqualTo(first));
    }

    @Test
    void aWrongNumberOfPartitionsStopsOnlyThatType() throws Exception {
        ContextType good = TestKafka.type(2, Lane.STANDARD);
        ContextType events = TestKafka.type(2, Lane.STANDARD);
        ContextType updates = TestKafka.type(2, Lane.STANDARD);
        make(events.topic(), 3, Map.of());
        make(updates.updatesTopic(), 1, Map.of("max.message.bytes", String.valueOf(TestKafka.RECORD_BYTES)));

        assertThat(prepare(good, events, updates)).containsOnlyKeys(good.name());
    }

    @Test
    void aTopicThatCannotTakeTheLargestUpdateStopsItsType() throws Exception {
        ContextType type = TestKafka.type(1, Lane.STANDARD);
        make(type.updatesTopic(), 1, Map.of("max.message.bytes", "100000"));

        assertThat(prepare(type)).isEmpty();
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
                        new KafkaTopics.Settings(Duration.ofDays(1), 1_000))) {
            StepVerifier.create(there.ping(Duration.ofSeconds(10))).verifyComplete();
            StepVerifier.create(away.ping(Duration.ofMillis(300)))
                    .expectError(UnavailableException.class)
                    .verify(Duration.ofSeconds(5));
        }
    }
}
