package io.sluice.backpressure;

import static org.assertj.core.api.Assertions.assertThat;

import io.sluice.resolver.ContextKey;
import io.sluice.resolver.RecentIdentities;
import io.sluice.resolver.Registers;
import io.sluice.resolver.Remembered;
import io.sluice.resolver.Revision;
import java.util.List;
import java.util.Set;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class WorkingSetTest {

    private static ContextKey key(int number) {
        return Fixtures.key(Fixtures.CUSTOMER, "k" + number);
    }

    private static final List<ContextKey> KEYS =
            IntStream.range(0, 1_000).mapToObj(WorkingSetTest::key).toList();

    private static Remembered remembered(ContextKey key) {
        return new Remembered(
                Fixtures.state(key, Revision.FIRST, Fixtures.position(0), "{\"a\":1}"),
                Registers.NONE,
                RecentIdentities.NONE);
    }

    private static long kept(WorkingSet set) {
        return KEYS.size() - set.missing(KEYS).size();
    }

    @Test
    void itIsBoundedAndForgetsWhatWasUsedLeastRecently() {
        WorkingSet set = new WorkingSet(10_000);
        KEYS.forEach(key -> {
            set.get(KEYS.getFirst());
            set.put(key, remembered(key));
        });

        assertThat(kept(set)).isBetween(5L, 30L);
        assertThat(set.missing(List.of(KEYS.getFirst(), KEYS.getLast()))).isEmpty();
        assertThat(set.missing(List.of(KEYS.get(500)))).hasSize(1);
    }

    @Test
    void whatIsPinnedStaysBeyondTheBoundUntilItIsReleasedAsOften() {
        WorkingSet set = new WorkingSet(10_000);
        Set<ContextKey> pinned = Set.copyOf(KEYS.subList(0, 200));
        set.pin(pinned);
        set.pin(pinned);
        KEYS.forEach(key -> set.put(key, remembered(key)));
        assertThat(set.missing(pinned)).isEmpty();

        set.release(pinned);
        assertThat(set.missing(pinned)).isEmpty();
        set.release(pinned);
        assertThat(kept(set)).isLessThanOrEqualTo(30);
    }

    @Test
    void whatIsPinnedBeforeItIsLoadedStays() {
        WorkingSet set = new WorkingSet(1);
        set.pin(Set.of(KEYS.get(1)));
        set.put(KEYS.get(1), remembered(KEYS.get(1)));
        set.put(KEYS.get(2), remembered(KEYS.get(2)));

        assertThat(set.missing(KEYS.subList(1, 3))).containsExactly(KEYS.get(2));
        assertThat(set.get(KEYS.get(1))).isEqualTo(remembered(KEYS.get(1)));
    }

    @Test
    void whatIsReplacedIsCountedOnce() {
        WorkingSet set = new WorkingSet(5_000);
        KEYS.subList(0, 3).forEach(key -> set.put(key, remembered(key)));
        for (int i = 0; i < 10_000; i++) {
            set.put(KEYS.getFirst(), remembered(KEYS.getFirst()));
        }

        assertThat(set.missing(KEYS.subList(0, 3))).isEmpty();
    }

    @Test
    void whatWasNeverWrittenIsRememberedToo() {
        WorkingSet set = new WorkingSet(5_000);
        set.put(KEYS.getFirst(), Remembered.NOTHING);

        assertThat(set.missing(KEYS.subList(0, 2))).containsExactly(KEYS.get(1));
        assertThat(set.get(KEYS.get(1))).isEqualTo(Remembered.NOTHING);
    }
}
