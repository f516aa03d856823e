package io.sluice.embedded;

import static java.util.Objects.requireNonNull;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * Which servers to start, and where they keep their data.
 *
 * @param dataDir the folder that keeps data, logs and the chosen ports; created if it does not exist
 * @param kafkaPort the port of Kafka; 0 = a free one, which this data folder then keeps over restarts
 */
public record PartsSettings(Path dataDir, int kafkaPort, boolean kafka, boolean postgres, boolean redis) {
    static final String DATA_DIR = "sluice.embedded.data-dir";
    static final String KAFKA_PORT = "sluice.embedded.kafka-port";
    static final String PARTS = "sluice.embedded.parts";

    public PartsSettings {
        requireNonNull(dataDir, "dataDir");
        if (kafkaPort < 0 || kafkaPort > 65_535) {
            throw new IllegalArgumentException("kafkaPort: " + kafkaPort + " (expected: 0 to 65535)");
        }
        if (!kafka && !postgres && !redis) {
            throw new IllegalArgumentException("parts: none (expected: at least one of kafka, postgres, redis)");
        }
    }

    /** These settings as {@link PartsMain} reads them. */
    List<String> toArguments() {
        return List.of(
                "--" + DATA_DIR + "=" + dataDir.toAbsolutePath(),
                "--" + KAFKA_PORT + "=" + kafkaPort,
                "--" + PARTS + "=" + String.join(",", parts()));
    }

    List<String> parts() {
        List<String> parts = new ArrayList<>();
        if (kafka) {
            parts.add("kafka");
        }
        if (postgres) {
            parts.add("postgres");
        }
        if (redis) {
            parts.add("redis");
        }
        return parts;
    }
}
