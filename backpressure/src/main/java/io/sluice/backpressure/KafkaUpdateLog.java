package io.sluice.backpressure;

import java.time.Duration;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.InvalidOffsetException;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.core.scheduler.Schedulers;
import reactor.kafka.receiver.KafkaReceiver;
import reactor.kafka.receiver.ReceiverOptions;
import reactor.kafka.receiver.ReceiverPartition;

/** The log of announcements on Kafka. For one subscription at a time. */
public final class KafkaUpdateLog implements UpdateLog {

    private final Map<String, Object> properties;
    private final Map<TopicPartition, Long> positions = new ConcurrentHashMap<>();

    /** @param connection how to reach Kafka: properties that every client has */
    public KafkaUpdateLog(Map<String, Object> connection) {
        Map<String, Object> all = new HashMap<>(connection);
        all.put(ConsumerConfig.KEY_DESERIALIZER_CLASS_CONFIG, ByteArrayDeserializer.class);
        all.put(ConsumerConfig.VALUE_DESERIALIZER_CLASS_CONFIG, ByteArrayDeserializer.class);
        all.put(ConsumerConfig.ISOLATION_LEVEL_CONFIG, "read_committed");
        all.put(ConsumerConfig.AUTO_OFFSET_RESET_CONFIG, "none");
        all.put(ConsumerConfig.MAX_POLL_RECORDS_CONFIG, 1_000);
        all.put(ConsumerConfig.FETCH_MAX_WAIT_MS_CONFIG, 250);
        // Nothing is shared through this group; reactor-kafka only wants a name.
        all.put(ConsumerConfig.GROUP_ID_CONFIG, "sluice-tail-" + UUID.randomUUID());
        this.properties = Map.copyOf(all);
    }

    @Override
    public Flux<List<LogRecord>> tail(Collection<ContextType> types, Runnable positioned) {
        List<TopicPartition> partitions =
                types.stream().flatMap(KafkaUpdateLog::partitions).toList();
        if (partitions.isEmpty()) {
            return Mono.fromRunnable(positioned)
                    .subscribeOn(Schedulers.boundedElastic())
                    .thenMany(Flux.never());
        }
        ReceiverOptions<byte[], byte[]> options = ReceiverOptions.<byte[], byte[]>create(properties)
                .assignment(partitions)
                .pollTimeout(Duration.ofMillis(100))
                .commitInterval(Duration.ZERO)
                .addAssignListener(assigned -> position(assigned, positioned));
        return KafkaReceiver.create(options)
                .receiveBatch(2)
                .concatMap(Flux::collectList, 1)
                .map(poll -> poll.stream().map(this::read).toList())
                .doOnError(InvalidOffsetException.class, e -> positions.clear());
    }

    private static Stream<TopicPartition> partitions(ContextType type) {
        return IntStream.range(0, type.partitions())
                .mapToObj(number -> new TopicPartition(type.updatesTopic(), number));
    }

    private void position(Collection<ReceiverPartition> assigned, Runnable positioned) {
        if (assigned.stream().allMatch(p -> positions.containsKey(p.topicPartition()))) {
            assigned.forEach(p -> p.seek(positions.getOrDefault(p.topicPartition(), 0L)));
            return;
        }
        assigned.forEach(ReceiverPartition::seekToEnd);
        // To ask for the position makes the client find the end now, and not at its next poll.
        Map<TopicPartition, Long> ends = new HashMap<>();
        assigned.forEach(p -> ends.put(p.topicPartition(), p.position()));
        positioned.run();
        // Not before: if that fails, the next subscription has to begin at the end too, and to say so.
        positions.putAll(ends);
    }

    private LogRecord read(ConsumerRecord<byte[], byte[]> record) {
        positions.put(new TopicPartition(record.topic(), record.partition()), record.offset() + 1);
        return KafkaEventLog.logRecord(record);
    }
}
