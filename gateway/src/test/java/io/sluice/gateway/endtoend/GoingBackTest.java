package io.sluice.gateway.endtoend;

import static io.sluice.gateway.endtoend.Api.WAIT;
import static org.assertj.core.api.Assertions.assertThat;

import io.sluice.gateway.endtoend.Api.Answer;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import java.util.stream.Stream;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.common.TopicPartition;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/**
 * PostgreSQL fails over to a replica that has not the last transactions, and Kafka forgets what was committed. The first is made by
 * bringing the tables back to an earlier copy, in one transaction.
 */
@EndToEnd
class GoingBackTest {

    private static final Duration PATIENCE = Duration.ofSeconds(40);
    private static final List<String> TABLES = List.of("journal", "states", "progress");
    private static final int CONTEXTS = 4;

    private final String name = Stack.fresh("back");
    private final String topic = name + "-events";
    private final Store store =
            new Store(Objects.requireNonNull(Stack.endpoints().postgres())).another(name);
    private final KafkaSide kafka = Stack.kafka();
    private Gateway gateway = start();
    private int written;

    @AfterEach
    void leave() {
        gateway.close();
    }

    private Gateway start() {
        return Gateway.startWithOwnTypes(
                Stream.concat(
                                Stack.addresses(Stack.endpoints()).stream(),
                                Stream.of("--sluice.postgres.url=" + store.url()))
                        .toList(),
                List.of("--sluice.types." + name + ".partitions=2"));
    }

    private String path(int context) {
        return "/v1/contexts/" + name + "/" + context;
    }

    private void write(int count) {
        for (int i = 0; i < count * CONTEXTS; i++) {
            Answer answer = gateway.api().patch(path(written % CONTEXTS), "{\"c" + written + "\":1}", WAIT);
            assertThat(answer.status()).as(answer.toString()).isEqualTo(200);
            written++;
        }
    }

    private void copy() {
        store.execute(TABLES.stream()
                .map(table -> "create table copy_of_" + table + " as select * from " + table)
                .toArray(String[]::new));
    }

    private void goBack() {
        store.execute(TABLES.stream()
                .flatMap(table ->
                        Stream.of("delete from " + table, "insert into " + table + " select * from copy_of_" + table))
                .toArray(String[]::new));
    }

    private void awaitAllFolded() {
        Awaitility.await().atMost(PATIENCE).until(() -> store.folded(topic) == kafka.count(topic));
    }

    private void requireVersions(long version) {
        for (int i = 0; i < CONTEXTS; i++) {
            Answer answer = gateway.api().get(path(i));
            assertThat(answer.version()).as(path(i)).isEqualTo(version);
            assertThat(answer.json().size()).isEqualTo((int) version);
        }
    }

    /** Each version of each context once and in order, up to the reset; then what there is, and each version after that. */
    private void requireToldOnce(Feed feed, long before, long after) {
        List<Feed.Event> events = feed.events();
        int reset = feed.names().indexOf("reset");
        assertThat(reset).as(events.toString()).isPositive();
        assertThat(events.get(reset).json().get("reason").asString()).isEqualTo("rebuilt");
        for (int i = 0; i < CONTEXTS; i++) {
            String key = name + "/" + i;
            assertThat(events.subList(0, reset).stream()
                            .filter(event -> event.key().equals(key))
                            .map(Feed.Event::version))
                    .isEqualTo(LongStream.rangeClosed(1, before).boxed().toList());
            assertThat(events.subList(reset, events.size()).stream()
                            .filter(event -> event.key().equals(key))
                            .map(Feed.Event::version))
                    .isEqualTo(LongStream.rangeClosed(before, after).boxed().toList());
        }
    }

    @Test
    void whatADatabaseHasLostIsFoldedAgainAsItWasAndNobodyIsToldAnythingTwiceOrOlder() {
        try (Feed feed = gateway.watch("/v1/contexts/" + name + "?policy=every")) {
            feed.awaitReady();
            write(3);
            copy();
            write(3);
            Map<String, String> before = store.outcomes(topic);
            goBack();
            try (Feed late = gateway.watch("/v1/contexts/" + name + "?policy=every")) {
                // No event comes: what is missing is found out all the same.
                awaitAllFolded();
                assertThat(store.outcomes(topic)).isEqualTo(before);
                feed.await("reset");
                IntStream.range(0, CONTEXTS).forEach(i -> late.awaitVersion(name + "/" + i, 6));
                requireVersions(6);

                write(1);
                IntStream.range(0, CONTEXTS).forEach(i -> late.awaitVersion(name + "/" + i, 7));
                IntStream.range(0, CONTEXTS).forEach(i -> feed.awaitVersion(name + "/" + i, 7));
                requireToldOnce(feed, 6, 7);
                requireVersions(7);
            }
            assertThat(gateway.api()
                            .get("/actuator/health/readiness")
                            .json()
                            .get("status")
                            .asString())
                    .isEqualTo("UP");
        }
    }

    @Test
    void whatIsWrittenWhileTheDatabaseGoesBackCountsOnce() {
        write(3);
        copy();
        write(3);
        goBack();
        // Under way at once: the owner's next transaction finds that its place is gone.
        write(3);

        awaitAllFolded();
        requireVersions(9);
        assertThat(store.outcomes(topic)).hasSize(written);
        assertThat(store.outcomes(topic).values()).allMatch(outcome -> outcome.startsWith("applied 1/"));
    }

    @Test
    void aDatabaseThatHasGoneBackWhileNothingRanIsBroughtToWhatItWas() {
        String cursor;
        write(3);
        copy();
        write(3);
        try (Feed feed = gateway.watch("/v1/contexts/" + name + "?policy=every")) {
            feed.awaitReady();
            cursor = feed.lastId();
        }
        Map<String, String> before = store.outcomes(topic);
        gateway.close();
        goBack();
        gateway = start();
        try (Feed feed = gateway.watch("/v1/contexts/" + name + "?policy=every", "Last-Event-ID", cursor)) {
            awaitAllFolded();
            assertThat(store.outcomes(topic)).isEqualTo(before);
            feed.awaitReady();
            write(1);
            for (int i = 0; i < CONTEXTS; i++) {
                feed.awaitVersion(name + "/" + i, 7);
                assertThat(feed.versions(name + "/" + i)).containsExactly(7L);
            }
        }
        requireVersions(7);
    }

    @Test
    void offsetsThatKafkaHasLostOrChangedMeanNothing() throws Exception {
        write(3);
        Map<String, String> before = store.outcomes(topic);
        gateway.close();
        String group = "sluice-resolve-standard";
        TopicPartition first = new TopicPartition(topic, 0);
        TopicPartition second = new TopicPartition(topic, 1);
        forgetOffsets(group, Set.of(first, second));
        gateway = start();
        write(1);
        requireVersions(4);
        gateway.close();
        forgetOffsets(group, Set.of(first, second));
        gateway = start();
        write(1);

        requireVersions(5);
        assertThat(store.outcomes(topic)).containsAllEntriesOf(before).hasSize(written);
        assertThat(store.outcomes(topic).values()).allMatch(outcome -> outcome.startsWith("applied 1/"));
    }

    private static void forgetOffsets(String group, Set<TopicPartition> partitions) {
        try (Admin admin = KafkaSide.admin()) {
            Awaitility.await().atMost(PATIENCE).ignoreExceptions().until(() -> {
                admin.deleteConsumerGroupOffsets(group, partitions).all().get();
                return true;
            });
        }
    }
}
