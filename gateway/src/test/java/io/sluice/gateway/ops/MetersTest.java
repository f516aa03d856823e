package io.sluice.gateway.ops;

import static org.assertj.core.api.Assertions.assertThat;

import io.micrometer.core.instrument.Timer;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.sluice.backpressure.Lane;
import io.sluice.backpressure.PipelineEvents.Leg;
import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class MetersTest {

    /** Or the lane of a record that says that it is of the year 1 would begin anew for ever. */
    @Test
    void howOldARecordSaysItIsFailsNothing() {
        SimpleMeterRegistry registry = new SimpleMeterRegistry();
        Meters meters = new Meters(registry);
        meters.took(Leg.READ, Lane.STANDARD, Duration.between(Instant.parse("0001-01-01T00:00:00Z"), Instant.EPOCH));
        meters.took(Leg.READ, Lane.STANDARD, Duration.between(Instant.parse("9999-12-31T23:59:59Z"), Instant.EPOCH));

        Timer timer = registry.get("sluice.leg").timer();
        assertThat(timer.count()).isEqualTo(2);
        assertThat(timer.max(TimeUnit.DAYS)).isGreaterThan(292 * 365);
    }
}
