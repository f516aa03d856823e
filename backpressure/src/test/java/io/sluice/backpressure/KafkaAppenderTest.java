package io.sluice.backpressure;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.sluice.embedded.PartsProcess;
import io.sluice.resolver.ContextException;
import io.sluice.resolver.MalformedException;
import io.sluice.resolver.UnavailableException;
import io.sluice.resolver.UncertainException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import reactor.core.publisher.Mono;
import reactor.test.StepVerifier;

@Timeout(180)
class KafkaAppenderTest {

    private static final Duration PATIENCE = Duration.ofSeconds(30);
    private static final Duration TIMEOUT = Duration.ofSeconds(3);

    private KafkaAppender appender;

    @AfterEach
    void close() {
        if (appender != null) {
            appender.close();
        }
    }

    private KafkaAppender appender(Map<String, Object> connection) {
        appender = new KafkaAppender(connection, new KafkaAppender.Settings(TIMEOUT, 8 << 20));
        return appender;
    }

    private static OutRecord record(String topic, int partition, byte[] value) {
        return new OutRecord(topic, partition, Fixtures.bytes("k"), value, Headers.NONE);
    }

    private static Throwable failure(Mono<Void> append) {
        return append.toFuture()
                .handle((nothing, e) -> e)
                .orTimeout(30, java.util.concurrent.TimeUnit.SECONDS)
                .join();
    }

    private static List<String> values(Map<String, Object> connection, String topic, int count) {
        return TestKafka.consume(connection, topic, 0, count).stream()
                .map(record -> Fixtures.text(record.value()))
                .toList();
    }

    @Test
    void whenAnAppendCompletesTheLogHasTheRecord() {
        ContextType type = TestKafka.preparedType(2, Lane.STANDARD);
        appender(TestKafka.connection());
        appender.append(new OutRecord(
                        type.topic(), 1, Fixtures.bytes("anna"), Fixtures.bytes("{}"), Fixtures.headers("a", "b")))
                .block(PATIENCE);

        var found =
                TestKafka.consume(TestKafka.connection(), type.topic(), 1, 1).getFirst();
        assertThat(Fixtures.text(found.key())).isEqualTo("anna");
        assertThat(Fixtures.text(found.value())).isEqualTo("{}");
        assertThat(Fixtures.text(found.headers().lastHeader("a").value())).isEqualTo("b");
    }

    @Test
    void nothingIsAppendedBeforeSomebodySubscribes() {
        ContextType type = TestKafka.preparedType(1, Lane.STANDARD);
        appender(TestKafka.connection());
        Mono<Void> never = appender.append(record(type.topic(), 0, Fixtures.bytes("never")));
        appender.append(record(type.topic(), 0, Fixtures.bytes("now"))).block(PATIENCE);

        assertThat(never).isNotNull();
        assertThat(values(TestKafka.connection(), type.topic(), 1)).containsExactly("now");
    }

    @Test
    void recordsStandInTheLogInTheOrderInWhichTheyWereSubscribedTo() {
        ContextType type = TestKafka.preparedType(1, Lane.STANDARD);
        appender(TestKafka.connection());
        List<CompletableFuture<Void>> all = IntStream.range(0, 2_000)
                .mapToObj(i -> appender.append(record(type.topic(), 0, Fixtures.bytes("" + i)))
                        .toFuture())
                .toList();
        all.forEach(CompletableFuture::join);

        assertThat(values(TestKafka.connection(), type.topic(), 2_000))
                .isEqualTo(IntStream.range(0, 2_000).mapToObj(String::valueOf).toList());
    }

    @Test
    void whatNobodyWaitsForAnyMoreIsAppendedNevertheless() {
        ContextType type = TestKafka.preparedType(1, Lane.STANDARD);
        appender(TestKafka.connection());
        for (int i = 0; i < 100; i++) {
            appender.append(record(type.topic(), 0, Fixtures.bytes("" + i)))
                    .subscribe()
                    .dispose();
        }
        appender.append(record(type.topic(), 0, Fixtures.bytes("100"))).block(PATIENCE);

        assertThat(values(TestKafka.connection(), type.topic(), 101))
                .isEqualTo(IntStream.range(0, 101).mapToObj(String::valueOf).toList());
    }

    @Test
    void announcementsKeepTheirOrder() {
        ContextType type = TestKafka.preparedType(1, Lane.STANDARD);
        appender(TestKafka.connection());
        for (int call = 0; call < 5; call++) {
            int first = 400 * call;
            appender.appendAll(IntStream.range(first, first + 400)
                            .mapToObj(i -> record(type.updatesTopic(), 0, Fixtures.bytes("" + i)))
                            .toList())
                    .block(PATIENCE);
        }

        assertThat(values(TestKafka.connection(), type.updatesTopic(), 2_000))
                .isEqualTo(IntStream.range(0, 2_000).mapToObj(String::valueOf).toList());
    }

    @Test
    void aRecordThatIsTooLargeIsRefusedForGoodAndTheNextOneIsTaken() {
        ContextType type = TestKafka.preparedType(1, Lane.STANDARD);
        appender(TestKafka.connection());
        for (int bytes : new int[] {TestKafka.RECORD_BYTES + 1, (8 << 20) + 1}) {
            OutRecord large = record(type.topic(), 0, new byte[bytes]);
            for (Throwable refusal : List.of(
                    failure(bytes > 8 << 20 ? appender.appendAll(List.of(large)) : appender.append(large)),
                    failure(appender.appendAll(List.of(large))))) {
                assertThat(refusal)
                        .isInstanceOfSatisfying(
                                MalformedException.class,
                                e -> assertThat(e.code()).isEqualTo("too-large"));
            }
        }
        appender.append(record(type.topic(), 0, Fixtures.bytes("small"))).block(PATIENCE);
        appender.appendAll(List.of(record(type.topic(), 0, Fixtures.bytes("other"))))
                .block(PATIENCE);
        assertThat(values(TestKafka.connection(), type.topic(), 2)).containsExactly("small", "other");
    }

    @Test
    void aDeadLetterOfTheLargestRecordFits() {
        ContextType type = TestKafka.preparedType(1, Lane.STANDARD);
        appender(TestKafka.connection());
        LogRecord largest = new LogRecord(
                Fixtures.position(0), Fixtures.bytes("k"), new byte[TestKafka.RECORD_BYTES - 100], Headers.NONE);
        appender.append(record(type.topic(), 0, largest.value())).block(PATIENCE);

        appender.appendAll(List.of(DeadLetters.of(largest, "malformed-json", "x".repeat(500))))
                .block(PATIENCE);
    }

    @Test
    void whoeverBringsMoreThanMayWaitIsRefusedAtOnce() {
        ContextType type = TestKafka.preparedType(1, Lane.STANDARD);
        appender(TestKafka.connection());
        appender.warmUp(List.of(type.topic())).block(PATIENCE);
        List<CompletableFuture<Throwable>> all = IntStream.range(0, 20)
                .mapToObj(i -> appender.append(record(type.topic(), 0, new byte[2 << 20]))
                        .toFuture()
                        .handle((nothing, e) -> e))
                .toList();
        List<Throwable> failures =
                all.stream().map(CompletableFuture::join).filter(e -> e != null).toList();

        assertThat(failures)
                .isNotEmpty()
                .hasSizeLessThan(20)
                .allSatisfy(e -> assertThat(((UnavailableException) e).code()).isEqualTo("log-full"));
        OutRecord later = record(type.topic(), 0, Fixtures.bytes("later"));
        assertThat(appender.hasRoom(later)).isTrue();
        appender.append(later).block(PATIENCE);
    }

    @Test
    void whatWasNeverHandedOverIsKnownNotToBeThere() {
        appender(Map.of("bootstrap.servers", "127.0.0.1:1"));
        long start = System.nanoTime();
        Throwable failure = failure(appender.append(record("nowhere", 0, Fixtures.bytes("x"))));

        assertThat(failure).isInstanceOf(UnavailableException.class);
        assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(TIMEOUT.plusSeconds(2));
    }

    @Test
    void whileKafkaIsAwayPublishersAreAnsweredInTimeAndAnnouncementsWait(@TempDir Path folder) {
        PartsProcess own = TestKafka.start(folder);
        Map<String, Object> connection = TestKafka.connection(own);
        appender(connection);
        try (KafkaTopics topics = new KafkaTopics(
                connection,
                Fixtures.types(Fixtures.CUSTOMER),
                new StoppedTypes(),
                new KafkaTopics.Settings(Duration.ofDays(1), 1 << 20))) {
            topics.prepare().block(PATIENCE);
        }
        appender.append(record("customer-events", 0, Fixtures.bytes("before"))).block(PATIENCE);
        appender.appendAll(List.of(record("customer-updates", 0, Fixtures.bytes("0"))))
                .block(PATIENCE);
        ProcessHandle.of(own.pid()).orElseThrow().destroyForcibly();
        own.onExit().join();

        long start = System.nanoTime();
        Throwable failure = failure(appender.append(record("customer-events", 0, Fixtures.bytes("during"))));
        // Kafka's client may have forgotten by now what it knew of the topic: then nothing was handed over at all.
        assertThat(failure).isInstanceOfAny(UncertainException.class, UnavailableException.class);
        assertThat(((ContextException) failure).retryable()).isTrue();
        assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(TIMEOUT.plusSeconds(2));

        CompletableFuture<Void> waits = appender.appendAll(IntStream.range(1, 50)
                        .mapToObj(i -> record("customer-updates", 0, Fixtures.bytes("" + i)))
                        .toList())
                .toFuture();
        await().during(Duration.ofSeconds(4)).until(() -> !waits.isDone());
        try (PartsProcess again = TestKafka.start(folder)) {
            assertThat(TestKafka.connection(again)).isEqualTo(connection);
            assertThat(waits).succeedsWithin(Duration.ofSeconds(60));
            assertThat(values(connection, "customer-updates", 50))
                    .isEqualTo(IntStream.range(0, 50).mapToObj(String::valueOf).toList());
            assertThat(values(connection, "customer-events", 1)).startsWith("before");
            await().atMost(PATIENCE)
                    .ignoreExceptions()
                    .untilAsserted(() -> appender.append(record("customer-events", 0, Fixtures.bytes("after")))
                            .block(PATIENCE));
            appender.close();
        }
    }

    @Test
    void whoComesWhenItIsClosedIsToldThatNothingWasWritten() {
        appender(TestKafka.connection());
        appender.close();

        StepVerifier.create(appender.append(record("customer-events", 0, Fixtures.bytes("late"))))
                .expectErrorSatisfies(e -> assertThat(e)
                        .isInstanceOf(UnavailableException.class)
                        .hasMessage("this node stops; nothing was written"))
                .verify(PATIENCE);
    }
}
