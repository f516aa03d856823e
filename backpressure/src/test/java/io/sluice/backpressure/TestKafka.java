package io.sluice.backpressure;

import io.sluice.embedded.PartsProcess;
import io.sluice.embedded.PartsSettings;
import io.sluice.resolver.Partition;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Function;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;

/** A real Kafka, one for all tests of this JVM, and what tests do with it behind our back. */
final class TestKafka {

    static final int RECORD_BYTES = 3 << 20;

    private static final AtomicInteger TYPES = new AtomicInteger();

    private TestKafka() {}

    private static final class Shared {
        // Ends with this JVM.
        static final PartsProcess PROCESS = start(Path.of("target", "kafka"));
        static final Map<String, Object> CONNECTION = connection(PROCESS);
        static final Admin ADMIN = Admin.create(CONNECTION);
        static final KafkaProducer<byte[], byte[]> PRODUCER =
                new KafkaProducer<>(CONNECTION, new ByteArraySerializer(), new ByteArraySerializer());
    }

    static PartsProcess start(Path folder) {
        return PartsProcess.start(new PartsSettings(folder, 0, true, false, false), PartsProcess.ownCommand());
    }

    static Map<String, Object> connection(PartsProcess process) {
        return Map.of(
                "bootstrap.servers", Objects.requireNonNull(process.await().kafka()));
    }

    static Map<String, Object> connection() {
        return Shared.CONNECTION;
    }

    static Admin admin() {
        return Shared.ADMIN;
    }

    /** One that no other test uses. Its topics are not there yet. */
    static ContextType type(int partitions, Lane lane) {
        String name = "t" + ProcessHandle.current().pid() + "-" + Long.toString(System.nanoTime(), 36) + "-"
                + TYPES.incrementAndGet();
        return new ContextType(name, name + "-events", partitions, lane, Fixtures.BOUNDS);
    }

    static KafkaTopics topics(ContextType... types) {
        return topics(new StoppedTypes(), types);
    }

    static KafkaTopics topics(StoppedTypes stopped, ContextType... types) {
        return new KafkaTopics(
                connection(),
                Fixtures.types(types),
                stopped,
                new KafkaTopics.Settings(Duration.ofDays(2), RECORD_BYTES));
    }

    /** One that no other test uses, with its topics. */
    static ContextType preparedType(int partitions, Lane lane) {
        ContextType type = type(partitions, lane);
        try (KafkaTopics topics = topics(type)) {
            topics.prepare().block(Duration.ofSeconds(30));
        }
        return type;
    }

    static void produce(String topic, int partition, int count, Function<Integer, String> value) {
        for (int i = 0; i < count; i++) {
            Shared.PRODUCER.send(
                    new ProducerRecord<>(topic, partition, Fixtures.bytes("k"), Fixtures.bytes(value.apply(i))));
        }
        Shared.PRODUCER.flush();
    }

    static void produce(Partition partition, String key, String value) {
        Shared.PRODUCER.send(new ProducerRecord<>(
                partition.topic(), partition.number(), Fixtures.bytes(key), Fixtures.bytes(value)));
        Shared.PRODUCER.flush();
    }

    /** The first records of a partition, as many as that. */
    static List<ConsumerRecord<byte[], byte[]>> consume(
            Map<String, Object> connection, String topic, int partition, int count) {
        try (var consumer = new KafkaConsumer<>(connection, new ByteArrayDeserializer(), new ByteArrayDeserializer())) {
            TopicPartition one = new TopicPartition(topic, partition);
            consumer.assign(List.of(one));
            consumer.seekToBeginning(List.of(one));
            List<ConsumerRecord<byte[], byte[]>> records = new ArrayList<>();
            long start = System.nanoTime();
            while (records.size() < count
                    && System.nanoTime() - start < Duration.ofSeconds(20).toNanos()) {
                consumer.poll(Duration.ofMillis(100)).forEach(records::add);
            }
            return records;
        }
    }
}
