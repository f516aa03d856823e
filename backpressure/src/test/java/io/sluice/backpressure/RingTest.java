package io.sluice.backpressure;

import static org.assertj.core.api.Assertions.assertThat;

import io.sluice.resolver.ContextKey;
import io.sluice.resolver.Partition;
import io.sluice.resolver.Revision;
import org.junit.jupiter.api.Test;

class RingTest {

    private static final Partition PARTITION = new Partition(Fixtures.CUSTOMER.topic(), 0);
    private static final ContextKey ANNA = Fixtures.key(Fixtures.CUSTOMER, "anna");
    private static final ContextKey BERT = Fixtures.key(Fixtures.CUSTOMER, "bert");
    private static final Selection ALL = new Selection.OfType(ContextKey.DEFAULT_TENANT, "customer");

    private static Published published(ContextKey key, long offset, int bytes) {
        return new Published(
                Fixtures.update(key, new Revision(1, offset + 1), Fixtures.position(offset), "{}"),
                PARTITION,
                offset,
                bytes,
                HubEvents.NONE);
    }

    @Test
    void whatItNoLongerHasItDoesNotPretendToCover() {
        Ring ring = new Ring(new Ring.Settings(3, 1_000), 10);
        assertThat(ring.covers(9)).isFalse();
        assertThat(ring.covers(10)).isTrue();

        for (long offset = 10; offset < 20; offset += 2) {
            ring.add(published(ANNA, offset, 1));
        }

        assertThat(ring.covers(12)).isFalse();
        assertThat(ring.covers(13)).isTrue();
        assertThat(ring.page(13, ALL).updates()).extracting(Published::next).containsExactly(15L, 17L, 19L);
        assertThat(ring.page(15, ALL).updates()).extracting(Published::next).containsExactly(17L, 19L);
        assertThat(ring.page(19, ALL).updates()).isEmpty();
        assertThat(ring.covers(1_000)).isTrue();
    }

    @Test
    void itIsBoundedInBytesEvenByASingleUpdate() {
        Ring ring = new Ring(new Ring.Settings(100, 1_000), 0);
        for (long offset = 0; offset < 10; offset++) {
            ring.add(published(ANNA, offset, 300));
        }
        assertThat(ring.page(0, ALL).updates()).hasSize(3);

        ring.add(published(ANNA, 10, 1_001));
        assertThat(ring.page(0, ALL).updates()).isEmpty();
        assertThat(ring.covers(10)).isFalse();
        assertThat(ring.covers(11)).isTrue();
    }

    @Test
    void aRingOfNoSizeCoversOnlyWhatIsToCome() {
        Ring ring = new Ring(new Ring.Settings(0, 0), 5);
        ring.add(published(ANNA, 5, 1));

        assertThat(ring.covers(5)).isFalse();
        assertThat(ring.covers(6)).isTrue();
    }

    @Test
    void itGivesOnlyWhatTheSelectionCovers() {
        Ring ring = new Ring(new Ring.Settings(100, 1_000), 0);
        ring.add(published(ANNA, 0, 1));
        ring.add(published(BERT, 1, 1));

        assertThat(ring.page(0, new Selection.One(BERT)).updates())
                .extracting(Published::next)
                .containsExactly(2L);
        assertThat(ring.page(0, new Selection.OfType("other", "customer")).updates())
                .isEmpty();
        assertThat(ring.page(0, new Selection.OfType(ContextKey.DEFAULT_TENANT, "order"))
                        .updates())
                .isEmpty();
    }

    @Test
    void itGivesNoMoreAtOnceThanAPage() {
        Ring ring = new Ring(new Ring.Settings(1_000, 1 << 30), 0);
        for (long offset = 0; offset < 600; offset++) {
            ring.add(published(offset % 2 == 0 ? ANNA : BERT, offset, 1));
        }
        CatchUp.Updates first = ring.page(0, new Selection.One(ANNA));
        CatchUp.Updates second = ring.page(first.next(), new Selection.One(ANNA));

        assertThat(first.updates()).hasSize(256);
        assertThat(first.last()).isFalse();
        assertThat(second.updates()).hasSize(44);
        assertThat(second.last()).isTrue();

        ring.add(published(ANNA, 600, 1 << 20));
        ring.add(published(ANNA, 601, 1 << 20));
        assertThat(ring.page(600, ALL).updates()).hasSize(1);
    }
}
