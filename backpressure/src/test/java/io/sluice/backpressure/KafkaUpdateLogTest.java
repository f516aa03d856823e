package io.sluice.backpressure;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.IntStream;
import org.apache.kafka.clients.admin.RecordsToDelete;
import org.apache.kafka.common.TopicPartition;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import reactor.core.Disposable;
import reactor.core.Disposables;

@Timeout(120)
class KafkaUpdateLogTest {

    private static final Duration PATIENCE = Duration.ofSeconds(30);

    private final ContextType type = TestKafka.preparedType(2, Lane.STANDARD);
    private final KafkaUpdateLog log = new KafkaUpdateLog(TestKafka.connection());
    private final List<String> happened = new CopyOnWriteArrayList<>();
    private final AtomicInteger positioned = new AtomicInteger();
    private final AtomicReference<Throwable> failure = new AtomicReference<>();
    private final Disposable.Swap running = Disposables.swap();

    @AfterEach
    void stop() {
        running.dispose();
    }

    private void tail(Runnable onPosition) {
        failure.set(null);
        running.update(log.tail(List.of(type), onPosition)
                .subscribe(
                        records -> records.forEach(record -> happened.add(Fixtures.text(record.value()))),
                        failure::set));
    }

    private void tail() {
        tail(() -> {
            happened.add("positioned");
            positioned.incrementAndGet();
        });
    }

    private void produce(int partition, int from, int to) {
        TestKafka.produce(type.updatesTopic(), partition, to - from, i -> partition + ":" + (from + i));
    }

    private static List<String> values(int partition, int from, int to) {
        return IntStream.range(from, to).mapToObj(i -> partition + ":" + i).toList();
    }

    private List<String> of(int partition) {
        return happened.stream()
                .filter(value -> value.startsWith(partition + ":"))
                .toList();
    }

    private void awaitValues(int partition, int from, int to) {
        await().atMost(PATIENCE).untilAsserted(() -> assertThat(of(partition)).isEqualTo(values(partition, from, to)));
    }

    @Test
    void itBeginsAtTheEndAndSaysSoBeforeAnythingIsRead() {
        produce(0, 0, 10);
        produce(1, 0, 10);
        tail();
        await().atMost(PATIENCE).untilAtomic(positioned, org.hamcrest.Matchers.is(1));
        produce(0, 10, 200);
        produce(1, 10, 15);

        awaitValues(0, 10, 200);
        awaitValues(1, 10, 15);
        assertThat(happened.getFirst()).isEqualTo("positioned");
        assertThat(positioned).hasValue(1);
    }

    @Test
    void whatIsAnnouncedWhileItPositionsItselfIsNotMissed() {
        tail(() -> produce(0, 0, 5));

        awaitValues(0, 0, 5);
    }

    @Test
    void theNextSubscriptionGoesOnWhereTheLastOneEnded() {
        tail();
        await().atMost(PATIENCE).untilAtomic(positioned, org.hamcrest.Matchers.is(1));
        produce(0, 0, 10);
        awaitValues(0, 0, 10);
        running.update(Disposables.disposed());
        produce(0, 10, 20);
        produce(1, 0, 20);
        tail();
        produce(0, 20, 30);

        awaitValues(0, 0, 30);
        awaitValues(1, 0, 20);
        assertThat(positioned).hasValue(1);
    }

    @Test
    void anAnswerThatFailsIsAskedForAgain() {
        tail(() -> {
            throw new IllegalStateException("the database is away");
        });
        await().atMost(PATIENCE).until(() -> failure.get() != null);
        produce(0, 0, 5);
        tail();
        await().atMost(PATIENCE).untilAtomic(positioned, org.hamcrest.Matchers.is(1));
        produce(0, 5, 10);

        awaitValues(0, 5, 10);
    }

    @Test
    void whereTheLogHasDroppedThePlaceItBeginsAnewAtTheEnd() throws Exception {
        tail();
        await().atMost(PATIENCE).untilAtomic(positioned, org.hamcrest.Matchers.is(1));
        produce(0, 0, 10);
        awaitValues(0, 0, 10);
        running.update(Disposables.disposed());
        produce(0, 10, 20);
        TestKafka.admin()
                .deleteRecords(Map.of(new TopicPartition(type.updatesTopic(), 0), RecordsToDelete.beforeOffset(15)))
                .all()
                .get();
        tail();
        await().atMost(PATIENCE).until(() -> failure.get() != null);
        tail();
        await().atMost(PATIENCE).untilAtomic(positioned, org.hamcrest.Matchers.is(2));
        produce(0, 20, 25);

        await().atMost(PATIENCE)
                .untilAsserted(() -> assertThat(of(0)).endsWith("0:20", "0:21", "0:22", "0:23", "0:24"));
        assertThat(of(0)).doesNotContain("0:12", "0:16");
    }
}
