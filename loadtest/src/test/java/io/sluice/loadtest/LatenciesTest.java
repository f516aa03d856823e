package io.sluice.loadtest;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.Test;

class LatenciesTest {

    private final Latencies latencies = new Latencies();

    @Test
    void noneAreZero() {
        assertThat(latencies.percentile(0.5)).isZero();
        assertThat(latencies.max()).isZero();
    }

    @Test
    void smallOnesAreExact() {
        for (int nanos = 1; nanos <= 100; nanos++) {
            latencies.add(nanos);
        }
        assertThat(latencies.percentile(0)).isEqualTo(1);
        assertThat(latencies.percentile(0.5)).isEqualTo(50);
        assertThat(latencies.percentile(0.99)).isEqualTo(99);
        assertThat(latencies.percentile(1)).isEqualTo(100);
        assertThat(latencies.total()).isEqualTo(100);
    }

    @Test
    void percentilesAreNeverTooLowAndLessThanOnePercentTooHigh() {
        Random random = new Random(7);
        long[] values = new long[10_000];
        for (int i = 0; i < values.length; i++) {
            values[i] = (long) Math.exp(random.nextDouble() * 40);
            latencies.add(values[i]);
        }
        Arrays.sort(values);
        for (double share : new double[] {0.001, 0.1, 0.5, 0.9, 0.99, 0.999, 1}) {
            long exact = values[(int) Math.ceil(share * values.length) - 1];
            assertThat(latencies.percentile(share)).isBetween(exact, exact + exact / 100);
        }
        assertThat(latencies.max()).isEqualTo(values[values.length - 1]);
    }

    @Test
    void theLongestThereIsFitsIn() {
        latencies.add(Long.MAX_VALUE);
        latencies.add(-5);
        assertThat(latencies.percentile(1)).isEqualTo(Long.MAX_VALUE);
        assertThat(latencies.percentile(0.5)).isZero();
    }
}
