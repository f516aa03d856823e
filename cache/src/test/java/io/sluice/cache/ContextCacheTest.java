package io.sluice.cache;

import static io.sluice.cache.States.PARTITION;
import static io.sluice.cache.States.key;
import static io.sluice.cache.States.state;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.sluice.resolver.ContextKey;
import io.sluice.resolver.ContextState;
import io.sluice.resolver.UnavailableException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.core.scheduler.Schedulers;
import reactor.test.StepVerifier;

@ExtendWith(NoBlocking.class)
class ContextCacheTest {

    private static final ContextKey ANNA = key("anna");
    private static final ContextKey BERT = key("bert");
    private static final ContextKey CARL = key("carl");

    private final ManualLoader store = new ManualLoader();
    private final ScriptedFarCache far = new ScriptedFarCache();
    private final AtomicLong seen = new AtomicLong();
    private final CountedEvents events = new CountedEvents();
    private final ContextCache cache =
            cache(new CacheSettings(1 << 20, Duration.ofMinutes(1), Duration.ofSeconds(20), 100, 10));

    private ContextCache cache(CacheSettings settings) {
        return new ContextCache(settings, store, far, new Tail(key -> PARTITION, p -> seen.get()), events);
    }

    private CompletableFuture<Optional<ContextState>> ask(ContextKey key) {
        return cache.get(key).subscribeOn(Schedulers.parallel()).toFuture();
    }

    /** Asks, and returns when that has led to this many calls to the store. */
    private CompletableFuture<Optional<ContextState>> ask(ContextKey key, int calls) {
        CompletableFuture<Optional<ContextState>> answer = cache.get(key).toFuture();
        assertThat(store.count()).isEqualTo(calls);
        return answer;
    }

    @Test
    void aContextIsReadFromTheStoreOnceAndThenRemembered() {
        var first = ask(ANNA, 1);
        store.call(0).answer(state(ANNA, 1));

        assertThat(first.join()).contains(state(ANNA, 1));
        assertThat(ask(ANNA).join()).contains(state(ANNA, 1));
        assertThat(store.count()).isEqualTo(1);
        assertThat(events.count("hit LOCAL")).isEqualTo(1);
        assertThat(events.count("miss LOCAL")).isEqualTo(1);
        assertThat(events.count("hit STORE")).isEqualTo(1);
        assertThat(events.count("loaded STORE")).isEqualTo(1);
    }

    @Test
    void nothingIsReadBeforeSubscription() {
        cache.get(ANNA);
        cache.getAll(List.of(ANNA));

        assertThat(store.count()).isZero();
        assertThat(cache.footprint().loads()).isZero();
    }

    @Test
    void thatAContextWasNeverWrittenIsRemembered() {
        var first = ask(ANNA, 1);
        store.call(0).answer();

        assertThat(first.join()).isEmpty();
        assertThat(ask(ANNA).join()).isEmpty();
        assertThat(store.count()).isEqualTo(1);
    }

    @Test
    void aDeletedContextIsAState() {
        ContextState deleted = state(ANNA, PARTITION, 2, 7, null);
        var answer = ask(ANNA, 1);
        store.call(0).answer(deleted);

        assertThat(answer.join()).contains(deleted);
        assertThat(ask(ANNA).join()).contains(deleted);
    }

    @Test
    void whatTheSharedCacheHasIsNotReadFromTheStore() {
        seen.set(17);
        far.answer = key -> Mono.just(Found.usable(state(key, 4)));

        assertThat(ask(ANNA).join()).contains(state(ANNA, 4));
        assertThat(ask(ANNA).join()).contains(state(ANNA, 4));
        assertThat(store.count()).isZero();
        assertThat(far.asked).containsExactly(new ScriptedFarCache.Asked(ANNA, PARTITION, 17));
        assertThat(far.filled).isEmpty();
        assertThat(events.count("hit FAR")).isEqualTo(1);
    }

    @Test
    void aSharedCacheThatFailsIsPassedBy() {
        far.answer = key -> Mono.error(new IllegalStateException("down"));
        var answer = ask(ANNA, 1);
        store.call(0).answer(state(ANNA, 1));

        assertThat(answer.join()).contains(state(ANNA, 1));
    }

    @Test
    void aHundredWhoAskAtOnceShareOneLoad() {
        var answers = Flux.range(0, 100)
                .flatMap(i -> cache.get(ANNA).subscribeOn(Schedulers.parallel()), 100)
                .collectList()
                .toFuture();
        await().until(() -> events.count("miss LOCAL") == 100);
        store.call(0).answer(state(ANNA, 3));

        assertThat(answers.join()).hasSize(100).containsOnly(Optional.of(state(ANNA, 3)));
        assertThat(store.count()).isEqualTo(1);
        assertThat(cache.footprint().loads()).isZero();
    }

    @Test
    void aNewerUpdateThatPassesDuringALoadIsWhatAllGet() {
        var before = ask(ANNA, 1);
        States.refresh(cache, state(ANNA, 2));
        var after = ask(ANNA, 1);
        store.call(0).answer(state(ANNA, 1));

        assertThat(before.join()).contains(state(ANNA, 2));
        assertThat(after.join()).contains(state(ANNA, 2));
        assertThat(ask(ANNA).join()).contains(state(ANNA, 2));
    }

    @Test
    void anOlderUpdateThatPassesDuringALoadIsNotTaken() {
        var answer = ask(ANNA, 1);
        States.refresh(cache, state(ANNA, 2));
        States.refresh(cache, state(ANNA, 3));
        store.call(0).answer(state(ANNA, 4));

        assertThat(answer.join()).contains(state(ANNA, 4));
        assertThat(ask(ANNA).join()).contains(state(ANNA, 4));
    }

    @Test
    void anUpdateThatPassesDuringALoadCreatesWhatTheStoreDidNotHave() {
        var answer = ask(ANNA, 1);
        States.refresh(cache, state(ANNA, 1));
        store.call(0).answer();

        assertThat(answer.join()).contains(state(ANNA, 1));
        assertThat(ask(ANNA).join()).contains(state(ANNA, 1));
    }

    @Test
    void ofAContextThatNobodyAskedForTheStateIsNotAskedForEither() {
        cache.refresh(ANNA, state(ANNA, 1).position(), () -> {
            throw new AssertionError("asked for the state");
        });

        assertThat(cache.footprint().contexts()).isZero();
    }

    @Test
    void whatCannotBeSaidOfAContextIsAskedOfTheStore() {
        var answer = ask(ANNA, 1);
        store.call(0).answer(state(ANNA, 1));
        answer.join();
        cache.refresh(ANNA, state(ANNA, 2).position(), () -> null);

        var again = ask(ANNA, 2);
        cache.refresh(ANNA, state(ANNA, 3).position(), () -> null);
        store.call(1).answer(state(ANNA, 2));
        assertThat(again.join()).contains(state(ANNA, 2));
        // It may have been older than what was not said meanwhile.
        var anew = ask(ANNA, 3);
        store.call(2).answer(state(ANNA, 3));
        assertThat(anew.join()).contains(state(ANNA, 3));
        assertThat(ask(ANNA).join()).contains(state(ANNA, 3));
    }

    @Test
    void anUpdateReplacesWhatIsRememberedIfItIsNewer() {
        var answer = ask(ANNA, 1);
        store.call(0).answer(state(ANNA, 2));
        answer.join();

        States.refresh(cache, state(ANNA, 1));
        assertThat(ask(ANNA).join()).contains(state(ANNA, 2));
        States.refresh(cache, state(ANNA, 3));
        assertThat(ask(ANNA).join()).contains(state(ANNA, 3));
        assertThat(store.count()).isEqualTo(1);
    }

    @Test
    void anUpdateReplacesWhatWasNeverWritten() {
        var answer = ask(ANNA, 1);
        store.call(0).answer();
        answer.join();

        States.refresh(cache, state(ANNA, 1));
        assertThat(ask(ANNA).join()).contains(state(ANNA, 1));
    }

    @Test
    void whatNobodyAskedForIsNotRemembered() {
        States.refresh(cache, state(ANNA, 1));

        assertThat(cache.footprint().contexts()).isZero();
        ask(ANNA, 1);
    }

    @Test
    void aLoadThatBeginsBeforeTheTailHasCountedAnUpdateDoesNotTakeAnOlderStateFromTheSharedCache() {
        seen.set(5);
        States.refresh(cache, state(ANNA, PARTITION, 2, 9));
        ask(ANNA, 1);

        assertThat(far.asked).containsExactly(new ScriptedFarCache.Asked(ANNA, PARTITION, 10));
    }

    @Test
    void clearForgetsWhatIsRemembered() {
        var answer = ask(ANNA, 1);
        store.call(0).answer(state(ANNA, 1));
        answer.join();

        cache.clear();
        assertThat(cache.footprint().contexts()).isZero();
        ask(ANNA, 2);
    }

    @Test
    void aLoadFromBeforeAClearServesItsCallersAndLeavesNothingBehind() {
        var before = ask(ANNA, 1);
        cache.clear();
        store.call(0).answer(state(ANNA, 1));

        assertThat(before.join()).contains(state(ANNA, 1));
        assertThat(cache.footprint().contexts()).isZero();
    }

    @Test
    void whoAsksAfterAClearDoesNotShareALoadFromBefore() {
        var before = ask(ANNA, 1);
        cache.clear();
        var after = ask(ANNA, 2);
        store.call(1).answer(state(ANNA, 2));
        store.call(0).answer(state(ANNA, 1));

        assertThat(before.join()).contains(state(ANNA, 1));
        assertThat(after.join()).contains(state(ANNA, 2));
        assertThat(ask(ANNA).join()).contains(state(ANNA, 2));
    }

    @Test
    void aFailureGoesToAllWhoWaitAndIsNotRemembered() {
        var first = ask(ANNA, 1);
        var second = ask(ANNA, 1);
        store.call(0).fail(new IllegalStateException("no connection"));

        for (var answer : List.of(first, second)) {
            StepVerifier.create(Mono.fromFuture(answer))
                    .verifyErrorSatisfies(e -> assertThat(e)
                            .isInstanceOfSatisfying(
                                    UnavailableException.class,
                                    u -> assertThat(u.code()).isEqualTo("store-unavailable"))
                            .hasMessageContaining("no connection"));
        }
        assertThat(cache.footprint().loads()).isZero();
        var third = ask(ANNA, 2);
        store.call(1).answer(state(ANNA, 1));
        assertThat(third.join()).contains(state(ANNA, 1));
    }

    @Test
    void anErrorThatSaysWhetherToRetryIsPassedOn() {
        var answer = ask(ANNA, 1);
        UnavailableException full = new UnavailableException("store-full", "Connections: none is free");
        store.call(0).fail(full);

        StepVerifier.create(Mono.fromFuture(answer)).verifyErrorMatches(e -> e == full);
    }

    @Test
    void aStoreThatThrowsOrSaysNothingHasFailed() {
        for (ContextLoader bad : List.<ContextLoader>of(keys -> Mono.empty(), keys -> {
            throw new IllegalStateException("broken");
        })) {
            ContextCache cache =
                    new ContextCache(CacheSettings.defaults(), bad, far, new Tail(key -> PARTITION, p -> 0), events);
            StepVerifier.create(cache.get(ANNA)).verifyError(UnavailableException.class);
            assertThat(cache.footprint().loads()).isZero();
        }
    }

    @Test
    void aStoreThatDoesNotAnswerInTimeHasFailed() {
        ContextCache impatient =
                cache(new CacheSettings(1 << 20, Duration.ofMinutes(1), Duration.ofMillis(50), 100, 10));

        StepVerifier.create(impatient.get(ANNA)).verifyError(UnavailableException.class);
        assertThat(impatient.footprint().loads()).isZero();
    }

    @Test
    void whoCancelsDoesNotCancelTheLoadOfTheOthers() {
        var first = cache.get(ANNA).subscribe();
        var second = ask(ANNA, 1);
        first.dispose();
        store.call(0).answer(state(ANNA, 1));

        assertThat(second.join()).contains(state(ANNA, 1));
        assertThat(ask(ANNA).join()).contains(state(ANNA, 1));
    }

    @Test
    void aLoadThatEverybodyHasLeftStillEnds() {
        cache.get(ANNA).subscribe().dispose();
        store.call(0).answer(state(ANNA, 1));

        assertThat(cache.footprint())
                .extracting(Footprint::contexts, Footprint::loads)
                .containsExactly(1L, 0L);
    }

    @Test
    void moreLoadsThanAllowedAreRefusedAndTheOthersGoOn() {
        ContextCache small = cache(new CacheSettings(1 << 20, Duration.ofMinutes(1), Duration.ofSeconds(20), 2, 10));
        var two = small.getAll(List.of(ANNA, BERT)).toFuture();

        StepVerifier.create(small.get(CARL))
                .verifyErrorSatisfies(e -> assertThat(e)
                        .isInstanceOfSatisfying(
                                UnavailableException.class,
                                u -> assertThat(u.code()).isEqualTo("store-busy")));
        var joined = small.get(ANNA).toFuture();
        store.call(0).answer(state(ANNA, 1));
        assertThat(two.join()).hasSize(2);
        assertThat(joined.join()).contains(state(ANNA, 1));
        small.get(CARL).onErrorComplete().subscribe();
        assertThat(store.count()).isEqualTo(2);
    }

    @Test
    void aBatchReadsAllThatIsMissingInOneCall() {
        var anna = ask(ANNA, 1);
        store.call(0).answer(state(ANNA, 1));
        anna.join();
        var bert = ask(BERT, 2);

        var all = cache.getAll(List.of(ANNA, BERT, CARL, key("dora"), ANNA)).toFuture();
        assertThat(store.count()).isEqualTo(3);
        assertThat(store.call(2).keys()).isEqualTo(Set.of(CARL, key("dora")));
        store.call(2).answer(state(CARL, 3));
        assertThat(all).isNotDone();
        store.call(1).answer(state(BERT, 2));

        assertThat(all.join())
                .isEqualTo(Map.of(
                        ANNA,
                        Optional.of(state(ANNA, 1)),
                        BERT,
                        Optional.of(state(BERT, 2)),
                        CARL,
                        Optional.of(state(CARL, 3)),
                        key("dora"),
                        Optional.empty()));
        assertThat(bert.join()).contains(state(BERT, 2));
    }

    @Test
    void whatABatchLoadsIsSharedWithWhoAsksForOne() {
        var all = cache.getAll(List.of(ANNA, BERT)).toFuture();
        var one = ask(ANNA, 1);
        store.call(0).answer(state(ANNA, 1), state(BERT, 1));

        assertThat(one.join()).contains(state(ANNA, 1));
        assertThat(all.join()).hasSize(2);
    }

    @Test
    void aLargeBatchIsReadInSeveralCallsOneAfterTheOther() {
        List<ContextKey> keys = new ArrayList<>();
        for (int i = 0; i < 25; i++) {
            keys.add(key("c" + i));
        }
        var all = cache.getAll(keys).toFuture();
        for (int i = 0; i < 3; i++) {
            assertThat(store.count()).isEqualTo(i + 1);
            assertThat(store.call(i).keys()).hasSize(i < 2 ? 10 : 5);
            store.call(i)
                    .answer(store.call(i).keys().stream().map(k -> state(k, 1)).toArray(ContextState[]::new));
        }

        assertThat(all.join()).hasSize(25).values().allMatch(Optional::isPresent);
    }

    @Test
    void aBatchOfNothingIsEmpty() {
        StepVerifier.create(cache.getAll(List.of())).expectNext(Map.of()).verifyComplete();
    }

    @Test
    void aBatchFailsAsAWholeAndLeavesNoLoadBehind() {
        List<ContextKey> keys = new ArrayList<>();
        for (int i = 0; i < 25; i++) {
            keys.add(key("c" + i));
        }
        var all = cache.getAll(keys).toFuture();
        store.call(0).fail(new IllegalStateException("gone"));

        StepVerifier.create(Mono.fromFuture(all)).verifyError(UnavailableException.class);
        assertThat(cache.footprint().loads()).isZero();
    }

    @Test
    void whatWasLoadedIsFilledInWithTheLeaseAndNobodyWaitsForIt() {
        Found.Lease lease = new Found.Lease(4711, 17);
        far.answer = key -> Mono.just(Found.missing(lease));
        far.fillOutcome = Mono.never();
        var all = cache.getAll(List.of(ANNA, BERT)).toFuture();
        States.refresh(cache, state(ANNA, 2));
        store.call(0).answer(state(ANNA, 1));

        assertThat(all.join()).containsEntry(ANNA, Optional.of(state(ANNA, 2))).containsEntry(BERT, Optional.empty());
        assertThat(far.filled).containsExactly(new ScriptedFarCache.Filled(state(ANNA, 1), PARTITION, lease));
    }

    @Test
    void withoutALeaseNothingIsFilledIn() {
        far.answer = key -> Mono.just(Found.NOTHING);
        var answer = ask(ANNA, 1);
        store.call(0).answer(state(ANNA, 1));

        answer.join();
        assertThat(far.filled).isEmpty();
    }

    @Test
    void whatNoTailFollowsIsAlwaysReadFromTheStore() {
        seen.set(-1);
        for (int i = 0; i < 2; i++) {
            var answer = ask(ANNA, i + 1);
            store.call(i).answer(state(ANNA, i + 1));
            assertThat(answer.join()).contains(state(ANNA, i + 1));
        }
        assertThat(far.asked).isEmpty();
        assertThat(cache.footprint().contexts()).isZero();
    }

    @Test
    void whatIsRememberedIsBoundedInBytes() {
        for (int i = 0; i < 2_000; i++) {
            cache.get(key("c" + i)).subscribe();
            ContextKey key = key("c" + i);
            store.call(i).answer(state(key, PARTITION, 1, 1, "{\"text\":\"" + "x".repeat(1_000) + "\"}"));
        }

        Footprint footprint = cache.footprint();
        assertThat(footprint.bytes()).isBetween(1L << 19, 1L << 20);
        assertThat(footprint.contexts()).isBetween(50L, 1_000L);
        assertThat(footprint.evicted()).isEqualTo(2_000 - footprint.contexts());
    }

    @Test
    void aContextWithoutUpdatesIsAskedForAnewAfterAWhile() {
        ContextCache forgetful =
                cache(new CacheSettings(1 << 20, Duration.ofMillis(1), Duration.ofSeconds(20), 100, 10));
        forgetful.get(ANNA).subscribe();
        store.call(0).answer(state(ANNA, 1));

        await().until(() -> {
            forgetful.get(ANNA).onErrorComplete().subscribe();
            return store.count() > 1;
        });
    }
}
