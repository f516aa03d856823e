package io.sluice.cache;

import static io.sluice.cache.States.key;
import static java.nio.charset.StandardCharsets.UTF_8;
import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.lettuce.core.cluster.SlotHash;
import io.sluice.resolver.ContextKey;
import io.sluice.resolver.ContextState;
import io.sluice.resolver.Partition;
import io.sluice.resolver.UnavailableException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import reactor.core.scheduler.Schedulers;
import reactor.test.StepVerifier;

@ExtendWith(NoBlocking.class)
class RedisFarCacheTest {

    private static final ContextKey ANNA = key("anna");
    private static final ContextKey BERT = key("bert");
    private static final FarSettings SETTINGS = new FarSettings(
            Duration.ofSeconds(5), Duration.ofSeconds(5), Duration.ofMinutes(5), Duration.ofMillis(100));
    private static final FarCache FAR = FarCache.redis(TestRedis.url(), SETTINGS);

    private final Partition partition = TestRedis.partition();

    @AfterAll
    static void close() {
        StepVerifier.create(FAR.close()).verifyComplete();
    }

    private ContextState state(ContextKey key, long version, long offset) {
        return States.state(key, partition, version, offset);
    }

    private Found find(ContextKey key, long seen) {
        return requireNonNull(FAR.find(key, partition, seen)
                .subscribeOn(Schedulers.parallel())
                .block());
    }

    private Found.Lease lease(ContextKey key, long seen) {
        return requireNonNull(find(key, seen).lease());
    }

    private void store(long from, long next, ContextState... states) {
        store(from, next, List.of(states));
    }

    private void store(long from, long next, Collection<ContextState> states) {
        FAR.store(partition, from, next, states)
                .subscribeOn(Schedulers.parallel())
                .block();
    }

    private void fill(ContextState state, Found.Lease lease) {
        FAR.fill(state, partition, lease).subscribeOn(Schedulers.parallel()).block();
    }

    private String entryKey(ContextKey key) {
        return new String(Entry.key(partition, key), UTF_8);
    }

    private void evict(ContextKey key) {
        TestRedis.commands().del(entryKey(key));
    }

    // Marks

    @Test
    void aStoredStateIsFoundByWhoHasSeenItAndByWhoHasNot() {
        store(0, 10, state(ANNA, 1, 4));

        assertThat(find(ANNA, 10).state()).isEqualTo(state(ANNA, 1, 4));
        assertThat(find(ANNA, 0).state()).isEqualTo(state(ANNA, 1, 4));
    }

    @Test
    void aReaderThatHasSeenMoreThanTheMarkCoversGetsNothing() {
        store(0, 10, state(ANNA, 1, 4));

        assertThat(find(ANNA, 11).state()).isNull();
    }

    @Test
    void batchesWithoutAGapKeepWhatIsThereInUse() {
        store(0, 10, state(ANNA, 1, 4));
        store(10, 11);
        store(11, 30, state(BERT, 1, 20));

        assertThat(TestRedis.mark(partition)).isEqualTo("0-30");
        assertThat(find(ANNA, 30).state()).isEqualTo(state(ANNA, 1, 4));
        assertThat(find(BERT, 30).state()).isEqualTo(state(BERT, 1, 20));
    }

    @Test
    void behindAGapOnlyWhatWasWrittenSinceIsUsed() {
        store(0, 10, state(ANNA, 1, 4), state(BERT, 1, 5));
        store(20, 30, state(BERT, 2, 25));

        assertThat(TestRedis.mark(partition)).isEqualTo("20-30");
        assertThat(find(ANNA, 30).state()).isNull();
        assertThat(find(ANNA, 0).state()).isNull();
        assertThat(find(BERT, 30).state()).isEqualTo(state(BERT, 2, 25));
        store(30, 31, state(ANNA, 2, 30));
        assertThat(find(ANNA, 31).state()).isEqualTo(state(ANNA, 2, 30));
    }

    @Test
    void aBatchThatBeginsWithinTheMarkMovesItsEnd() {
        store(5, 10, state(ANNA, 1, 5));
        store(8, 20, state(BERT, 1, 19));
        assertThat(TestRedis.mark(partition)).isEqualTo("5-20");

        store(2, 30, state(BERT, 2, 29));
        assertThat(TestRedis.mark(partition)).isEqualTo("2-30");
        assertThat(find(ANNA, 30).state()).isEqualTo(state(ANNA, 1, 5));
    }

    @Test
    void whereTheStoreHasGoneBackNothingIsUsedUntilAllIsWrittenAgain() {
        store(0, 10, state(ANNA, 1, 4), state(BERT, 1, 5));
        store(10, 20, state(ANNA, 2, 15));
        // Somebody who had heard of all reads the store while it has only what was there at 10.
        evict(ANNA);
        fill(state(ANNA, 1, 4), find(ANNA, 20).lease());
        store(10, 10);

        assertThat(TestRedis.mark(partition)).isEqualTo("10-10");
        assertThat(find(ANNA, 20).state()).isNull();
        store(10, 20, state(ANNA, 2, 15));
        assertThat(find(ANNA, 20).state()).isEqualTo(state(ANNA, 2, 15));
        store(20, 30);
        assertThat(find(ANNA, 30).state()).isEqualTo(state(ANNA, 2, 15));
    }

    @Test
    void aNewOwnerThatStandsWhereTheMarkEndsChangesNothing() {
        store(0, 10, state(ANNA, 1, 4));
        store(10, 10);

        assertThat(TestRedis.mark(partition)).isEqualTo("0-10");
        assertThat(find(ANNA, 10).state()).isEqualTo(state(ANNA, 1, 4));
    }

    @Test
    void oldWordsChangeNothing() {
        store(10, 20, state(ANNA, 3, 15));
        evict(ANNA);
        store(5, 10, state(ANNA, 1, 7));
        store(5, 20, state(ANNA, 1, 7));

        assertThat(TestRedis.mark(partition)).isEqualTo("10-20");
        assertThat(find(ANNA, 0).state()).isNull();
    }

    @Test
    void anEmptyBatchBringsAMarkBack() {
        store(0, 10, state(ANNA, 1, 4));
        store(40, 40);

        assertThat(TestRedis.mark(partition)).isEqualTo("40-40");
        assertThat(find(ANNA, 40).state()).isNull();
        fill(state(ANNA, 1, 4), lease(ANNA, 40));
        assertThat(find(ANNA, 40).state()).isEqualTo(state(ANNA, 1, 4));
    }

    @Test
    void offsetsBeyondThirtyTwoBitsAreExact() {
        long far = (1L << 52) + 1;
        store(far, far + 1, state(ANNA, 1, far));

        assertThat(TestRedis.mark(partition)).isEqualTo(far + "-" + (far + 1));
        assertThat(find(ANNA, far + 1).state()).isEqualTo(state(ANNA, 1, far));
        assertThat(find(ANNA, far + 2).state()).isNull();
    }

    @Test
    void aBatchThatEndsBeforeItBeginsIsRefused() {
        assertThatThrownBy(() -> FAR.store(partition, 5, 4, List.of()))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("batch: [5, 4) (expected: 0 <= from <= next)");
    }

    // Entries

    @Test
    void anOlderRevisionNeverReplacesANewerOne() {
        store(0, 10, state(ANNA, 3, 9));
        store(10, 20, state(ANNA, 2, 8));

        assertThat(find(ANNA, 20).state()).isEqualTo(state(ANNA, 3, 9));
    }

    @Test
    void aNewLifeReplacesAnOldOne() {
        ContextState reborn = new ContextState(
                ANNA,
                new io.sluice.resolver.Revision(2, 1),
                null,
                state(ANNA, 9, 1).clock(),
                state(ANNA, 9, 1).cause(),
                state(ANNA, 9, 12).position());
        store(0, 10, state(ANNA, 9, 1));
        store(10, 20, reborn);

        assertThat(find(ANNA, 20).state()).isEqualTo(reborn);
    }

    @Test
    void theSameRevisionAgainIsKnownToBeCurrentForLonger() {
        store(0, 10, state(ANNA, 1, 4));
        store(20, 30, state(ANNA, 1, 4));

        assertThat(find(ANNA, 30).state()).isEqualTo(state(ANNA, 1, 4));
    }

    @Test
    void entriesAreForgottenAfterAWhileAndMarksAreNot() {
        store(0, 10, state(ANNA, 1, 4));
        fill(state(BERT, 1, 3), lease(BERT, 10));

        assertThat(TestRedis.commands().pttl(entryKey(ANNA))).isBetween(200_000L, 300_000L);
        assertThat(TestRedis.commands().pttl(entryKey(BERT))).isBetween(200_000L, 300_000L);
        assertThat(TestRedis.commands().pttl(new String(Entry.markKey(partition), UTF_8)))
                .isEqualTo(-1);
    }

    @Test
    void allOfAPartitionIsInOneSlot() {
        assertThat(SlotHash.getSlot(Entry.key(partition, key("}odd{id/"))))
                .isEqualTo(SlotHash.getSlot(Entry.markKey(partition)));
        assertThat(entryKey(ANNA)).isEqualTo("sluice:{" + partition.topic() + "/1}:default/anna");
    }

    @Test
    void whatCannotBeReadIsNotThere() {
        byte[] good = Entry.encode(state(ANNA, 1, 4), 10);
        byte[] otherHeader = good.clone();
        otherHeader[0] = 9;
        byte[] otherBody = good.clone();
        otherBody[33] = 9;
        byte[] cut = java.util.Arrays.copyOf(good, good.length - 1);
        store(0, 10);
        for (byte[] bad : List.of(otherHeader, otherBody, cut, new byte[0], new byte[40], "garbage".getBytes(UTF_8))) {
            TestRedis.commands().set(entryKey(ANNA), bad);
            assertThat(find(ANNA, 10).state()).isNull();
            store(0, 0);
        }
        TestRedis.commands().set(entryKey(ANNA), Entry.encode(state(BERT, 1, 4), 10));
        assertThat(find(ANNA, 10).state()).isNull();
        evict(ANNA);
        TestRedis.commands().lpush(entryKey(ANNA), good);
        assertThat(find(ANNA, 10).state()).isNull();
        store(10, 11, state(ANNA, 1, 10));
        assertThat(find(ANNA, 11).state()).isEqualTo(state(ANNA, 1, 10));
    }

    // Leases

    @Test
    void whatAReaderFillsInIsFoundByTheOthers() {
        store(0, 10);
        Found.Lease lease = lease(ANNA, 10);
        assertThat(lease.asOf()).isEqualTo(10);
        fill(state(ANNA, 1, 4), lease);

        assertThat(find(ANNA, 10).state()).isEqualTo(state(ANNA, 1, 4));
        store(10, 20);
        assertThat(find(ANNA, 20).state()).isEqualTo(state(ANNA, 1, 4));
    }

    @Test
    void whatIsBehindAGapIsFilledInAnew() {
        store(0, 10, state(ANNA, 1, 4));
        store(20, 30);
        fill(state(ANNA, 1, 4), lease(ANNA, 30));

        assertThat(find(ANNA, 30).state()).isEqualTo(state(ANNA, 1, 4));
    }

    @Test
    void whatWasFilledInBeforeAGapIsNotUsed() {
        store(0, 10);
        fill(state(ANNA, 1, 4), lease(ANNA, 10));
        store(20, 30);

        assertThat(find(ANNA, 30).state()).isNull();
    }

    @Test
    void aReaderThatHasSeenMoreThanRedisMayFillInAhead() {
        store(0, 10);
        fill(state(ANNA, 2, 15), lease(ANNA, 20));

        assertThat(find(ANNA, 20).state()).isNull();
        store(20, 30);
        assertThat(find(ANNA, 30).state()).isEqualTo(state(ANNA, 2, 15));
    }

    @Test
    void whatIsFilledInLateDoesNotUndoAChangeThatCameAndWentInTheMeantime() {
        store(0, 10);
        Found.Lease lease = lease(ANNA, 10);
        store(10, 11, state(ANNA, 2, 10));
        evict(ANNA);
        fill(state(ANNA, 1, 4), lease);

        assertThat(find(ANNA, 0).state()).isNull();
    }

    @Test
    void aLeaseOnAnEntryThatIsOutOfUseIsVoidOnceAChangeCame() {
        store(0, 10, state(ANNA, 1, 4));
        store(20, 30);
        Found.Lease lease = lease(ANNA, 30);
        store(30, 31, state(ANNA, 2, 30));
        evict(ANNA);
        fill(state(ANNA, 1, 4), lease);

        assertThat(find(ANNA, 0).state()).isNull();
    }

    @Test
    void aLeaseIsVoidAfterAnotherLeaseFollowedIt() {
        store(0, 10);
        Found.Lease first = lease(ANNA, 10);
        store(10, 11, state(ANNA, 2, 10));
        evict(ANNA);
        Found.Lease second = lease(ANNA, 11);
        fill(state(ANNA, 1, 4), first);
        assertThat(find(ANNA, 0).state()).isNull();

        fill(state(ANNA, 2, 10), second);
        assertThat(find(ANNA, 11).state()).isEqualTo(state(ANNA, 2, 10));
    }

    @Test
    void allWhoAskShareOneLease() {
        store(0, 10);
        assertThat(lease(ANNA, 10).token()).isEqualTo(lease(ANNA, 10).token());
        store(20, 30, state(BERT, 1, 20));
        store(40, 50);
        assertThat(lease(BERT, 50).token()).isEqualTo(lease(BERT, 50).token());
    }

    @Test
    void aLeaseIsUsedUpByTheFirstWhoFillsIn() {
        store(0, 10);
        Found.Lease lease = lease(ANNA, 10);
        fill(state(ANNA, 1, 4), lease);
        fill(state(ANNA, 2, 5), lease);

        assertThat(find(ANNA, 10).state()).isEqualTo(state(ANNA, 1, 4));
    }

    @Test
    void aLeaseEndsByItself() {
        lease(ANNA, 10);

        assertThat(TestRedis.commands().pttl(entryKey(ANNA))).isBetween(1L, 30_000L);
    }

    // Parts

    private List<ContextState> many(int count, long version, long offset) {
        List<ContextState> states = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            states.add(state(key("c" + i), version, offset));
        }
        return states;
    }

    private RedisLink link() {
        return new RedisLink(TestRedis.url(), FarAccess.asInUrl(), Duration.ofSeconds(5), Duration.ofSeconds(5));
    }

    private void write(RedisLink link, StorePart part, long from, long next) {
        link.call(Script.named("store"), part.keys(), part.arguments(from, next, "60000".getBytes(UTF_8)))
                .block();
    }

    @Test
    void aLargeBatchIsWrittenInParts() {
        assertThat(StorePart.cut(partition, many(600, 1, 5), 10)).hasSize(3);
        store(0, 10, many(600, 1, 5));

        assertThat(TestRedis.mark(partition)).isEqualTo("0-10");
        for (int i : new int[] {0, 255, 256, 511, 512, 599}) {
            assertThat(find(key("c" + i), 10).state()).isEqualTo(state(key("c" + i), 1, 5));
        }
    }

    @Test
    void aPartIsBoundedInBytesButAStateIsNotCut() {
        String large = "{\"text\":\"" + "x".repeat(1_500_000) + "\"}";
        List<ContextState> states = new ArrayList<>();
        for (String id : List.of("a", "b", "c")) {
            states.add(States.state(key(id), partition, 1, 5, large));
        }
        assertThat(StorePart.cut(partition, states, 10)).hasSize(3);
        store(0, 10, states);

        assertThat(find(key("b"), 10).state()).isEqualTo(states.get(1));
    }

    @Test
    void afterABatchOfWhichOnlyAPartWasWrittenNothingOlderIsUsed() {
        store(0, 10, many(600, 1, 5));
        RedisLink link = link();
        List<StorePart> parts = StorePart.cut(partition, many(600, 2, 15), 20);
        write(link, parts.get(0), 10, 20);

        assertThat(TestRedis.mark(partition)).isEqualTo("0-10");
        assertThat(find(key("c599"), 20).state()).isNull();
        store(20, 30);
        assertThat(TestRedis.mark(partition)).isEqualTo("20-30");
        assertThat(find(key("c0"), 30).state()).isEqualTo(state(key("c0"), 2, 15));
        assertThat(find(key("c599"), 30).state()).isNull();
        write(link, parts.get(1), 10, 20);
        write(link, parts.get(2), 10, 20);
        assertThat(TestRedis.mark(partition)).isEqualTo("20-30");
        assertThat(find(key("c599"), 30).state()).isNull();
        link.close().block();
    }

    @Test
    void aBatchOfWhichOnlyAPartWasWrittenMayBeRepeated() {
        store(0, 10, many(600, 1, 5));
        RedisLink link = link();
        write(link, StorePart.cut(partition, many(600, 2, 15), 20).get(0), 10, 20);
        store(10, 20, many(600, 2, 15));

        assertThat(TestRedis.mark(partition)).isEqualTo("0-20");
        assertThat(find(key("c599"), 20).state()).isEqualTo(state(key("c599"), 2, 15));
        link.close().block();
    }

    @Test
    void ifRedisForgetsAPartBeforeTheNextOneTheMarkOnlySaysWhatFollows() {
        store(0, 10, many(300, 1, 5));
        RedisLink link = link();
        List<StorePart> parts = StorePart.cut(partition, many(300, 2, 15), 20);
        byte[] before = TestRedis.commands().get(entryKey(key("c0")));
        write(link, parts.get(0), 10, 20);
        // Redis crashes and comes back with what it had before that part.
        TestRedis.commands().set(entryKey(key("c0")), before);
        TestRedis.commands().hdel(new String(Entry.markKey(partition), UTF_8), "part");
        write(link, parts.get(1), 10, 20);

        assertThat(TestRedis.mark(partition)).isEqualTo("20-20");
        assertThat(find(key("c0"), 20).state()).isNull();
        assertThat(find(key("c299"), 20).state()).isEqualTo(state(key("c299"), 2, 15));
        link.close().block();
    }

    // Redis

    @Test
    void scriptsThatRedisHasForgottenAreSentAgain() {
        store(0, 10, state(ANNA, 1, 4));
        TestRedis.commands().scriptFlush();
        assertThat(find(ANNA, 10).state()).isEqualTo(state(ANNA, 1, 4));
        TestRedis.commands().scriptFlush();
        store(10, 20, state(ANNA, 2, 14));
        TestRedis.commands().scriptFlush();
        fill(state(BERT, 1, 3), lease(BERT, 20));

        assertThat(find(ANNA, 20).state()).isEqualTo(state(ANNA, 2, 14));
        assertThat(find(BERT, 20).state()).isEqualTo(state(BERT, 1, 3));
    }

    @Test
    void afterAFlushNothingIsFoundUntilItIsWrittenAgain() {
        store(0, 10, state(ANNA, 1, 4));
        TestRedis.commands().flushall();
        assertThat(find(ANNA, 10).state()).isNull();
        store(10, 20, state(BERT, 1, 15));

        assertThat(TestRedis.mark(partition)).isEqualTo("10-20");
        assertThat(find(ANNA, 20).state()).isNull();
        assertThat(find(BERT, 20).state()).isEqualTo(state(BERT, 1, 15));
    }

    @Test
    void aRedisThatTakesNoWritesStillGivesWhatItHas() {
        store(0, 10, state(ANNA, 1, 4));
        TestRedis.commands().configSet("maxmemory-policy", "noeviction");
        TestRedis.commands().configSet("maxmemory", "1");
        try {
            assertThat(find(ANNA, 10).state()).isEqualTo(state(ANNA, 1, 4));
            assertThat(find(BERT, 10)).isEqualTo(Found.NOTHING);
            StepVerifier.create(FAR.store(partition, 10, 20, List.of(state(ANNA, 2, 15))))
                    .verifyError(UnavailableException.class);
        } finally {
            TestRedis.commands().configSet("maxmemory", "256mb");
            TestRedis.commands().configSet("maxmemory-policy", "allkeys-lru");
        }
        assertThat(find(ANNA, 20).state()).isNull();
        store(20, 30, state(BERT, 1, 25));
        assertThat(find(ANNA, 30).state()).isNull();
    }

    @Test
    void afterItIsClosedCallsFail() {
        FarCache closed = FarCache.redis(TestRedis.url(), SETTINGS);
        closed.find(ANNA, partition, 0).block();
        StepVerifier.create(closed.close()).verifyComplete();

        StepVerifier.create(closed.find(ANNA, partition, 0))
                .verifyErrorSatisfies(e -> assertThat(e)
                        .isInstanceOfSatisfying(
                                UnavailableException.class,
                                u -> assertThat(u.code()).isEqualTo("cache-unavailable")));
    }
}
