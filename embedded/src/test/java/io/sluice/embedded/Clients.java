package io.sluice.embedded;

import static java.util.Objects.requireNonNull;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.Socket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.apache.kafka.common.serialization.StringSerializer;

/** Uses the servers the way their clients do. */
record Clients(Endpoints endpoints) {
    private static final String TOPIC = "letters";

    void createTopic() throws Exception {
        try (Admin admin = Admin.create(kafka())) {
            admin.createTopics(List.of(new NewTopic(TOPIC, 1, (short) 1))).all().get();
        }
    }

    void produce(String value) throws Exception {
        try (var producer = new KafkaProducer<>(kafka(), new StringSerializer(), new StringSerializer())) {
            producer.send(new ProducerRecord<>(TOPIC, value)).get();
        }
    }

    /** The first records of the topic, at least this many. */
    List<String> consume(int count) {
        try (var consumer = new KafkaConsumer<>(kafka(), new StringDeserializer(), new StringDeserializer())) {
            TopicPartition partition = new TopicPartition(TOPIC, 0);
            consumer.assign(List.of(partition));
            consumer.seekToBeginning(List.of(partition));
            List<String> values = new ArrayList<>();
            long start = System.nanoTime();
            while (values.size() < count
                    && System.nanoTime() - start < Duration.ofSeconds(20).toNanos()) {
                consumer.poll(Duration.ofMillis(100)).forEach(record -> values.add(record.value()));
            }
            return values;
        }
    }

    private Map<String, Object> kafka() {
        return Map.of("bootstrap.servers", requireNonNull(endpoints.kafka()));
    }

    /** The first column of the first row, or an empty text. */
    String sql(String statement) throws SQLException {
        URI uri = URI.create(requireNonNull(endpoints.postgres()));
        String[] user = uri.getUserInfo().split(":", 2);
        String url = "jdbc:postgresql://" + uri.getHost() + ":" + uri.getPort() + uri.getPath();
        try (Connection connection = DriverManager.getConnection(url, user[0], user[1]);
                var run = connection.createStatement()) {
            if (!run.execute(statement)) {
                return "";
            }
            var rows = run.getResultSet();
            return rows.next() ? rows.getString(1) : "";
        }
    }

    /** The first line of the answer. */
    String redis(String command) throws IOException {
        URI uri = URI.create(requireNonNull(endpoints.redis()));
        try (Socket socket = new Socket(uri.getHost(), uri.getPort())) {
            socket.getOutputStream().write((command + "\r\n").getBytes(StandardCharsets.UTF_8));
            return new BufferedReader(new InputStreamReader(socket.getInputStream(), StandardCharsets.UTF_8))
                    .readLine();
        }
    }
}
