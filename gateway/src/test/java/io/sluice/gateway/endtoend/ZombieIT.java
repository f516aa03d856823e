package io.sluice.gateway.endtoend;

import static org.assertj.core.api.Assertions.assertThat;

import io.sluice.embedded.Endpoints;
import io.sluice.gateway.endtoend.Api.Answer;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * An owner of partitions that is stopped by a signal for longer than its session, while there is work, and wakes up as if
 * nothing had been when another owns them: what it had in its hands goes nowhere, and the readers of both hear of each version once.
 */
class ZombieIT {

    private static final int CONTEXTS = 8;
    private static final Duration PATIENCE = Duration.ofMinutes(2);

    @TempDir
    private Path dataDir;

    private int written;

    @Test
    void anOwnerThatIsStoppedPastItsSessionStoresNothingWhenItWakesUp() {
        try (SluiceProcess parts = SluiceProcess.start(
                "parts", "--sluice.embedded.data-dir=" + dataDir, "--sluice.embedded.kafka-port=0")) {
            parts.awaitLine("Ready after");
            Endpoints endpoints = Endpoints.read(dataDir);
            Store store = new Store(Objects.requireNonNull(endpoints.postgres()));
            try (KafkaSide kafka = new KafkaSide(Objects.requireNonNull(endpoints.kafka()));
                    SluiceProcess owner = startGateway(endpoints)) {
                URI first = owner.awaitReady();
                write(kafka, 20);
                await(() -> store.folded("customer-events") == written);
                try (SluiceProcess other = startGateway(endpoints)) {
                    URI second = other.awaitReady();
                    try (Feed ofFirst = watch(first);
                            Feed ofSecond = watch(second)) {
                        Map<String, String> epochs = epochs(store);
                        // It has these in its hands, or will find them in its sockets when it wakes up.
                        write(kafka, 20);
                        signal("STOP", owner);
                        write(kafka, 40);
                        await(() -> store.folded("customer-events") == written);
                        assertThat(epochs(store)).isNotEqualTo(epochs);
                        Map<String, String> before = store.outcomes("customer-events");
                        signal("CONT", owner);
                        // It is told that it is replaced, joins anew, and owns its share again.
                        Map<String, String> replaced = epochs(store);
                        await(() -> !epochs(store).equals(replaced));
                        assertThat(store.outcomes("customer-events")).containsAllEntriesOf(before);
                        write(kafka, 20);
                        await(() -> store.folded("customer-events") == written);

                        requireEachOnce(store, List.of(ofFirst, ofSecond), new Api(first));
                    }
                }
            }
        }
    }

    private static SluiceProcess startGateway(Endpoints endpoints) {
        List<String> settings = new ArrayList<>(Stack.addresses(endpoints));
        settings.addAll(List.of(
                "--server.port=0",
                "--server.address=127.0.0.1",
                "--sluice.kafka.properties.session.timeout.ms=6000",
                "--sluice.kafka.properties.heartbeat.interval.ms=1000"));
        return SluiceProcess.start(settings.toArray(String[]::new));
    }

    private static Feed watch(URI gateway) {
        Feed feed = Feed.open(gateway, "/v1/contexts/customer?policy=every");
        feed.awaitReady();
        return feed;
    }

    private void write(KafkaSide kafka, int count) {
        for (int i = 0; i < count * CONTEXTS; i++) {
            kafka.send("customer-events", String.valueOf(written % CONTEXTS), "{\"c" + written + "\":1}");
            written++;
        }
    }

    private static Map<String, String> epochs(Store store) {
        return store.read("select partition, epoch from progress where topic = ?", "customer-events");
    }

    private static void await(java.util.concurrent.Callable<Boolean> condition) {
        Awaitility.await().atMost(PATIENCE).pollInterval(Duration.ofMillis(100)).until(condition);
    }

    private static void signal(String signal, SluiceProcess process) {
        try {
            new ProcessBuilder("kill", "-" + signal, String.valueOf(process.pid()))
                    .inheritIO()
                    .start()
                    .waitFor();
        } catch (IOException | InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    private void requireEachOnce(Store store, List<Feed> feeds, Api api) {
        long versions = written / CONTEXTS;
        Map<String, Integer> outcomes = new HashMap<>();
        store.outcomes("customer-events").values().forEach(outcome -> outcomes.merge(outcome, 1, Integer::sum));
        LongStream.rangeClosed(1, versions)
                .forEach(version -> assertThat(outcomes).containsEntry("applied 1/" + version, CONTEXTS));
        assertThat(outcomes).hasSize((int) versions);
        for (int i = 0; i < CONTEXTS; i++) {
            Answer answer = api.get("/v1/contexts/customer/" + i, "Sluice-Min-Version", String.valueOf(versions));
            assertThat(answer.version()).isEqualTo(versions);
            assertThat(answer.json().size()).isEqualTo((int) versions);
        }
        for (Feed feed : feeds) {
            IntStream.range(0, CONTEXTS).forEach(i -> {
                feed.awaitVersion("customer/" + i, versions);
                assertThat(feed.events("update").stream()
                                .filter(event -> event.key().equals("customer/" + i))
                                .map(Feed.Event::version))
                        .isEqualTo(LongStream.rangeClosed(21, versions).boxed().toList());
            });
            assertThat(feed.names()).containsOnly("snapshot", "ready", "update");
        }
    }
}
