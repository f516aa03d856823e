package io.sluice.gateway.endtoend;

import static org.assertj.core.api.Assertions.assertThat;

import io.sluice.embedded.Endpoints;
import io.sluice.gateway.endtoend.Api.Answer;
import io.sluice.gateway.endtoend.Feed.Event;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.IntStream;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * {@code kill -9} of the gateway while changes come in over HTTP and Kafka: each counts once, and each reader that comes back
 * has seen every version once and in order. The system property {@code sluice.test.kill.changes} says how many changes.
 */
class KillIT {

    private static final int CHANGES = Integer.getInteger("sluice.test.kill.changes", 4_000);
    private static final int CONTEXTS = 40;
    private static final int PUBLISHERS = 8;

    @TempDir
    private Path dataDir;

    private final AtomicReference<URI> gateway = new AtomicReference<>();
    private final AtomicInteger acknowledged = new AtomicInteger();
    private final AtomicInteger repeated = new AtomicInteger();

    @Test
    void everyChangeCountsOnceAndEveryReaderThatComesBackSeesEachVersionOnceInOrder() {
        try (SluiceProcess parts = SluiceProcess.start(
                "parts", "--sluice.embedded.data-dir=" + dataDir, "--sluice.embedded.kafka-port=0")) {
            parts.awaitLine("Ready after");
            Endpoints endpoints = Endpoints.read(dataDir);
            List<Reader> readers = new ArrayList<>();
            try (KafkaSide kafka = new KafkaSide(Objects.requireNonNull(endpoints.kafka()))) {
                SluiceProcess first = startGateway(endpoints);
                CompletableFuture<Void> writing;
                try (first) {
                    readers.add(new Reader("/v1/contexts/customer"));
                    IntStream.range(0, 5).forEach(i -> readers.add(new Reader(path(i))));
                    readers.forEach(Reader::come);
                    writing = CompletableFuture.allOf(publishOverHttp(), publishOverKafka(kafka));
                    Awaitility.await()
                            .atMost(Duration.ofMinutes(2))
                            .pollInterval(Duration.ofMillis(5))
                            .until(() -> acknowledged.get() > CHANGES / 5
                                    && readers.getFirst().count() > CHANGES / 5);
                    first.kill();
                    assertThat(writing)
                            .as("the writing, when the gateway was killed")
                            .isNotDone();
                }
                try (SluiceProcess second = startGateway(endpoints)) {
                    readers.forEach(Reader::comeBack);
                    writing.orTimeout(3, java.util.concurrent.TimeUnit.MINUTES).join();
                    System.out.println(CHANGES + " changes, " + repeated.get() + " repeated by their publishers");
                    requireEachOnce(second);
                    readers.forEach(reader -> reader.requireEachVersionOnce(CHANGES / CONTEXTS));
                }
            } finally {
                readers.forEach(Reader::leave);
            }
        }
    }

    private SluiceProcess startGateway(Endpoints endpoints) {
        List<String> settings = new ArrayList<>(Stack.addresses(endpoints));
        settings.addAll(List.of("--server.port=0", "--server.address=127.0.0.1", "--sluice.node-id=kill-test"));
        SluiceProcess process = SluiceProcess.start(settings.toArray(String[]::new));
        gateway.set(process.awaitReady());
        return process;
    }

    private static String path(int context) {
        return "/v1/contexts/customer/" + context;
    }

    /** Each change sets a member that no other does: a version for each, and none lost, is each exactly once. */
    private static String change(int i) {
        return "{\"c" + i + "\":" + i + "}";
    }

    /** Every second change: each is repeated, with the same key, until it is acknowledged. */
    private CompletableFuture<Void> publishOverHttp() {
        AtomicInteger next = new AtomicInteger();
        return CompletableFuture.allOf(IntStream.range(0, PUBLISHERS)
                .mapToObj(p -> CompletableFuture.runAsync(
                        () -> {
                            for (int i = next.getAndAdd(2); i < CHANGES; i = next.getAndAdd(2)) {
                                publish(i);
                            }
                        },
                        command -> Thread.ofVirtual().start(command)))
                .toArray(CompletableFuture[]::new));
    }

    private void publish(int i) {
        AtomicInteger tries = new AtomicInteger();
        Awaitility.await()
                .atMost(Duration.ofMinutes(2))
                .pollDelay(Duration.ZERO)
                .pollInterval(Duration.ofMillis(100))
                .until(() -> {
                    tries.incrementAndGet();
                    return isAcknowledged(i);
                });
        acknowledged.incrementAndGet();
        repeated.addAndGet(tries.get() - 1);
    }

    private boolean isAcknowledged(int i) {
        try {
            Answer answer = new Api(gateway.get())
                    .patch(path(i % CONTEXTS), change(i), "Idempotency-Key", "change-" + i, "Sluice-Writer", "killer");
            assertThat(answer.status()).as(answer.toString()).isIn(202, 503, 504);
            return answer.status() == 202;
        } catch (java.util.concurrent.CompletionException e) {
            return false; // nobody there, or gone before the answer
        }
    }

    /** The others: each tenth comes twice. */
    private CompletableFuture<Void> publishOverKafka(KafkaSide kafka) {
        return CompletableFuture.runAsync(
                () -> {
                    for (int i = 1; i < CHANGES; i += 2) {
                        for (int copies = i % 10 == 1 ? 2 : 1; copies > 0; copies--) {
                            kafka.send(
                                    "customer-events",
                                    String.valueOf(i % CONTEXTS),
                                    change(i),
                                    "sluice-event-id",
                                    "change-" + i,
                                    "sluice-writer",
                                    "killer");
                        }
                        acknowledged.incrementAndGet();
                    }
                },
                command -> Thread.ofVirtual().start(command));
    }

    private void requireEachOnce(SluiceProcess process) {
        Api api = new Api(gateway.get());
        Map<Integer, List<Integer>> expected = new HashMap<>();
        IntStream.range(0, CHANGES)
                .forEach(i -> expected.computeIfAbsent(i % CONTEXTS, c -> new ArrayList<>())
                        .add(i));
        expected.forEach((context, changes) -> {
            Awaitility.await()
                    .atMost(Duration.ofMinutes(1))
                    .until(() -> api.get(path(context)).version() >= changes.size());
            Answer answer = api.get(path(context));
            assertThat(answer.version()).isEqualTo(changes.size());
            assertThat(answer.json().size()).isEqualTo(changes.size());
            changes.forEach(
                    i -> assertThat(answer.json().path("c" + i).asInt(-1)).isEqualTo(i));
        });
        assertThat(process.lines().stream().filter(line -> line.contains("ERROR")))
                .isEmpty();
    }

    /** One who watches, and comes back with the last id that they got. */
    private final class Reader {

        private final String path;
        private final List<Feed> visits = new ArrayList<>();

        private Reader(String path) {
            this.path = path;
        }

        private void come() {
            visits.add(Feed.open(gateway.get(), path + "?policy=every"));
            visits.getLast().awaitReady();
        }

        private void comeBack() {
            Feed before = visits.getLast();
            before.awaitEnd();
            visits.add(Feed.open(gateway.get(), path + "?policy=every", "Last-Event-ID", before.lastId()));
            visits.getLast().awaitReady();
        }

        private int count() {
            return visits.getLast().events("update").size();
        }

        private void requireEachVersionOnce(int last) {
            for (int context = 0; context < CONTEXTS; context++) {
                if (path.equals("/v1/contexts/customer") || path.equals(KillIT.path(context))) {
                    visits.getLast().awaitVersion("customer/" + context, last);
                }
            }
            Map<String, Long> versions = new HashMap<>();
            List<Event> all =
                    visits.stream().flatMap(visit -> visit.events().stream()).toList();
            assertThat(all.stream().map(Event::name)).containsOnly("ready", "update");
            for (Event event : all) {
                if (event.name().equals("update")) {
                    assertThat(event.version())
                            .as(path + ": " + event.key())
                            .isEqualTo(1 + Objects.requireNonNullElse(versions.put(event.key(), event.version()), 0L));
                }
            }
            assertThat(versions.values()).containsOnly((long) last);
            assertThat(visits).hasSize(2);
            assertThat(visits.getFirst().events("update")).isNotEmpty();
        }

        private void leave() {
            visits.forEach(Feed::close);
        }
    }
}
