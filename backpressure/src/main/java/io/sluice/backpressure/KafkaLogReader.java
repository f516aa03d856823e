package io.sluice.backpressure;

import io.sluice.resolver.Partition;
import io.sluice.resolver.UnavailableException;
import java.time.Duration;
import java.util.Collections;
import java.util.HashMap;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.NoSuchElementException;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.jspecify.annotations.Nullable;

/**
 * Reads stretches of topics, in no group, for who looks at what is there and not at what comes. Blocks; for one thread. Whatever
 * goes wrong is an {@link UnavailableException}.
 */
public final class KafkaLogReader implements AutoCloseable {

    private static final Duration CALL_TIMEOUT = Duration.ofSeconds(20);
    private static final Duration POLL = Duration.ofSeconds(1);
    private static final int MAX_SILENT_POLLS = 30;

    private final KafkaConsumer<byte[], byte[]> consumer;

    /** @param connection how to reach Kafka: properties that every client has */
    public KafkaLogReader(Map<String, Object> connection) {
        Map<String, Object> all = new HashMap<>(connection);
        all.put(ConsumerConfig.KEY_DESERIALIZER_CLASS_CONFIG, ByteArrayDeserializer.class);
        all.put(ConsumerConfig.VALUE_DESERIALIZER_CLASS_CONFIG, ByteArrayDeserializer.class);
        all.put(ConsumerConfig.ISOLATION_LEVEL_CONFIG, "read_committed");
        all.put(ConsumerConfig.AUTO_OFFSET_RESET_CONFIG, "none");
        all.put(ConsumerConfig.ENABLE_AUTO_COMMIT_CONFIG, false);
        all.put(ConsumerConfig.ALLOW_AUTO_CREATE_TOPICS_CONFIG, false);
        all.put(ConsumerConfig.DEFAULT_API_TIMEOUT_MS_CONFIG, (int) CALL_TIMEOUT.toMillis());
        this.consumer = new KafkaConsumer<>(all);
    }

    /** @param begin the first offset that is still kept @param end the next one that will be written */
    public record Extent(long begin, long end) {}

    public Extent extent(Partition partition) {
        List<TopicPartition> one = List.of(topicPartition(partition));
        try {
            long begin = consumer.beginningOffsets(one).values().iterator().next();
            return new Extent(
                    begin, consumer.endOffsets(one).values().iterator().next());
        } catch (KafkaException | NoSuchElementException e) {
            throw unavailable(partition, e);
        }
    }

    /**
     * The committed records with offsets in [from, to), in order, a poll at a time. Only the iterator that was made last can be
     * used.
     *
     * @param from not before the beginning @param to not behind the end
     */
    public Iterator<LogRecord> read(Partition partition, long from, long to) {
        consumer.assign(List.of(topicPartition(partition)));
        consumer.seek(topicPartition(partition), from);
        return new Stretch(partition, to);
    }

    private final class Stretch implements Iterator<LogRecord> {

        private final Partition partition;
        private final long to;
        private Iterator<ConsumerRecord<byte[], byte[]>> polled = Collections.emptyIterator();
        private @Nullable LogRecord next;

        private Stretch(Partition partition, long to) {
            this.partition = partition;
            this.to = to;
        }

        @Override
        public boolean hasNext() {
            if (next == null) {
                next = advance();
            }
            return next != null;
        }

        @Override
        public LogRecord next() {
            LogRecord record = hasNext() ? next : null;
            if (record == null) {
                throw new NoSuchElementException();
            }
            next = null;
            return record;
        }

        private @Nullable LogRecord advance() {
            for (int silent = 0; !polled.hasNext(); silent++) {
                // Markers of transactions, and what was aborted, have offsets and are no records: the position passes
                // them.
                if (position() >= to) {
                    return null;
                }
                if (silent == MAX_SILENT_POLLS) {
                    throw unavailable(partition, new KafkaException("nothing comes at " + position()));
                }
                polled = poll();
            }
            LogRecord record = KafkaEventLog.logRecord(polled.next());
            return record.position().offset() < to ? record : null;
        }

        private long position() {
            try {
                return consumer.position(topicPartition(partition));
            } catch (KafkaException e) {
                throw unavailable(partition, e);
            }
        }

        private Iterator<ConsumerRecord<byte[], byte[]>> poll() {
            try {
                return consumer.poll(POLL).iterator();
            } catch (KafkaException e) {
                throw unavailable(partition, e);
            }
        }
    }

    private static UnavailableException unavailable(Partition partition, Exception e) {
        return new UnavailableException(
                "log-unavailable", "Kafka does not give " + partition + " to read: " + e.getMessage(), e);
    }

    private static TopicPartition topicPartition(Partition partition) {
        return new TopicPartition(partition.topic(), partition.number());
    }

    @Override
    public void close() {
        consumer.close();
    }
}
