package io.sluice.cache;

import static io.sluice.cache.States.PARTITION;
import static io.sluice.cache.States.key;
import static io.sluice.cache.States.state;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.sluice.resolver.ContextState;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import reactor.core.publisher.Mono;
import reactor.core.scheduler.Schedulers;
import reactor.test.StepVerifier;

@ExtendWith(NoBlocking.class)
class GuardedFarCacheTest {

    private static final FarSettings SETTINGS = new FarSettings(
            Duration.ofMillis(100), Duration.ofMillis(200), Duration.ofMinutes(1), Duration.ofMillis(300));
    private static final Duration PATIENCE = Duration.ofSeconds(60);
    /** So long nobody waits here. */
    private static final FarSettings LEFT_ALONE = new FarSettings(
            Duration.ofMillis(100), Duration.ofMillis(200), Duration.ofMinutes(1), Duration.ofMinutes(10));

    private static final ContextState ANNA = state(key("anna"), 1);

    private final CountedEvents events = new CountedEvents();
    private final ScriptedFarCache far = new ScriptedFarCache();
    private final FarCache guarded = FarCache.guarded(far, SETTINGS, events);

    private static Mono<Found> find(FarCache cache) {
        return cache.find(ANNA.key(), PARTITION, 0).subscribeOn(Schedulers.parallel());
    }

    private static void openBreaker(FarCache cache) {
        for (int i = 0; i < 5; i++) {
            StepVerifier.create(find(cache)).verifyComplete();
        }
    }

    @Test
    void whatGoesWellIsPassedOn() {
        far.answer = key -> Mono.just(Found.usable(ANNA));

        StepVerifier.create(find(guarded)).expectNext(Found.usable(ANNA)).verifyComplete();
        StepVerifier.create(guarded.fill(ANNA, PARTITION, new Found.Lease(1, 2)))
                .verifyComplete();
        StepVerifier.create(guarded.store(PARTITION, 0, 1, List.of(ANNA))).verifyComplete();
        assertThat(events.count("bypassed FAR")).isZero();
    }

    @Test
    void anErrorIsAnEmptyAnswer() {
        far.answer = key -> Mono.error(new IllegalStateException("away"));
        far.fillOutcome = Mono.error(new IllegalStateException("away"));

        StepVerifier.create(find(guarded)).verifyComplete();
        StepVerifier.create(guarded.fill(ANNA, PARTITION, new Found.Lease(1, 2)))
                .verifyComplete();
        StepVerifier.create(guarded.store(PARTITION, 0, 1, List.of(ANNA))).verifyComplete();
        assertThat(events.count("bypassed FAR")).isEqualTo(3);
    }

    @Test
    void noAnswerIsAnEmptyAnswerInTime() {
        far.answer = key -> Mono.never();
        far.fillOutcome = Mono.never();

        StepVerifier.create(find(guarded)).expectComplete().verify(PATIENCE);
        StepVerifier.create(guarded.store(PARTITION, 0, 1, List.of(ANNA)))
                .expectComplete()
                .verify(PATIENCE);
    }

    @Test
    void whatFailsRepeatedlyIsLeftAloneForAWhile() {
        FarCache guarded = FarCache.guarded(far, LEFT_ALONE, events);
        far.answer = key -> Mono.error(new IllegalStateException("away"));
        openBreaker(guarded);
        far.answer = key -> Mono.just(Found.usable(ANNA));

        StepVerifier.create(find(guarded)).verifyComplete();
        assertThat(far.asked).hasSize(5);
    }

    @Test
    void whatWasLeftAloneIsTriedAgain() {
        far.answer = key -> Mono.error(new IllegalStateException("away"));
        openBreaker(guarded);
        far.answer = key -> Mono.just(Found.usable(ANNA));

        await().until(() -> find(guarded).block() != null);
        for (int i = 0; i < 20; i++) {
            StepVerifier.create(find(guarded)).expectNextCount(1).verifyComplete();
        }
    }

    @Test
    void whoCancelsIsNoFailure() {
        far.answer = key -> Mono.never();
        for (int i = 0; i < 20; i++) {
            find(guarded).subscribe().dispose();
        }
        far.answer = key -> Mono.just(Found.usable(ANNA));

        StepVerifier.create(find(guarded)).expectNextCount(1).verifyComplete();
    }

    @Test
    void aRedisThatAcceptsAndNeverAnswersIsPassedByInTimeAndThenLeftAlone() throws IOException {
        try (ServerSocket silent = new ServerSocket(0, 50, InetAddress.getLoopbackAddress())) {
            FarCache redis = FarCache.redis("redis://127.0.0.1:" + silent.getLocalPort(), LEFT_ALONE);
            far.answer = key -> redis.find(key, PARTITION, 0);
            FarCache guarded = FarCache.guarded(far, LEFT_ALONE, events);
            for (int i = 0; i < 15; i++) {
                StepVerifier.create(find(guarded)).expectComplete().verify(PATIENCE);
            }
            assertThat(events.count("bypassed FAR")).isEqualTo(15);
            assertThat(far.asked).hasSize(5);
            redis.close().block();
        }
    }
}
