package io.sluice.backpressure;

import io.sluice.resolver.LogPosition;
import io.sluice.resolver.Partition;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.OptionalLong;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicReference;
import org.apache.kafka.clients.consumer.CloseOptions;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.core.scheduler.Schedulers;
import reactor.kafka.receiver.KafkaReceiver;
import reactor.kafka.receiver.ReceiverOffset;
import reactor.kafka.receiver.ReceiverOptions;
import reactor.kafka.receiver.ReceiverPartition;
import reactor.kafka.receiver.ReceiverRecord;
import reactor.kafka.receiver.internals.ConsumerFactory;

/**
 * The log of events on Kafka, read with reactor-kafka.
 *
 * <p>Demand is never held back: lack of it would pause all partitions at once. What bounds the reader is the pause of single
 * partitions, and the size of a poll.
 */
public final class KafkaEventLog implements EventLog {

    private static final Logger log = LoggerFactory.getLogger(KafkaEventLog.class);

    private static final Duration LEAVE_TIMEOUT = Duration.ofSeconds(5);

    private static final String GROUP = "sluice-resolve-";

    private final Map<String, Object> properties;
    private final String nodeId;

    /**
     * @param connection how to reach Kafka: properties that every client has
     * @param nodeId tells this node from all others, over restarts: one that comes back within its session has its partitions
     *     back at once. Empty: it is a new member each time, and after a crash they wait for the old one's session to end
     * @param maxBatch records that one poll brings, at most
     */
    public KafkaEventLog(Map<String, Object> connection, String nodeId, int maxBatch) {
        Map<String, Object> all = new HashMap<>();
        all.put(ConsumerConfig.SESSION_TIMEOUT_MS_CONFIG, 10_000);
        all.put(ConsumerConfig.HEARTBEAT_INTERVAL_MS_CONFIG, 3_000);
        all.putAll(connection);
        all.put(ConsumerConfig.KEY_DESERIALIZER_CLASS_CONFIG, ByteArrayDeserializer.class);
        all.put(ConsumerConfig.VALUE_DESERIALIZER_CLASS_CONFIG, ByteArrayDeserializer.class);
        all.put(ConsumerConfig.ISOLATION_LEVEL_CONFIG, "read_committed");
        all.put(ConsumerConfig.AUTO_OFFSET_RESET_CONFIG, "none");
        all.put(ConsumerConfig.MAX_POLL_RECORDS_CONFIG, maxBatch);
        all.put(ConsumerConfig.FETCH_MAX_WAIT_MS_CONFIG, 250);
        this.properties = Map.copyOf(all);
        this.nodeId = nodeId;
    }

    @Override
    public Reading read(Lane lane, Collection<String> topics, Ownership ownership) {
        Set<Partition> unread = ConcurrentHashMap.newKeySet();
        ReceiverOptions<byte[], byte[]> options = ReceiverOptions.<byte[], byte[]>create(properties)
                .consumerProperty(ConsumerConfig.GROUP_ID_CONFIG, GROUP + lane.label())
                .subscription(topics)
                .pollTimeout(Duration.ofMillis(100))
                .maxDelayRebalance(Duration.ZERO)
                .commitInterval(Duration.ofSeconds(2))
                .addAssignListener(assigned -> assigned.forEach(p -> {
                    if (place(p, ownership)) {
                        unread.remove(partition(p));
                    } else {
                        unread.add(partition(p));
                    }
                }))
                .addRevokeListener(revoked -> revoked.forEach(p -> ownership.revoked(partition(p))));
        ReceiverOptions<byte[], byte[]> named = nodeId.isEmpty()
                ? options
                : options.consumerProperty(ConsumerConfig.GROUP_INSTANCE_ID_CONFIG, nodeId + "-" + lane.label());
        return new KafkaReading(named, unread);
    }

    /** @return whether anything of it is read */
    private static boolean place(ReceiverPartition p, Ownership ownership) {
        OptionalLong start = ownership.assigned(partition(p), new Extent() {
            @Override
            public long begin() {
                return Objects.requireNonNull(p.beginningOffset(), "Kafka does not say where the partition begins");
            }

            @Override
            public long end() {
                return Objects.requireNonNull(p.endOffset(), "Kafka does not say where the partition ends");
            }
        });
        if (start.isPresent()) {
            p.seek(start.getAsLong());
        } else {
            p.seekToEnd();
        }
        return start.isPresent();
    }

    private static Partition partition(ReceiverPartition p) {
        return new Partition(p.topicPartition().topic(), p.topicPartition().partition());
    }

    private static final class KafkaReading implements Reading {

        private final KafkaReceiver<byte[], byte[]> receiver;
        private final Set<Partition> unread;
        private final AtomicReference<@Nullable Consumer<?, ?>> consumer = new AtomicReference<>();
        /** The last record of each batch that is on its way, to commit by. */
        private final Map<Partition, Map<Long, ReceiverOffset>> ends = new ConcurrentHashMap<>();

        /** @param unread partitions of which nothing is handed on */
        KafkaReading(ReceiverOptions<byte[], byte[]> options, Set<Partition> unread) {
            this.receiver = KafkaReceiver.create(
                    new ConsumerFactory() {
                        @Override
                        public <K, V> Consumer<K, V> createConsumer(ReceiverOptions<K, V> config) {
                            Consumer<K, V> made = super.createConsumer(config);
                            consumer.set(made);
                            return made;
                        }
                    },
                    options);
            this.unread = unread;
        }

        @Override
        public Flux<List<LogRecord>> batches() {
            return receiver.receiveBatch(1)
                    .concatMap(Flux::collectList, 1)
                    .concatMapIterable(this::byPartition)
                    .onErrorResume(e -> Mono.<List<LogRecord>>fromRunnable(this::leave)
                            .subscribeOn(Schedulers.boundedElastic())
                            .then(Mono.error(e)));
        }

        /**
         * The receiver polls once more before it closes its consumer. If that fails as the poll before did, the consumer is never
         * closed, and stays in the group without taking part in it: nobody gets any partition until its time is up. Does nothing
         * if it is closed.
         */
        private void leave() {
            Consumer<?, ?> left = consumer.getAndSet(null);
            if (left != null) {
                try {
                    left.close(CloseOptions.timeout(LEAVE_TIMEOUT));
                } catch (RuntimeException e) {
                    log.debug("Leaving the group failed: {}", e.toString());
                }
            }
        }

        private Collection<List<LogRecord>> byPartition(List<ReceiverRecord<byte[], byte[]>> poll) {
            Map<Partition, List<LogRecord>> batches = new HashMap<>();
            Map<Partition, ReceiverOffset> last = new HashMap<>();
            for (ReceiverRecord<byte[], byte[]> record : poll) {
                Partition partition = new Partition(record.topic(), record.partition());
                if (unread.contains(partition)) {
                    continue;
                }
                batches.computeIfAbsent(partition, p -> new ArrayList<>()).add(logRecord(record));
                last.put(partition, record.receiverOffset());
            }
            last.forEach((partition, offset) -> ends.computeIfAbsent(partition, p -> new ConcurrentHashMap<>())
                    .put(offset.offset() + 1, offset));
            return batches.values();
        }

        @Override
        public Mono<Void> pause(Partition partition) {
            return receiver.doOnConsumer(consumer -> {
                        List<TopicPartition> one = List.of(topicPartition(partition));
                        if (consumer.assignment().containsAll(one)) {
                            consumer.pause(one);
                        }
                        return true;
                    })
                    .then();
        }

        @Override
        public Mono<Void> resume(Partition partition) {
            return receiver.doOnConsumer(consumer -> {
                        List<TopicPartition> one = List.of(topicPartition(partition));
                        if (consumer.assignment().containsAll(one)) {
                            consumer.resume(one);
                        }
                        return true;
                    })
                    .then();
        }

        @Override
        public void done(Partition partition, long nextOffset) {
            Map<Long, ReceiverOffset> offsets = ends.get(partition);
            ReceiverOffset offset = offsets == null ? null : offsets.remove(nextOffset);
            if (offset != null) {
                offset.acknowledge();
            }
        }

        private static TopicPartition topicPartition(Partition partition) {
            return new TopicPartition(partition.topic(), partition.number());
        }
    }

    /** Where producers say it, it may be a time that no other system has a calendar for. */
    private static Instant time(long timestamp) {
        return Instant.ofEpochMilli(
                Math.clamp(timestamp, EventCodec.EARLIEST.toEpochMilli(), EventCodec.LATEST.toEpochMilli()));
    }

    static LogRecord logRecord(ConsumerRecord<byte[], byte[]> record) {
        List<Headers.Header> all = new ArrayList<>();
        record.headers().forEach(header -> all.add(new Headers.Header(header.key(), header.value())));
        return new LogRecord(
                new LogPosition(record.topic(), record.partition(), record.offset(), time(record.timestamp())),
                record.key(),
                record.value(),
                new Headers(all));
    }
}
