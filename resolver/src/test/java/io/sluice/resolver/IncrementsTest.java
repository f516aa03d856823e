package io.sluice.resolver;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.math.BigDecimal;
import java.time.Instant;
import org.junit.jupiter.api.Test;

class IncrementsTest {

    private static final Instant NOW = Instant.parse("2026-01-31T12:00:00Z");

    private static Stamp stamp(String writer, long counter, VersionVector clock) {
        Identity identity = new Identity(writer, writer + counter);
        return new Stamp(writer, counter, identity, NOW, NOW, clock, null);
    }

    private static Increments additions(int ofEach) {
        Increments increments = Increments.NONE;
        for (int i = 1; i <= ofEach; i++) {
            for (String writer : new String[] {"a", "b"}) {
                Stamp stamp = stamp(writer, i, VersionVector.EMPTY.with(writer, i));
                increments = increments.with(Increment.of(stamp, BigDecimal.valueOf(i)));
            }
        }
        return increments;
    }

    @Test
    void allCountHoweverManyAreToldApart() {
        Increments increments = additions(2_000);
        assertThat(increments.sum()).isEqualByComparingTo("4002000");
        assertThat(increments.all()).hasSizeBetween(Increments.MAX_COUNT / 2, Increments.MAX_COUNT);
        assertThat(Increments.of(increments.all())).isEqualTo(increments);
        assertThat(Increments.of(increments.all()).sum()).isEqualByComparingTo(increments.sum());
    }

    @Test
    void whoHasSeenAllLeavesNoneAndWhoHasSeenTheNewestButOneLeavesThat() {
        Increments increments = additions(2_000);
        VersionVector all = VersionVector.EMPTY.with("a", 2_000).with("b", 2_000);
        assertThat(increments.unseenBy(stamp("c", 1, all)).isEmpty()).isTrue();
        VersionVector most = VersionVector.EMPTY.with("a", 2_000).with("b", 1_990);
        assertThat(increments.unseenBy(stamp("c", 1, most)).all())
                .hasSize(10)
                .allMatch(left -> left.writer().equals("b") && left.from() > 1_990);
    }

    @Test
    void whoHasSeenAPartOfWhatWasTakenTogetherIsTooLate() {
        Increments increments = additions(2_000);
        VersionVector few = VersionVector.EMPTY.with("a", 1).with("b", 2_000);
        assertThatThrownBy(() -> increments.unseenBy(stamp("c", 1, few)))
                .isInstanceOf(Refusal.class)
                .hasMessageContaining("no longer told apart");
    }

    @Test
    void anAdditionThatComesLateGoesToItsRange() {
        Increments increments = Increments.NONE;
        for (int i = 1; i <= 1_000; i++) {
            Stamp stamp = stamp("a", 2 * i, VersionVector.EMPTY.with("a", 2 * i));
            increments = increments.with(Increment.of(stamp, BigDecimal.ONE));
        }
        int before = increments.all().size();
        Increments after =
                increments.with(Increment.of(stamp("a", 3, VersionVector.EMPTY.with("a", 3)), BigDecimal.TEN));
        assertThat(after.all()).hasSize(before);
        assertThat(after.sum()).isEqualByComparingTo("1010");
    }
}
