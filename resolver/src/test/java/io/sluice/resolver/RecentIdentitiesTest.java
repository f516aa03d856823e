package io.sluice.resolver;

import static org.assertj.core.api.Assertions.assertThat;

import io.sluice.resolver.RecentIdentities.Seen;
import java.time.Duration;
import java.time.Instant;
import org.junit.jupiter.api.Test;

class RecentIdentitiesTest {

    private static Fingerprint print(int number) {
        return new Fingerprint(7, number);
    }

    private static Seen seen(int number, Instant time) {
        return new Seen(print(number), print(-number), null, time, new Revision(1, number + 1));
    }

    @Test
    void theLast256AreKnownAndTheOldestGoesFirst() {
        RecentIdentities recent = RecentIdentities.NONE;
        for (int i = 0; i < 300; i++) {
            recent = recent.with(seen(i, States.START));
            assertThat(recent.seen()).hasSize(Math.min(i + 1, 256));
            assertThat(recent.find(print(i), States.START)).isEqualTo(seen(i, States.START));
        }
        assertThat(recent.find(print(43), States.START)).isNull();
        assertThat(recent.find(print(44), States.START)).isEqualTo(seen(44, States.START));
    }

    @Test
    void eachIsKnownFor24HoursOfLogTime() {
        RecentIdentities recent = RecentIdentities.NONE.with(seen(1, States.START));

        assertThat(recent.find(print(1), States.START.plus(Duration.ofHours(24))))
                .isNotNull();
        assertThat(recent.find(print(1), States.START.plus(Duration.ofHours(24)).plusNanos(1)))
                .isNull();
        assertThat(recent.find(print(1), States.START.minusSeconds(5))).isNotNull();
    }

    @Test
    void whatWasThereIsNotChanged() {
        RecentIdentities one = RecentIdentities.NONE.with(seen(1, States.START));
        one.with(seen(2, States.START));

        assertThat(one.seen()).hasSize(1);
        assertThat(RecentIdentities.NONE.seen()).isEmpty();
    }
}
