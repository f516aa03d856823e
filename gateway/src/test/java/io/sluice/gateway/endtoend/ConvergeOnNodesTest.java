package io.sluice.gateway.endtoend;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReferenceArray;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.awaitility.Awaitility;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

/**
 * Three writers with clocks of their own, over HTTP and Kafka, while two gateways of one group go and come back one after the
 * other: both show the same in the end, and so does a third that has folded the same topic from its beginning into an empty
 * store. {@code -Dsluice.test.seed=} says what is written; who has seen whom depends on the time, too.
 */
@EndToEnd
class ConvergeOnNodesTest {

    private static final List<String> WRITERS = List.of("ada", "grace", "bot");
    private static final int EVENTS_OF_EACH = 160;
    private static final int STRETCH = WRITERS.size() * EVENTS_OF_EACH / 8;

    private final long seed = Long.getLong("sluice.test.seed", System.nanoTime());
    private final String type = Stack.fresh("meeting");
    private final String topic = type + "-events";
    private final List<String> contexts =
            IntStream.range(0, 12).mapToObj(i -> "c" + i).toList();
    private final Store store =
            new Store(Objects.requireNonNull(Stack.endpoints().postgres()));
    private final KafkaSide kafka = Stack.kafka();

    private final Gateway[] running = new Gateway[2];
    private final AtomicReferenceArray<Api> gateways = new AtomicReferenceArray<>(2);
    private final Semaphore permits = new Semaphore(0);
    private final AtomicInteger written = new AtomicInteger();
    private final CompletableFuture<Void> failed = new CompletableFuture<>();

    @AfterEach
    void stop() {
        permits.release(WRITERS.size() * EVENTS_OF_EACH);
        Arrays.stream(running).filter(Objects::nonNull).forEach(Gateway::close);
    }

    @Test
    void nodesThatGoAndComeShowTheSameAndSoDoesOneThatFoldsItAllFromTheBeginning() {
        System.out.println(getClass().getSimpleName() + ": -Dsluice.test.seed=" + seed);
        start(0);
        start(1);
        List<Writer> writers = IntStream.range(0, WRITERS.size())
                .mapToObj(i -> new Writer(WRITERS.get(i), type, contexts, new Random(seed + i), gateways, kafka))
                .toList();
        CompletableFuture<Void> writing = writeAll(writers);
        writeOn(2);
        restart(1);
        restart(0);
        writeOn(2);
        writing.orTimeout(1, TimeUnit.MINUTES).join();
        awaitFolded(store);

        View first = requireSameOnBoth();
        Map<String, JsonNode> journal = requireAllInJournal(writers);
        // It has folded what came while it was alone.
        assertThat(running[1].meter("sluice_resolutions_total")).as(seed()).isPositive();
        stop();
        requireSameFromTheBeginning(first, journal);
    }

    private void start(int node) {
        running[node] = gateway(store, Objects.requireNonNull(Stack.endpoints().redis()));
        gateways.set(node, running[node].api());
    }

    private Gateway gateway(Store database, String redis) {
        List<String> settings = new ArrayList<>(Stack.addresses(Stack.endpoints()));
        settings.add("--sluice.postgres.url=" + database.url());
        settings.add("--sluice.redis.url=" + redis);
        return Gateway.startWithOwnTypes(settings, Writer.types(type));
    }

    private CompletableFuture<Void> writeAll(List<Writer> writers) {
        return CompletableFuture.allOf(writers.stream()
                .map(writer -> CompletableFuture.runAsync(
                                () -> {
                                    for (int i = 0; i < EVENTS_OF_EACH; i++) {
                                        permits.acquireUninterruptibly();
                                        writer.write();
                                        written.incrementAndGet();
                                    }
                                },
                                command -> Thread.ofVirtual().start(command))
                        .whenComplete((done, failure) -> fail(failure)))
                .toArray(CompletableFuture[]::new));
    }

    /** Lets so many more stretches be written, and waits until the first of them has begun. */
    private void writeOn(int stretches) {
        int before = written.get();
        permits.release(stretches * STRETCH);
        Awaitility.await()
                .atMost(Duration.ofMinutes(1))
                .pollInterval(Duration.ofMillis(5))
                .until(() -> {
                    failed.getNow(null);
                    return written.get() > before + STRETCH / 4;
                });
    }

    private void fail(@Nullable Throwable failure) {
        if (failure != null) {
            failed.completeExceptionally(failure);
        }
    }

    /** A new gateway for one that goes, while the writers go on: a stretch as it goes, and one before the other is there. */
    private void restart(int node) {
        writeOn(1);
        running[node].close();
        writeOn(1);
        start(node);
    }

    private void awaitFolded(Store database) {
        Awaitility.await()
                .atMost(Duration.ofMinutes(1))
                .untilAsserted(
                        () -> assertThat(database.folded(topic)).as(seed()).isEqualTo(kafka.count(topic)));
    }

    private View requireSameOnBoth() {
        awaitShown(running[0], store);
        awaitShown(running[1], store);
        View first = view(running[0]);
        requireSame("the one", first, "the other", view(running[1]));
        assertThat(first.contexts().values()).as(seed()).anyMatch(shown -> shown.status() == 200);
        return first;
    }

    /** What is stored is shown as soon as its announcement has come. */
    private void awaitShown(Gateway gateway, Store database) {
        Map<String, Long> stored = database.versions(type);
        Awaitility.await()
                .atMost(Duration.ofSeconds(30))
                .untilAsserted(
                        () -> assertThat(view(gateway).versions()).as(seed()).isEqualTo(stored));
    }

    private View view(Gateway gateway) {
        return View.of(gateway, type, contexts);
    }

    /** Nothing is lost, and it was worth the while: there were all kinds of outcomes. */
    private Map<String, JsonNode> requireAllInJournal(List<Writer> writers) {
        Map<String, JsonNode> journal = store.journal(topic);
        Map<String, Long> outcomes = journal.values().stream()
                .map(row -> row.path("resolution").asString())
                .collect(Collectors.groupingBy(outcome -> outcome, Collectors.counting()));
        int repeated = writers.stream().mapToInt(Writer::repeated).sum();
        System.out.println(journal.size() + " events: " + outcomes + ", " + repeated + " tries in vain");
        assertThat(journal.values().stream()
                        .map(row -> row.path("writer").asString() + " "
                                + row.path("event_id").asString())
                        .collect(Collectors.toSet()))
                .as(seed())
                .containsAll(writers.stream()
                        .flatMap(writer -> writer.written().stream())
                        .toList());
        assertThat(journal).as(seed()).hasSize((int) kafka.count(topic));
        assertThat(outcomes).as(seed()).containsKeys("applied", "merged", "duplicate");
        assertThat(repeated).as(seed()).isPositive();
        return journal;
    }

    private void requireSameFromTheBeginning(View shown, Map<String, JsonNode> journal) {
        Store empty = store.another(type);
        try (Gateway anew = gateway(empty, Stack.endpoints().redis() + "/1")) {
            awaitFolded(empty);
            awaitShown(anew, empty);
            requireSame("before", shown, "from the beginning", view(anew));
        }
        requireSame("journal", journal, empty.journal(topic));
        requireSame("state", store.states(type), empty.states(type));
    }

    private void requireSame(String one, View first, String other, View second) {
        for (String context : contexts) {
            assertThat(second.contexts().get(context))
                    .as("%s: %s, %s, and %s", seed(), context, one, other)
                    .isEqualTo(first.contexts().get(context));
        }
        requireSame("snapshot", first.snapshots(), second.snapshots());
    }

    private void requireSame(String what, Map<String, ?> first, Map<String, ?> second) {
        var keys = new TreeSet<>(first.keySet());
        keys.addAll(second.keySet());
        for (String key : keys) {
            assertThat((Object) second.get(key))
                    .as("%s: %s of %s", seed(), what, key)
                    .isEqualTo(first.get(key));
        }
    }

    private String seed() {
        return "-Dsluice.test.seed=" + seed;
    }
}
