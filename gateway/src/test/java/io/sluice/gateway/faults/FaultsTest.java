package io.sluice.gateway.faults;

import static org.assertj.core.api.Assertions.assertThat;

import io.sluice.gateway.faults.Faults.Fault;
import io.sluice.gateway.faults.Faults.Kind;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** What is going to fail. */
class FaultsTest {

    private static final int EACH = Kind.values().length;

    private static List<Fault> rounds(long seed, int rounds) {
        return Faults.sequence(new Random(seed)).limit((long) rounds * EACH).toList();
    }

    @Test
    void aSeedSaysAllOfIt() {
        assertThat(rounds(1, 3)).isEqualTo(rounds(1, 3)).isNotEqualTo(rounds(2, 3));
    }

    @Test
    void eachRoundHasEverythingOnce() {
        List<Fault> faults = rounds(1, 5);
        for (int round = 0; round < 5; round++) {
            assertThat(faults.subList(round * EACH, (round + 1) * EACH).stream().map(Fault::kind))
                    .containsExactlyInAnyOrder(Kind.values());
        }
    }
}
