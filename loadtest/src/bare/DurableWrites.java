import java.io.ByteArrayOutputStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.stream.IntStream;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.ConsumerRecords;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.postgresql.PGConnection;
import org.postgresql.copy.CopyManager;

/**
 * Events a second that a gateway resolves and stores, beside a bare consumer that only copies the same bytes into a table like the
 * journal, with its indexes, in the same PostgreSQL. Both get the same events by a producer in this process, in turns. Arguments:
 * Kafka's address, {@code jdbc:postgresql:...}, the pid of the gateway, events of a round, rounds, and topics of events of the gateway. In
 * place of a topic there may be the gateway's address and a type, {@code http://host:port/type}: then the gateway gets its events over
 * HTTP, as one NDJSON body.
 * Prints a line per round: events a second, and microseconds of CPU per event of the gateway, of the bare consumer with its driver, and
 * of PostgreSQL's processes.
 */
public class DurableWrites {

    private static final int KEYS = 20_000;

    private static final String COLUMNS = "topic, partition, source_offset, log_time, tenant, type, id, resolution, incarnation, version,"
            + " document, delta, clock, change, writer, event_id, event_type, event_time, content";

    private final Map<String, Object> kafka;
    private final Connection connection;
    private final String jdbc;
    private final long gateway;
    private final Random random = new Random(1);

    private DurableWrites(String kafka, String jdbc, long gateway) throws Exception {
        this.kafka = Map.of("bootstrap.servers", kafka);
        this.jdbc = jdbc;
        this.connection = DriverManager.getConnection(jdbc);
        this.gateway = gateway;
    }

    public static void main(String[] args) throws Exception {
        DurableWrites writes = new DurableWrites(args[0], args[1], Long.parseLong(args[2]));
        int events = Integer.parseInt(args[3]);
        for (int round = 0; round < Integer.parseInt(args[4]); round++) {
            for (int i = 5; i < args.length; i++) {
                writes.compare(args[i], events);
            }
        }
        System.exit(0);
    }

    private void compare(String target, int events) throws Exception {
        URI over = target.startsWith("http:") ? URI.create(target) : null;
        String topic = over == null ? target : over.getPath().substring(1) + "-events";
        int partitions;
        String bare = "bare-" + topic + "-" + System.nanoTime();
        try (Admin admin = Admin.create(kafka)) {
            partitions = admin.describeTopics(List.of(topic)).allTopicNames().get().get(topic).partitions().size();
            admin.createTopics(List.of(new NewTopic(bare, partitions, (short) 1))).all().get();
        }
        double[] ours = resolved(topic, over, events);
        double[] theirs = copied(bare, partitions, events);
        System.out.printf(
                "%s, %d partitions: Sluice %.0f/s (%.0f us of the gateway, %.0f of PostgreSQL), bare COPY %.0f/s (%.0f us, %.0f of PostgreSQL), ratio %.2f%n",
                target, partitions, ours[0], ours[1], ours[2], theirs[0], theirs[1], theirs[2], ours[0] / theirs[0]);
    }

    private double[] resolved(String topic, URI over, int events) throws Exception {
        long before = stored(topic);
        byte[] lines = over == null ? null : lines(over.getPath().substring(1), events);
        double cpu = cpu(gateway);
        double database = database();
        long begin = System.nanoTime();
        if (over == null) {
            produce(topic, events).join();
        } else {
            upload(over.resolve("/v1/events"), lines);
        }
        while (stored(topic) < before + events) {
            Thread.sleep(10);
        }
        double seconds = (System.nanoTime() - begin) / 1e9;
        return new double[] {events / seconds, (cpu(gateway) - cpu) / events * 1e6, (database() - database) / events * 1e6};
    }

    /** The same changes as CloudEvents, one a line. */
    private byte[] lines(String type, int events) {
        StringBuilder lines = new StringBuilder();
        long run = System.nanoTime();
        for (int i = 0; i < events; i++) {
            lines.append("{\"specversion\":\"1.0\",\"id\":\"").append(run).append('-').append(i)
                    .append("\",\"source\":\"/bare\",\"type\":\"changed\",\"subject\":\"").append(type).append("/k").append(random.nextInt(KEYS))
                    .append("\",\"data\":").append(value()).append("}\n");
        }
        return lines.toString().getBytes(StandardCharsets.UTF_8);
    }

    private static void upload(URI uri, byte[] lines) throws Exception {
        HttpResponse<String> answer = HttpClient.newHttpClient()
                .send(
                        HttpRequest.newBuilder(uri)
                                .header("Content-Type", "application/x-ndjson")
                                .header("Prefer", "return=minimal")
                                .POST(HttpRequest.BodyPublishers.ofByteArray(lines))
                                .build(),
                        HttpResponse.BodyHandlers.ofString());
        if (answer.statusCode() / 100 != 2) {
            throw new IllegalStateException(answer.statusCode() + " " + answer.body());
        }
    }

    private long stored(String topic) throws Exception {
        try (var statement = connection.prepareStatement("select coalesce(sum(next_offset), 0) from progress where topic = ?")) {
            statement.setString(1, topic);
            ResultSet row = statement.executeQuery();
            row.next();
            return row.getLong(1);
        }
    }

    private CompletableFuture<Void> produce(String topic, int events) {
        return CompletableFuture.runAsync(() -> {
            Map<String, Object> all = new java.util.HashMap<>(kafka);
            all.put("linger.ms", 5);
            all.put("batch.size", 64 << 10);
            try (var producer = new KafkaProducer<>(all, new ByteArraySerializer(), new ByteArraySerializer())) {
                for (int i = 0; i < events; i++) {
                    byte[] key = ("k" + random.nextInt(KEYS)).getBytes(StandardCharsets.UTF_8);
                    producer.send(new ProducerRecord<>(topic, key, value().getBytes(StandardCharsets.UTF_8)));
                }
            }
        });
    }

    /** A fifth of the fields of a document of about 200 bytes. */
    private String value() {
        StringBuilder json = new StringBuilder("{");
        json.append("\"field").append(random.nextInt(5)).append("\":\"");
        IntStream.range(0, 24).forEach(i -> json.append((char) ('a' + random.nextInt(26))));
        return json.append("\",\"at\":").append(random.nextInt(1_000_000)).append('}').toString();
    }

    private double[] copied(String topic, int partitions, int events) throws Exception {
        double database = database();
        long begin = System.nanoTime();
        CompletableFuture<Void> producing = produce(topic, events);
        double before = thread();
        try (Connection own = DriverManager.getConnection(jdbc);
                KafkaConsumer<byte[], byte[]> consumer = new KafkaConsumer<>(kafka, new ByteArrayDeserializer(), new ByteArrayDeserializer())) {
            own.createStatement().execute("create table if not exists bare_journal (like journal including defaults)");
            for (String index : List.of(
                    "unique index if not exists bare_position on bare_journal (topic, partition, source_offset)",
                    "index if not exists bare_of_context on bare_journal (tenant, type, id, source_offset)",
                    "index if not exists bare_of_versions on bare_journal (tenant, type, id, incarnation, version) where resolution in ('applied', 'merged')")) {
                own.createStatement().execute("create " + index);
            }
            own.setAutoCommit(false);
            CopyManager copy = own.unwrap(PGConnection.class).getCopyAPI();
            List<TopicPartition> all = IntStream.range(0, partitions).mapToObj(i -> new TopicPartition(topic, i)).toList();
            consumer.assign(all);
            consumer.seekToBeginning(all);
            int done = 0;
            while (done < events) {
                ConsumerRecords<byte[], byte[]> records = consumer.poll(Duration.ofSeconds(1));
                if (!records.isEmpty()) {
                    copy.copyIn("copy bare_journal (" + COLUMNS + ") from stdin", new java.io.ByteArrayInputStream(rows(records)));
                    own.commit();
                    done += records.count();
                }
            }
            double seconds = (System.nanoTime() - begin) / 1e9;
            // While its process is there.
            double spent = database() - database;
            producing.join();
            return new double[] {events / seconds, (thread() - before) / events * 1e6, spent / events * 1e6};
        }
    }

    /** As many bytes as the journal has of such an event. */
    private static byte[] rows(ConsumerRecords<byte[], byte[]> records) {
        ByteArrayOutputStream rows = new ByteArrayOutputStream();
        StringBuilder row = new StringBuilder();
        for (ConsumerRecord<byte[], byte[]> record : records) {
            String value = new String(record.value(), StandardCharsets.UTF_8);
            String time = java.time.Instant.ofEpochMilli(record.timestamp()).toString();
            row.setLength(0);
            row.append(record.topic()).append('\t').append(record.partition()).append('\t').append(record.offset()).append('\t').append(time)
                    .append("\tdefault\tbare\t").append(new String(record.key(), StandardCharsets.UTF_8)).append("\tapplied\t1\t").append(record.offset())
                    .append('\t');
            for (int i = 0; i < 4; i++) {
                row.append(value);
            }
            row.append('\t').append(value).append("\t*sluice.").append(record.topic()).append('.').append(record.partition()).append('=').append(record.offset())
                    .append("\tpatch\tkafka\t").append(record.topic()).append('/').append(record.partition()).append('/').append(record.offset())
                    .append("\tio.sluice.bare.changed\t").append(time).append("\t0123456789abcdef0123456789abcdef\n");
            rows.writeBytes(row.toString().getBytes(StandardCharsets.UTF_8));
        }
        return rows.toByteArray();
    }

    private static double thread() {
        return java.lang.management.ManagementFactory.getThreadMXBean().getCurrentThreadCpuTime() / 1e9;
    }

    /** Of all processes of the PostgreSQL that is connected to. */
    private double database() throws Exception {
        try (var statement = connection.createStatement();
                ResultSet row = statement.executeQuery("select pg_backend_pid()")) {
            row.next();
            ProcessHandle first = ProcessHandle.of(row.getLong(1)).flatMap(ProcessHandle::parent).orElseThrow();
            double all = cpu(first.pid());
            for (ProcessHandle process : first.descendants().toList()) {
                all += cpu(process.pid());
            }
            return all;
        }
    }

    private static double cpu(long pid) throws Exception {
        try {
            String stat = Files.readString(Path.of("/proc/" + pid + "/stat"));
            String[] fields = stat.substring(stat.lastIndexOf(')') + 2).split(" ");
            return (Long.parseLong(fields[11]) + Long.parseLong(fields[12])) / 100.0;
        } catch (java.nio.file.NoSuchFileException e) {
            return 0;
        }
    }
}
