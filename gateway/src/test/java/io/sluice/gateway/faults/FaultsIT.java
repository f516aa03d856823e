package io.sluice.gateway.faults;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

/**
 * A short run by default. {@code -Dsluice.faults.seed=} says what is done, {@code -Dsluice.faults.minutes=} how long: {@code
 * ./sluice faults} sets both.
 */
class FaultsIT {

    private final long seed =
            Long.getLong("sluice.faults.seed", Long.getLong("sluice.test.seed", System.nanoTime()) & Integer.MAX_VALUE);
    private final double minutes = Double.parseDouble(System.getProperty("sluice.faults.minutes", "1.3"));

    @Test
    void whateverFailsNothingIsLostDoubledOrDifferent() {
        System.out.println("faults: -Dsluice.faults.seed=" + seed + " -Dsluice.faults.minutes=" + minutes);
        List<String> report = new FaultRun(
                        seed, Duration.ofMillis((long) (minutes * 60_000)), Path.of("target", "faults", "seed-" + seed))
                .run();
        report.forEach(System.out::println);
        assertThat(report).last().asString().endsWith(": 0 anomalies");
    }
}
