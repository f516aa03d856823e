package io.sluice.backpressure;

import io.sluice.resolver.ContextException;
import io.sluice.resolver.MalformedException;
import io.sluice.resolver.UnavailableException;
import io.sluice.resolver.UncertainException;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicLong;
import org.apache.kafka.clients.producer.BufferExhaustedException;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.errors.RecordTooLargeException;
import org.apache.kafka.common.errors.TimeoutException;
import org.apache.kafka.common.header.Header;
import org.apache.kafka.common.header.internals.RecordHeader;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.kafka.sender.KafkaSender;
import reactor.kafka.sender.SenderOptions;
import reactor.kafka.sender.SenderRecord;

/**
 * The way into Kafka, with two producers, since two promises are made: a publisher is answered within seconds, and
 * announcements never overtake each other, however long Kafka is away. A producer whose records expire cannot keep the second:
 * after one has expired, the next may still be written.
 */
public final class KafkaAppender implements Appender, AutoCloseable {

    private static final int MAX_RECORD = 8 << 20;

    private final KafkaSender<byte[], byte[]> publishing;
    private final KafkaSender<byte[], byte[]> announcing;
    private final Settings settings;
    private final AtomicLong inFlightBytes = new AtomicLong();

    /**
     * @param publishTimeout after which it is not known whether a record is in the log
     * @param maxInFlightBytes of records that are handed over and not yet acknowledged; past that, publishers are refused
     */
    public record Settings(Duration publishTimeout, long maxInFlightBytes) {
        public Settings {
            if (publishTimeout.toMillis() < 100) {
                throw new IllegalArgumentException("publishTimeout: " + publishTimeout + " (expected: >= 100ms)");
            }
            if (maxInFlightBytes < MAX_RECORD) {
                throw new IllegalArgumentException(
                        "maxInFlightBytes: " + maxInFlightBytes + " (expected: >= " + MAX_RECORD + ")");
            }
        }
    }

    /** @param connection how to reach Kafka: properties that every client has */
    public KafkaAppender(Map<String, Object> connection, Settings settings) {
        this.settings = settings;
        int timeout = (int) settings.publishTimeout().toMillis();
        this.publishing = sender(
                connection,
                "publish",
                Map.of(
                        ProducerConfig.DELIVERY_TIMEOUT_MS_CONFIG,
                        timeout,
                        ProducerConfig.REQUEST_TIMEOUT_MS_CONFIG,
                        timeout / 2,
                        ProducerConfig.MAX_BLOCK_MS_CONFIG,
                        Math.min(timeout / 2, 1_000),
                        ProducerConfig.BUFFER_MEMORY_CONFIG,
                        2 * settings.maxInFlightBytes()));
        this.announcing = sender(
                connection,
                "announce",
                Map.of(
                        ProducerConfig.DELIVERY_TIMEOUT_MS_CONFIG, Integer.MAX_VALUE,
                        ProducerConfig.MAX_BLOCK_MS_CONFIG, Long.MAX_VALUE));
    }

    private static KafkaSender<byte[], byte[]> sender(
            Map<String, Object> connection, String name, Map<String, Object> own) {
        Map<String, Object> all = new HashMap<>(connection);
        all.put(ProducerConfig.KEY_SERIALIZER_CLASS_CONFIG, ByteArraySerializer.class);
        all.put(ProducerConfig.VALUE_SERIALIZER_CLASS_CONFIG, ByteArraySerializer.class);
        all.put(ProducerConfig.CLIENT_ID_CONFIG, "sluice-" + name);
        all.put(ProducerConfig.ACKS_CONFIG, "all");
        all.put(ProducerConfig.ENABLE_IDEMPOTENCE_CONFIG, true);
        all.put(ProducerConfig.LINGER_MS_CONFIG, 0);
        all.put(ProducerConfig.MAX_REQUEST_SIZE_CONFIG, MAX_RECORD);
        all.put(ProducerConfig.METADATA_MAX_IDLE_CONFIG, Duration.ofDays(7).toMillis());
        all.put(ProducerConfig.RECONNECT_BACKOFF_MAX_MS_CONFIG, 500);
        all.putAll(own);
        return KafkaSender.create(
                SenderOptions.<byte[], byte[]>create(all).stopOnError(true).maxInFlight(1024));
    }

    /** Fetches what has to be known of these topics before the first record, so that the first publisher does not wait. */
    public Mono<Void> warmUp(List<String> topics) {
        return Flux.just(publishing, announcing)
                .concatMap(sender -> Flux.fromIterable(topics)
                        .concatMap(topic -> sender.doOnProducer(
                                producer -> producer.partitionsFor(topic).size())))
                .then();
    }

    @Override
    public Mono<Void> append(OutRecord record) {
        return Mono.defer(() -> {
            int bytes = record.bytes();
            if (inFlightBytes.addAndGet(bytes) > settings.maxInFlightBytes()) {
                inFlightBytes.addAndGet(-bytes);
                return Mono.error(new UnavailableException(
                        "log-full", "Kafka takes records more slowly than they come (expected: fewer at once)"));
            }
            return publishing
                    .send(Mono.just(senderRecord(record)))
                    .then()
                    .onErrorMap(KafkaAppender::failure)
                    .doFinally(signal -> inFlightBytes.addAndGet(-bytes));
        });
    }

    @Override
    public Mono<Void> appendAll(List<OutRecord> records) {
        return announcing
                .send(Flux.fromIterable(records).map(KafkaAppender::senderRecord))
                .then()
                .onErrorMap(KafkaAppender::failure);
    }

    private static SenderRecord<byte[], byte[], Void> senderRecord(OutRecord record) {
        List<Header> headers = record.headers().all().stream()
                .<Header>map(header -> new RecordHeader(header.name(), header.value()))
                .toList();
        return SenderRecord.create(
                new ProducerRecord<>(record.topic(), record.partition(), record.key(), record.value(), headers), null);
    }

    private static ContextException failure(Throwable e) {
        if (e instanceof ContextException known) {
            return known;
        }
        if (e instanceof RecordTooLargeException) {
            return new MalformedException("too-large", "record: larger than Kafka takes: " + e.getMessage(), e);
        }
        boolean neverHandedOver = e instanceof BufferExhaustedException
                || (e instanceof TimeoutException
                        && String.valueOf(e.getMessage()).contains("not present in metadata"));
        return neverHandedOver
                ? new UnavailableException("log-unavailable", "Kafka cannot be reached; nothing was written", e)
                : new UncertainException(
                        "log-uncertain",
                        "Kafka did not answer in time; it is not known whether the event was written",
                        e);
    }

    @Override
    public void close() {
        publishing.close();
        announcing.close();
    }
}
