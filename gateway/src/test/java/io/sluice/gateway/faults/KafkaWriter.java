package io.sluice.gateway.faults;

import io.sluice.gateway.faults.Ledger.Answer;
import io.sluice.gateway.faults.Ledger.Sent;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.ExecutionException;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.jspecify.annotations.Nullable;

/** Writes to the topics of events with Kafka's own producer, each event until Kafka has it; now and then something that is none. */
final class KafkaWriter implements Runnable {

    private final Scene scene;
    private final Author author;
    private final Duration pace;
    private KafkaProducer<byte[], byte[]> producer;

    KafkaWriter(Scene scene, Author author, Duration pace) {
        this.scene = scene;
        this.author = author;
        this.pace = pace;
        this.producer = producer();
    }

    private KafkaProducer<byte[], byte[]> producer() {
        return new KafkaProducer<>(
                Map.of(
                        "bootstrap.servers",
                        "127.0.0.1:" + scene.cluster.producers().port(),
                        "acks",
                        "all",
                        "enable.idempotence",
                        true,
                        "request.timeout.ms",
                        2_000,
                        "delivery.timeout.ms",
                        6_000,
                        "max.block.ms",
                        3_000),
                new ByteArraySerializer(),
                new ByteArraySerializer());
    }

    @Override
    public void run() {
        Random random = author.random();
        try {
            while (!scene.pause(Duration.ofMillis(random.nextLong(1 + 2 * pace.toMillis())))) {
                Draft draft = author.next(false);
                Sent sent = scene.ledger.begin(draft.key(), draft.writer(), draft.eventId());
                write(draft, sent, random.nextInt(60) == 0);
            }
        } finally {
            producer.close(Duration.ZERO);
        }
    }

    private void write(Draft draft, Sent sent, boolean garbage) {
        Random random = author.random();
        while (!scene.isTooLate()) {
            sent.tries++;
            RecordMetadata place = send(record(draft, garbage));
            if (place != null) {
                sent.answer = garbage
                        ? new Answer.Unreadable(place.topic() + "-" + place.partition() + "@" + place.offset())
                        : new Answer.Accepted();
                return;
            }
            if (!scene.over() && random.nextInt(40) == 0) {
                return;
            }
            scene.rest(Duration.ofMillis(50 + random.nextLong(400)));
        }
        scene.anomalies.add("never answered", "%s", sent);
    }

    private static ProducerRecord<byte[], byte[]> record(Draft draft, boolean garbage) {
        String value = garbage ? "{\"no\":" : draft.body();
        ProducerRecord<byte[], byte[]> record = new ProducerRecord<>(
                draft.type() + "-events",
                draft.id().getBytes(StandardCharsets.UTF_8),
                value == null ? null : value.getBytes(StandardCharsets.UTF_8));
        var headers = draft.kafkaHeaders();
        for (int i = 0; i < headers.size(); i += 2) {
            record.headers().add(headers.get(i), headers.get(i + 1).getBytes(StandardCharsets.UTF_8));
        }
        return record;
    }

    private @Nullable RecordMetadata send(ProducerRecord<byte[], byte[]> record) {
        try {
            return producer.send(record).get();
        } catch (ExecutionException e) {
            return null;
        } catch (KafkaException e) {
            // After some failures a producer is of no use any more.
            producer.close(Duration.ZERO);
            producer = producer();
            return null;
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }
}
