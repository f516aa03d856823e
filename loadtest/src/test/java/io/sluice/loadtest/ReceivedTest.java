package io.sluice.loadtest;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class ReceivedTest {

    private final Received received = new Received();

    @Test
    void versionsThatRiseByOneAreAsPromised() {
        received.snapshot(1, 7);
        versions(8, 9, 10);
        assertCounts(0, 0, 0);
    }

    @Test
    void withoutASnapshotTheFirstVersionIsTheBeginning() {
        versions(5, 6);
        assertCounts(0, 0, 0);
    }

    @Test
    void whatIsSkippedIsMissing() {
        received.snapshot(1, 7);
        versions(10, 11, 14);
        assertCounts(4, 0, 0);
    }

    @Test
    void whatIsSkippedRightBehindTheSnapshotIsMissing() {
        received.snapshot(1, 7);
        versions(9);
        assertCounts(1, 0, 0);
    }

    @Test
    void whatStillComesIsOutOfOrderAndNotMissing() {
        received.snapshot(1, 7);
        versions(9, 8, 10);
        assertCounts(0, 0, 1);
    }

    @Test
    void whatComesAgainIsRepeated() {
        received.snapshot(1, 7);
        versions(8, 8, 9, 8);
        assertCounts(0, 2, 0);
    }

    @Test
    void whatTheSnapshotHadIsRepeatedAndWhatIsBelowFalls() {
        received.snapshot(1, 7);
        versions(7, 3);
        assertCounts(0, 1, 1);
    }

    @Test
    void aNewIncarnationBeginsWithOneAndAnOldOneFalls() {
        received.snapshot(1, 7);
        versions(9);
        received.update(2, 1, -1);
        received.update(2, 3, -1);
        received.update(1, 10, -1);
        assertCounts(2, 0, 1);
    }

    @Test
    void aResetBeginsAnewAndKeepsTheCounts() {
        received.snapshot(1, 7);
        versions(9);
        received.reset();
        received.snapshot(1, 20);
        versions(21, 21);
        assertCounts(1, 1, 0);
        assertThat(received.resets()).isEqualTo(1);
    }

    @Test
    void anUpdateThatMakesTwoVersionsIsRepeated() {
        assertThat(received.update(1, 1, 0)).isTrue();
        assertThat(received.update(1, 2, 0)).isFalse();
        assertThat(received.update(1, 3, 1)).isTrue();
        assertCounts(0, 1, 0);
    }

    @Test
    void anUpdateThatComesTwiceIsRepeatedOnce() {
        received.update(1, 1, 0);
        assertThat(received.update(1, 1, 0)).isFalse();
        assertCounts(0, 1, 0);
    }

    private void versions(long... versions) {
        for (long version : versions) {
            received.update(1, version, -1);
        }
    }

    private void assertCounts(long missing, long repeated, long outOfOrder) {
        assertThat(received.missing()).as("missing").isEqualTo(missing);
        assertThat(received.repeated()).as("repeated").isEqualTo(repeated);
        assertThat(received.outOfOrder()).as("out of order").isEqualTo(outOfOrder);
    }
}
