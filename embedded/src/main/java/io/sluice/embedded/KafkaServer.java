package io.sluice.embedded;

import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Properties;
import kafka.server.KafkaConfig;
import kafka.server.KafkaRaftServer;
import kafka.tools.StorageTool;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.utils.Time;
import org.jspecify.annotations.Nullable;

/** Kafka, in this very JVM. What {@code kafka/broker.properties} in the data folder says is set over what is usual. */
final class KafkaServer implements Server {
    private final DataFolder folder;
    private final Ports ports;
    private final int wantedPort;
    private @Nullable KafkaRaftServer server;

    /** With 0 for a port that the folder keeps. */
    KafkaServer(DataFolder folder, Ports ports, int wantedPort) {
        this.folder = folder;
        this.ports = ports;
        this.wantedPort = wantedPort;
    }

    @Override
    public void sweep() {
        // Kafka lives and dies with the JVM, and the locks on its files with it.
    }

    @Override
    public String start() {
        int port = wantedPort == 0 ? ports.keep("kafka") : wantedPort;
        if (Ports.taken(port)) {
            throw new PartsException("Port " + port + " for the embedded Kafka is taken by another process (set "
                    + PartsSettings.KAFKA_PORT + " to a free one, or to 0)");
        }
        try {
            Path logs = folder.file("kafka").resolve("data");
            Properties properties = KafkaConfiguration.of(logs, port, ports.keep("kafka-controller"));
            properties.putAll(WholeFile.readMap(folder.file("kafka").resolve("broker.properties")));
            if (!Files.exists(logs.resolve("meta.properties"))) {
                format(properties);
            }
            server = new KafkaRaftServer(KafkaConfig.fromProps(properties, false), Time.SYSTEM);
            server.startup();
            return "127.0.0.1:" + port;
        } catch (IOException | RuntimeException e) {
            throw new PartsException("The embedded Kafka did not start: " + Reason.of(e), e);
        }
    }

    private void format(Properties properties) throws IOException {
        Path file = folder.file("kafka").resolve("server.properties");
        Files.createDirectories(file.resolveSibling(""));
        try (var out = Files.newOutputStream(file)) {
            properties.store(out, "For the format only");
        }
        String[] words = {
            "format", "--ignore-formatted", "-t", Uuid.randomUuid().toString(), "-c", file.toString()
        };
        try (var silent = new PrintStream(OutputStream.nullOutputStream(), false, StandardCharsets.UTF_8)) {
            if (StorageTool.execute(words, silent) != 0) {
                throw new IOException("its storage could not be formatted");
            }
        }
    }

    @Override
    public void stop() {
        if (server != null) {
            server.shutdown();
            server.awaitShutdown();
            server = null;
        }
    }
}
