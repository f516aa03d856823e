package io.sluice.backpressure;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import org.apache.kafka.clients.producer.internals.BuiltInPartitioner;
import org.junit.jupiter.api.Test;

class KeyHashTest {

    @Test
    void itAgreesWithKafkasOwnProducer() throws Exception {
        Seeds.repeat(20_000, random -> {
            byte[] key = new byte[random.nextInt(80)];
            random.nextBytes(key);
            int partitions = 1 + random.nextInt(64);
            assertThat(KeyHash.partition(key, partitions))
                    .isEqualTo(BuiltInPartitioner.partitionForKey(key, partitions));
        });
    }

    @Test
    void itAgreesForTextOfEveryLength() {
        for (int length = 0; length <= 256; length++) {
            byte[] key = "ä€😀-customer-67890".repeat(16).substring(0, length).getBytes(StandardCharsets.UTF_8);
            assertThat(KeyHash.partition(key, 1_000_003)).isEqualTo(BuiltInPartitioner.partitionForKey(key, 1_000_003));
        }
    }
}
