import java.nio.ByteBuffer;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;

/**
 * The least that a durable update can take: produce, consume, one commit in PostgreSQL, produce, consume; no HTTP, no document, no
 * rules. Arguments: Kafka's address, {@code jdbc:postgresql:...}, updates a second, seconds. Prints p50 and p99 in milliseconds, of
 * the second half of the time.
 */
public class BareChain {

    public static void main(String[] args) throws Exception {
        Map<String, Object> kafka = Map.of("bootstrap.servers", args[0]);
        int rate = Integer.parseInt(args[2]);
        int count = rate * Integer.parseInt(args[3]);
        String in = "bare-in-" + System.nanoTime();
        String out = "bare-out-" + System.nanoTime();
        try (Admin admin = Admin.create(kafka)) {
            admin.createTopics(List.of(new NewTopic(in, 1, (short) 1), new NewTopic(out, 1, (short) 1))).all().get();
        }
        long[] latencies = new long[count];
        CountDownLatch done = new CountDownLatch(count);
        Thread store = Thread.ofPlatform().daemon().start(() -> store(kafka, args[1], in, out));
        Thread receive = Thread.ofPlatform().daemon().start(() -> receive(kafka, out, latencies, done));
        try (KafkaProducer<byte[], byte[]> producer = producer(kafka)) {
            Thread.sleep(3_000); // both consumers are there by then; what they are not, counts
            long begin = System.nanoTime();
            for (int i = 0; i < count; i++) {
                long due = begin + i * 1_000_000_000L / rate;
                while (System.nanoTime() < due) {
                    Thread.sleep(Duration.ofNanos(Math.max(0, due - System.nanoTime())));
                }
                byte[] value = ByteBuffer.allocate(600).putInt(i).putLong(due).array();
                producer.send(new ProducerRecord<>(in, null, value));
            }
            done.await();
        }
        long[] later = Arrays.copyOfRange(latencies, count / 2, count);
        Arrays.sort(later);
        System.out.printf("p50 %.2f ms, p99 %.2f ms, of %d%n", later[later.length / 2] / 1e6, later[later.length * 99 / 100] / 1e6, later.length);
        System.exit(store.isAlive() && receive.isAlive() ? 0 : 1);
    }

    private static KafkaProducer<byte[], byte[]> producer(Map<String, Object> kafka) {
        return new KafkaProducer<>(kafka, new ByteArraySerializer(), new ByteArraySerializer());
    }

    private static KafkaConsumer<byte[], byte[]> consumer(Map<String, Object> kafka, String topic) {
        KafkaConsumer<byte[], byte[]> consumer =
                new KafkaConsumer<>(kafka, new ByteArrayDeserializer(), new ByteArrayDeserializer());
        TopicPartition partition = new TopicPartition(topic, 0);
        consumer.assign(List.of(partition));
        consumer.seekToBeginning(List.of(partition));
        return consumer;
    }

    private static void store(Map<String, Object> kafka, String jdbc, String in, String out) {
        try (KafkaConsumer<byte[], byte[]> consumer = consumer(kafka, in);
                KafkaProducer<byte[], byte[]> producer = producer(kafka);
                Connection connection = DriverManager.getConnection(jdbc)) {
            connection.createStatement().execute("create table if not exists bare (topic text, place bigint, value bytea, primary key (topic, place))");
            PreparedStatement insert = connection.prepareStatement("insert into bare values (?, ?, ?)");
            while (true) {
                var records = consumer.poll(Duration.ofSeconds(1));
                if (records.isEmpty()) {
                    continue;
                }
                connection.setAutoCommit(false);
                for (ConsumerRecord<byte[], byte[]> record : records) {
                    insert.setString(1, in);
                    insert.setLong(2, record.offset());
                    insert.setBytes(3, record.value());
                    insert.addBatch();
                }
                insert.executeBatch();
                connection.commit();
                for (ConsumerRecord<byte[], byte[]> record : records) {
                    producer.send(new ProducerRecord<>(out, null, record.value()));
                }
            }
        } catch (Exception e) {
            e.printStackTrace();
        }
    }

    private static void receive(Map<String, Object> kafka, String out, long[] latencies, CountDownLatch done) {
        try (KafkaConsumer<byte[], byte[]> consumer = consumer(kafka, out)) {
            while (true) {
                for (ConsumerRecord<byte[], byte[]> record : consumer.poll(Duration.ofSeconds(1))) {
                    ByteBuffer value = ByteBuffer.wrap(record.value());
                    latencies[value.getInt()] = System.nanoTime() - value.getLong();
                    done.countDown();
                }
            }
        } catch (Exception e) {
            e.printStackTrace();
        }
    }
}
