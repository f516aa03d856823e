package io.sluice.gateway.publish;

import static org.assertj.core.api.Assertions.assertThat;

import io.sluice.backpressure.ContextType;
import io.sluice.backpressure.ContextTypes;
import io.sluice.backpressure.EventCodec;
import io.sluice.backpressure.Lane;
import io.sluice.backpressure.StoppedTypes;
import io.sluice.backpressure.Waiters;
import io.sluice.resolver.Bounds;
import io.sluice.resolver.Json;
import io.sluice.resolver.UncertainException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.reactivestreams.Subscription;
import reactor.core.publisher.BaseSubscriber;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Sinks;
import reactor.core.scheduler.Scheduler;
import reactor.core.scheduler.Schedulers;
import tools.jackson.databind.JsonNode;

/** One request with many events, against a log in memory. */
class UploadTest {

    private static final int WINDOW = 256;
    private static final Json JSON = Json.strict(64);

    private final HeldLog log = new HeldLog();
    private final Room memory = new Room(1 << 20);
    private final Room inFlight = new Room(1 << 20);
    private final Scheduler thread = Schedulers.newSingle("upload-test");
    private final AtomicInteger read = new AtomicInteger();

    @AfterEach
    void stop() {
        thread.dispose();
    }

    /** Who takes the answer. */
    private static final class Client extends BaseSubscriber<byte[]> {

        private final long first;
        private final List<String> lines = Collections.synchronizedList(new ArrayList<>());
        private volatile boolean ended;

        private Client(long first) {
            this.first = first;
        }

        @Override
        protected void hookOnSubscribe(Subscription subscription) {
            request(first);
        }

        @Override
        protected void hookOnNext(byte[] line) {
            lines.add(new String(line, StandardCharsets.UTF_8));
        }

        @Override
        protected void hookOnComplete() {
            ended = true;
        }

        private List<JsonNode> lines() {
            synchronized (lines) {
                return lines.stream()
                        .map(line -> JSON.value(line.getBytes(StandardCharsets.UTF_8)))
                        .toList();
            }
        }

        private void awaitEnd() {
            Awaitility.await().until(() -> ended);
        }
    }

    private Client client(Flux<Part> parts, boolean minimal, long first) {
        ContextTypes types = new ContextTypes(List.of(new ContextType(
                "customer", "customer-events", 1, Lane.STANDARD, new Bounds(1 << 20, Duration.ofDays(7)))));
        EventCodec codec = new EventCodec(64);
        // Nobody asks whether a log in memory is there.
        Publisher publisher = new Publisher(log, codec, new Waiters(), new LogHealth(null), new StoppedTypes());
        Upload upload = new Upload(
                publisher,
                new CloudEvents(types, codec, JSON, InstantSource.system()),
                new Upload.Shares(memory.share(1 << 20), inFlight.share(1 << 20)),
                thread,
                minimal);
        Client client = new Client(first);
        upload.answer(parts.doOnNext(part -> read.incrementAndGet())).subscribe(client);
        return client;
    }

    private static Part event(int number) {
        return new Part.Event(
                ("{\"specversion\":\"1.0\",\"id\":\"e" + number
                                + "\",\"source\":\"s\",\"type\":\"t\",\"subject\":\"customer/" + number % 3
                                + "\",\"data\":{\"n\":" + number + "}}")
                        .getBytes(StandardCharsets.UTF_8),
                0);
    }

    private Flux<Part> events(int count) {
        return Flux.range(0, count).map(UploadTest::event).subscribeOn(thread);
    }

    private static List<JsonNode> accepted(int first, int count) {
        return IntStream.range(first, first + count)
                .mapToObj(i -> JSON.value(
                        ("{\"index\":" + i + ",\"eventId\":\"e" + i + "\"}").getBytes(StandardCharsets.UTF_8)))
                .toList();
    }

    private static List<String> values(int count) {
        return IntStream.range(0, count).mapToObj(i -> "{\"n\":" + i + "}").toList();
    }

    private void awaitTaken(int count) {
        Awaitility.await().until(() -> log.count() >= count);
    }

    @Test
    void noMoreThanTheWindowIsOnItsWayAndNothingMuchIsReadBeyondIt() {
        Client client = client(events(1_000), false, Long.MAX_VALUE);
        awaitTaken(WINDOW);
        Awaitility.await().during(Duration.ofMillis(300)).until(() -> log.count() == WINDOW);
        assertThat(read.get()).isBetween(WINDOW, WINDOW + 4);
        log.answerFirst();
        awaitTaken(WINDOW + 1);
        Awaitility.await().until(() -> {
            while (log.waiting() > 0) {
                log.answerFirst();
            }
            return client.ended;
        });
        assertThat(log.values()).isEqualTo(values(1_000));
        assertThat(client.lines()).isEqualTo(accepted(0, 1_000));
        assertThat(inFlight.held()).isZero();
    }

    @Test
    void answersAreInOrderWhateverTheOrderOfTheLogs() {
        Client client = client(events(100), false, Long.MAX_VALUE);
        awaitTaken(100);
        for (int i = 0; i < 100; i++) {
            log.answerLast();
        }
        client.awaitEnd();
        assertThat(client.lines()).isEqualTo(accepted(0, 100));
    }

    @Test
    void whoTakesNoAnswersIsNotReadFarAhead() {
        Client client = client(events(5_000), false, 10);
        Awaitility.await().until(() -> {
            while (log.waiting() > 0) {
                log.answerFirst();
            }
            return client.lines.size() == 10;
        });
        AtomicInteger before = new AtomicInteger();
        Awaitility.await().pollInterval(Duration.ofMillis(300)).until(() -> {
            while (log.waiting() > 0) {
                log.answerFirst();
            }
            return before.getAndSet(log.count()) == log.count();
        });
        assertThat(read.get()).isLessThan(10 + 3 * WINDOW);
        client.request(Long.MAX_VALUE);
        Awaitility.await().until(() -> {
            while (log.waiting() > 0) {
                log.answerFirst();
            }
            return client.ended;
        });
        assertThat(client.lines()).isEqualTo(accepted(0, 5_000));
    }

    @Test
    void afterOneThatWasNotConfirmedNothingIsHandedOver() {
        Sinks.Many<Part> parts = Sinks.many().unicast().onBackpressureBuffer();
        Client client = client(parts.asFlux().publishOn(thread), true, Long.MAX_VALUE);
        IntStream.range(0, 5).forEach(i -> parts.tryEmitNext(event(i)));
        awaitTaken(5);
        log.fail(2, new UncertainException("log-uncertain", "not known", new IllegalStateException()));
        while (log.waiting() > 0) {
            log.answerFirst();
        }
        Awaitility.await().until(() -> client.lines.size() == 1);
        IntStream.range(5, 8).forEach(i -> parts.tryEmitNext(event(i)));
        parts.tryEmitComplete();
        client.awaitEnd();
        assertThat(log.count()).isEqualTo(5);
        List<JsonNode> lines = client.lines();
        assertThat(lines).hasSize(3);
        assertThat(lines.get(0).path("index").asInt()).isEqualTo(2);
        assertThat(lines.get(0).path("problem").path("status").asInt()).isEqualTo(504);
        assertThat(lines.get(0).path("problem").path("eventId").asString()).isEqualTo("e2");
        assertThat(lines.get(1).path("from").asInt()).isEqualTo(5);
        assertThat(lines.get(1).path("problem").path("detail").asString()).contains("event 2 was not confirmed");
        assertThat(lines.get(2).toString()).isEqualTo("{\"accepted\":4,\"rejected\":4}");
    }

    @Test
    void whereThereIsNoRoomAnEventWaitsForIt() {
        Room.Share other = inFlight.share(1 << 20);
        assertThat(other.take(1 << 20)).isTrue();
        Client client = client(events(10), false, Long.MAX_VALUE);
        Awaitility.await().during(Duration.ofMillis(200)).until(() -> log.count() == 0);
        log.hasRoom = false;
        other.close();
        Awaitility.await().during(Duration.ofMillis(200)).until(() -> log.count() == 0);
        log.hasRoom = true;
        awaitTaken(10);
        while (log.waiting() > 0) {
            log.answerFirst();
        }
        client.awaitEnd();
        assertThat(log.values()).isEqualTo(values(10));
        assertThat(client.lines()).isEqualTo(accepted(0, 10));
    }

    @Test
    void whoGoesHoldsNothingAnyMore() {
        Client client = client(events(1_000), false, Long.MAX_VALUE);
        awaitTaken(WINDOW);
        assertThat(inFlight.held()).isPositive();
        client.cancel();
        Awaitility.await().until(() -> inFlight.held() == 0);
        log.answerFirst();
        assertThat(log.count()).isEqualTo(WINDOW);
        assertThat(inFlight.held()).isZero();
        assertThat(memory.held()).isZero();
    }
}
