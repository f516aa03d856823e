package io.sluice.gateway.faults;

import static org.assertj.core.api.Assertions.assertThat;

import io.sluice.gateway.faults.Faults.Fault;
import io.sluice.gateway.faults.Faults.Kind;
import java.time.Duration;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** What is going to fail. */
class FaultsTest {

    private static List<Fault> schedule(long seed) {
        return Faults.schedule(new Random(seed), Duration.ofMinutes(10));
    }

    @Test
    void aSeedSaysAllOfIt() {
        assertThat(schedule(1)).isEqualTo(schedule(1)).isNotEqualTo(schedule(2));
    }

    @Test
    void eachRoundHasEverythingOnceInItsTime() {
        List<Fault> faults = schedule(1);
        assertThat(faults).hasSizeGreaterThan(2 * Kind.values().length);
        for (int round = 0; round + Kind.values().length <= faults.size(); round += Kind.values().length) {
            assertThat(faults.subList(round, round + Kind.values().length).stream()
                            .map(Fault::kind))
                    .containsExactlyInAnyOrder(Kind.values());
        }
        assertThat(faults).isSortedAccordingTo(java.util.Comparator.comparing(Fault::at));
        assertThat(faults.getLast().at()).isLessThan(Duration.ofMinutes(10));
    }
}
