package io.sluice.cache;

import static io.sluice.cache.States.key;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.sluice.cache.RedisContents.Held;
import io.sluice.cache.RedisContents.Mark;
import io.sluice.resolver.ContextKey;
import io.sluice.resolver.ContextState;
import io.sluice.resolver.MalformedException;
import io.sluice.resolver.Partition;
import io.sluice.resolver.UnavailableException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class RedisContentsTest {

    private static final ContextKey ANNA = key("anna");
    private static final ContextKey BERT = key("bert");
    private static final Duration PATIENCE = Duration.ofSeconds(5);

    private final FarCache far = FarCache.redis(
            TestRedis.url(), new FarSettings(PATIENCE, PATIENCE, Duration.ofMinutes(5), Duration.ofMillis(100)));
    private final RedisContents contents =
            new RedisContents(TestRedis.url(), FarAccess.asInUrl(), Duration.ofMinutes(5));
    private final Partition partition = TestRedis.partition();

    @AfterEach
    void close() {
        contents.close();
        far.close().block();
    }

    private ContextState state(ContextKey key, long version, long offset) {
        return States.state(key, partition, version, offset);
    }

    private List<Held> held() {
        List<Held> all = new ArrayList<>();
        contents.forEach(partition, all::addAll);
        return all;
    }

    @Test
    void whatIsThereIsToldWithWhoMayUseIt() {
        assertThat(contents.mark(partition)).isNull();
        far.store(partition, 0, 10, List.of(state(ANNA, 1, 4))).block();
        far.find(BERT, partition, 3).block(); // leaves a lease
        assertThat(contents.mark(partition)).isEqualTo(new Mark(0, 10));
        assertThat(held()).singleElement().satisfies(one -> {
            assertThat(one.state()).isEqualTo(state(ANNA, 1, 4));
            assertThat(one.asOf()).isEqualTo(10);
            assertThat(one.isUsable(new Mark(0, 10))).isTrue();
            assertThat(one.isUsable(new Mark(11, 12))).isFalse();
            assertThat(one.isUsable(null)).isFalse();
            assertThat(contents.at(partition, one.key())).isEqualTo(one);
        });
        TestRedis.commands().set(new String(Entry.key(partition, ANNA), UTF_8), Entry.encode(state(BERT, 1, 4), 10));
        assertThat(held())
                .singleElement()
                .satisfies(one -> assertThat(one.state()).isNull());
    }

    @Test
    void whatIsDroppedIsGoneWithItsLeasesAndNothingElseIs() {
        Partition other = TestRedis.partition();
        far.store(other, 0, 1, List.of(States.state(ANNA, other, 1, 0))).block();
        far.store(partition, 0, 700, states(600, 1)).block();
        Found.Lease lease = far.find(BERT, partition, 3).block().lease();
        contents.drop(partition);
        assertThat(held()).isEmpty();
        assertThat(contents.mark(partition)).isNull();
        assertThat(contents.mark(other)).isEqualTo(new Mark(0, 1));
        far.fill(state(BERT, 1, 2), partition, lease).block();
        assertThat(held()).isEmpty();
    }

    private List<ContextState> states(int count, long version) {
        return IntStream.range(0, count)
                .mapToObj(i -> state(key("k" + i), version, i))
                .toList();
    }

    @Test
    void whatIsFilledInIsFoundByWhoHasSeenAllThatIsInIt() {
        contents.fill(partition, 700, List.of(states(200, 1), List.of(state(ANNA, 3, 650))));
        assertThat(contents.mark(partition)).isEqualTo(new Mark(700, 700));
        assertThat(held()).hasSize(201);
        assertThat(far.find(ANNA, partition, 700).block().state()).isEqualTo(state(ANNA, 3, 650));
        assertThat(far.find(ANNA, partition, 701).block().state()).isNull();
        far.store(partition, 700, 701, List.of(state(BERT, 1, 700))).block();
        assertThat(far.find(ANNA, partition, 701).block().state()).isEqualTo(state(ANNA, 3, 650));
    }

    @Test
    void whereTheOwnerHasGoneOnNothingIsFilledIn() {
        far.store(partition, 700, 710, List.of(state(ANNA, 4, 705))).block();
        TestRedis.commands().del(new String(Entry.key(partition, ANNA), UTF_8));
        contents.fill(partition, 700, List.of(List.of(state(ANNA, 3, 650))));
        assertThat(held()).as("an entry from before what Redis has dropped").isEmpty();
        assertThat(contents.mark(partition)).isEqualTo(new Mark(700, 710));
    }

    @Test
    void aMarkThatNobodyWroteIsNamed() {
        TestRedis.commands().hset(new String(Entry.markKey(partition), UTF_8), "from", "0".getBytes(UTF_8));
        TestRedis.commands().hset(new String(Entry.markKey(partition), UTF_8), "to", "x".getBytes(UTF_8));
        assertThatThrownBy(() -> contents.mark(partition))
                .isInstanceOf(MalformedException.class)
                .hasMessageStartingWith("\"x\" in Redis at sluice:{");
    }

    @Test
    void aRedisThatIsAwayIsSaid() {
        assertThatThrownBy(() -> new RedisContents("redis://127.0.0.1:1", FarAccess.asInUrl(), PATIENCE))
                .isInstanceOf(UnavailableException.class)
                .hasMessageStartingWith("Redis does not answer");
    }
}
