package io.sluice.backpressure;

import io.sluice.resolver.ContextException;
import io.sluice.resolver.MalformedException;
import io.sluice.resolver.UnavailableException;
import io.sluice.resolver.UncertainException;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicLong;
import org.apache.kafka.clients.producer.BufferExhaustedException;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.errors.RecordTooLargeException;
import org.apache.kafka.common.errors.TimeoutException;
import org.apache.kafka.common.header.Header;
import org.apache.kafka.common.header.internals.RecordHeader;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.core.publisher.MonoSink;
import reactor.core.scheduler.Scheduler;
import reactor.core.scheduler.Schedulers;
import reactor.kafka.sender.KafkaSender;
import reactor.kafka.sender.SenderOptions;
import reactor.kafka.sender.SenderRecord;
import reactor.util.retry.Retry;

/**
 * The way into Kafka, with two producers, since two promises are made: a publisher is answered within seconds, and
 * announcements never overtake each other, however long Kafka is away. A producer whose records expire cannot keep the second:
 * after one has expired, the next may still be written.
 */
public final class KafkaAppender implements Appender, AutoCloseable {

    private static final int MAX_RECORD = 8 << 20;

    private final Producer<byte[], byte[]> publishing;
    private final KafkaSender<byte[], byte[]> announcing;
    /**
     * Kafka's producer may make whoever hands over wait, and keeps the order in which one thread gives it records. A scheduled
     * executor, as Reactor's own are: in its queue no event loop waits for longer than it takes to put something in.
     */
    private final ExecutorService handing = Executors.newSingleThreadScheduledExecutor(
            Thread.ofPlatform().daemon().name("publish").factory());

    private final Scheduler answering = Schedulers.newSingle("published", true);
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
        this.publishing = new KafkaProducer<>(properties(
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
                        2 * settings.maxInFlightBytes())));
        this.announcing = KafkaSender.create(SenderOptions.<byte[], byte[]>create(properties(
                        connection,
                        "announce",
                        Map.of(
                                ProducerConfig.DELIVERY_TIMEOUT_MS_CONFIG, Integer.MAX_VALUE,
                                ProducerConfig.MAX_BLOCK_MS_CONFIG, Long.MAX_VALUE)))
                .stopOnError(true)
                .maxInFlight(1024));
    }

    private static Map<String, Object> properties(
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
        return all;
    }

    /** Fetches what has to be known of these topics before the first record, so that the first publisher does not wait. */
    public Mono<Void> warmUp(List<String> topics) {
        return Flux.fromIterable(topics)
                // A topic that was just made is not known to every broker at once.
                .concatMap(topic -> Mono.fromCallable(
                                () -> publishing.partitionsFor(topic).size())
                        .retryWhen(Retry.max(10).filter(TimeoutException.class::isInstance))
                        .subscribeOn(Schedulers.boundedElastic())
                        .then(announcing.doOnProducer(
                                producer -> producer.partitionsFor(topic).size())))
                .then();
    }

    /** Records of one partition stand in the log in the order in which they were subscribed to, as far as they do. */
    @Override
    public Mono<Void> append(OutRecord record) {
        return Mono.defer(() -> handing.isShutdown()
                ? Mono.error(stopped())
                : Mono.<Void>create(sink -> take(record, sink))
                        .publishOn(answering)
                        // It has stopped meanwhile, before or after the record was handed over.
                        .onErrorMap(
                                RejectedExecutionException.class,
                                e -> new UncertainException(
                                        "log-uncertain",
                                        "this node stops; it is not known whether the event was written",
                                        e)));
    }

    @Override
    public boolean hasRoom(OutRecord record) {
        return inFlightBytes.get() + record.bytes() <= settings.maxInFlightBytes();
    }

    /** What was taken is handed over and counted until Kafka has answered, whether anybody waits for that or not. */
    private void take(OutRecord record, MonoSink<Void> sink) {
        int bytes = record.bytes();
        if (inFlightBytes.addAndGet(bytes) > settings.maxInFlightBytes()) {
            inFlightBytes.addAndGet(-bytes);
            sink.error(new UnavailableException(
                    "log-full", "Kafka takes records more slowly than they come (expected: fewer at once)"));
            return;
        }
        long taken = System.nanoTime();
        try {
            handing.execute(() -> hand(record, taken, sink));
        } catch (RejectedExecutionException e) {
            inFlightBytes.addAndGet(-bytes);
            sink.error(stopped());
        }
    }

    private static UnavailableException stopped() {
        return new UnavailableException("log-unavailable", "this node stops; nothing was written");
    }

    private void hand(OutRecord record, long taken, MonoSink<Void> sink) {
        if (System.nanoTime() - taken > settings.publishTimeout().toNanos() / 2) {
            // Those before it had to wait for a producer that did not take them.
            answer(record, sink, new UnavailableException("log-full", "Kafka takes no records; nothing was written"));
            return;
        }
        try {
            publishing.send(producerRecord(record), (position, e) -> answer(record, sink, e));
        } catch (RuntimeException e) {
            answer(record, sink, e);
        }
    }

    private void answer(OutRecord record, MonoSink<Void> sink, @Nullable Exception e) {
        inFlightBytes.addAndGet(-record.bytes());
        if (e == null) {
            sink.success();
        } else {
            sink.error(failure(e));
        }
    }

    @Override
    public Mono<Void> appendAll(List<OutRecord> records) {
        return announcing
                .send(Flux.fromIterable(records).map(KafkaAppender::senderRecord))
                .then()
                .onErrorMap(KafkaAppender::failure);
    }

    private static SenderRecord<byte[], byte[], Void> senderRecord(OutRecord record) {
        return SenderRecord.create(producerRecord(record), null);
    }

    private static ProducerRecord<byte[], byte[]> producerRecord(OutRecord record) {
        List<Header> headers = record.headers().all().stream()
                .<Header>map(header -> new RecordHeader(header.name(), header.value()))
                .toList();
        return new ProducerRecord<>(record.topic(), record.partition(), record.key(), record.value(), headers);
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
        handing.shutdown();
        publishing.close();
        announcing.close();
        answering.dispose();
    }
}
