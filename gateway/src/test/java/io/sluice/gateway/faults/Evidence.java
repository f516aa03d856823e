package io.sluice.gateway.faults;

import io.lettuce.core.RedisClient;
import io.lettuce.core.ScanArgs;
import io.lettuce.core.ScanIterator;
import io.lettuce.core.api.StatefulRedisConnection;
import io.lettuce.core.codec.ByteArrayCodec;
import io.sluice.backpressure.ContextType;
import io.sluice.backpressure.ContextTypes;
import io.sluice.backpressure.Headers;
import io.sluice.backpressure.LogRecord;
import io.sluice.cache.FarCache;
import io.sluice.cache.FarSettings;
import io.sluice.cache.Found;
import io.sluice.gateway.faults.Oracle.Announcement;
import io.sluice.gateway.faults.Oracle.Entry;
import io.sluice.gateway.faults.Oracle.Mark;
import io.sluice.resolver.ContextKey;
import io.sluice.resolver.ContextState;
import io.sluice.resolver.Json;
import io.sluice.resolver.LogPosition;
import io.sluice.resolver.Partition;
import io.sluice.resolver.Revision;
import java.net.URI;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.NoSuchElementException;
import java.util.function.Consumer;
import java.util.function.Function;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.header.Header;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.node.ObjectNode;

/** What Kafka, PostgreSQL and Redis have, seen with their own clients and past all links. */
final class Evidence implements AutoCloseable {

    private final ContextTypes types;
    private final String kafka;
    private final Connection postgres;
    private final RedisClient redisClient;
    private final StatefulRedisConnection<byte[], byte[]> redis;
    private final FarCache cache;

    Evidence(Cluster cluster, ContextTypes types) {
        this.types = types;
        this.kafka = cluster.part(Part.Kind.KAFKA).address();
        URI postgresql = URI.create(cluster.part(Part.Kind.POSTGRES).address());
        String[] user = postgresql.getUserInfo().split(":", 2);
        try {
            this.postgres = DriverManager.getConnection(
                    "jdbc:postgresql://" + postgresql.getHost() + ":" + postgresql.getPort() + postgresql.getPath(),
                    user[0],
                    user[1]);
            postgres.setAutoCommit(false); // or the driver would hold all rows
            postgres.setReadOnly(true);
        } catch (SQLException e) {
            throw new IllegalStateException(e);
        }
        this.redisClient = RedisClient.create(cluster.part(Part.Kind.REDIS).address());
        this.redis = redisClient.connect(ByteArrayCodec.INSTANCE);
        this.cache = FarCache.redis(cluster.part(Part.Kind.REDIS).address(), FarSettings.defaults());
    }

    List<Partition> partitions() {
        return types.all().stream()
                .flatMap(type -> type.allPartitions().stream())
                .toList();
    }

    /** Where the log of events of each partition ends. */
    Map<Partition, Long> ends() {
        try (KafkaConsumer<byte[], byte[]> consumer = consumer()) {
            Map<Partition, Long> ends = new HashMap<>();
            consumer.endOffsets(partitions().stream()
                            .map(partition -> new TopicPartition(partition.topic(), partition.number()))
                            .toList())
                    .forEach(
                            (partition, end) -> ends.put(new Partition(partition.topic(), partition.partition()), end));
            return ends;
        }
    }

    /** How far each partition is stored. */
    Map<Partition, Long> stored() {
        Map<Partition, Long> stored = new HashMap<>();
        rows(
                "select row_to_json(p) from progress p",
                row -> stored.put(
                        new Partition(
                                row.path("topic").asString(),
                                row.path("partition").asInt()),
                        row.path("next_offset").asLong()));
        return stored;
    }

    void journal(Partition partition, Consumer<Iterator<ObjectNode>> use) {
        query(
                "select row_to_json(j) from journal j where topic = ? and partition = ? order by source_offset",
                use,
                partition.topic(),
                partition.number());
    }

    void states(Consumer<Iterator<ObjectNode>> use) {
        query("select row_to_json(s) from states s", use);
    }

    private void rows(String sql, Consumer<ObjectNode> use) {
        query(sql, rows -> rows.forEachRemaining(use));
    }

    private void query(String sql, Consumer<Iterator<ObjectNode>> use, Object... parameters) {
        try (PreparedStatement statement = postgres.prepareStatement(sql)) {
            statement.setFetchSize(200);
            for (int i = 0; i < parameters.length; i++) {
                statement.setObject(i + 1, parameters[i]);
            }
            try (ResultSet result = statement.executeQuery()) {
                use.accept(iterator(() -> result.next() ? Rows.stored(result.getString(1)) : null));
            }
            postgres.commit();
        } catch (SQLException e) {
            throw new IllegalStateException(e);
        }
    }

    private interface Next<T> {
        @Nullable
        T get() throws SQLException;
    }

    /** @param next null: there is no more */
    private static <T> Iterator<T> iterator(Next<T> next) {
        return new Iterator<>() {

            private @Nullable T ready = advance();

            private @Nullable T advance() {
                try {
                    return next.get();
                } catch (SQLException e) {
                    throw new IllegalStateException(e);
                }
            }

            @Override
            public boolean hasNext() {
                return ready != null;
            }

            @Override
            public T next() {
                T result = ready;
                if (result == null) {
                    throw new NoSuchElementException();
                }
                ready = advance();
                return result;
            }
        };
    }

    /** The events of a partition, all of them. */
    void log(Partition partition, Consumer<Iterator<LogRecord>> use) {
        records(new TopicPartition(partition.topic(), partition.number()), Evidence::logRecord, use);
    }

    /** What was announced of a partition of events. */
    void announced(Partition partition, Consumer<Iterator<Announcement>> use) {
        ContextType type = types.ofTopic(partition.topic());
        records(new TopicPartition(type.updatesTopic(), partition.number()), Evidence::announcement, use);
    }

    /** Where the records of the dead letters come from. */
    List<String> deadLetters() {
        List<String> sources = new ArrayList<>();
        records(
                new TopicPartition("sluice-dead-letters", 0),
                record -> header(record, "sluice-dead-source"),
                all -> all.forEachRemaining(sources::add));
        return sources;
    }

    private <T> void records(
            TopicPartition partition, Function<ConsumerRecord<byte[], byte[]>, T> read, Consumer<Iterator<T>> use) {
        try (KafkaConsumer<byte[], byte[]> consumer = consumer()) {
            consumer.assign(List.of(partition));
            consumer.seekToBeginning(List.of(partition));
            long end = consumer.endOffsets(List.of(partition)).get(partition);
            List<ConsumerRecord<byte[], byte[]>> polled = new ArrayList<>();
            use.accept(iterator(() -> {
                while (polled.isEmpty() && consumer.position(partition) < end) {
                    consumer.poll(Duration.ofSeconds(1)).forEach(polled::addLast);
                }
                return polled.isEmpty() ? null : read.apply(polled.removeFirst());
            }));
        }
    }

    private KafkaConsumer<byte[], byte[]> consumer() {
        return new KafkaConsumer<>(
                Map.of(
                        "bootstrap.servers",
                        kafka,
                        "enable.auto.commit",
                        false,
                        "isolation.level",
                        "read_committed",
                        "max.poll.records",
                        200),
                new ByteArrayDeserializer(),
                new ByteArrayDeserializer());
    }

    private static LogRecord logRecord(ConsumerRecord<byte[], byte[]> record) {
        List<Headers.Header> headers = new ArrayList<>();
        record.headers().forEach(header -> headers.add(new Headers.Header(header.key(), header.value())));
        return new LogRecord(
                new LogPosition(
                        record.topic(), record.partition(), record.offset(), Instant.ofEpochMilli(record.timestamp())),
                record.key(),
                record.value(),
                new Headers(headers));
    }

    private static Announcement announcement(ConsumerRecord<byte[], byte[]> record) {
        String source = header(record, "sluice-source");
        ObjectNode value = Json.TRUSTED.object(record.value());
        boolean visible = !header(record, "ce_type").equals("io.sluice.outcome");
        return new Announcement(
                Long.parseLong(source.substring(source.lastIndexOf('@') + 1)),
                value.path("key").asString(),
                visible ? Watcher.revision(value) : null,
                Version.digest(value.get("state")));
    }

    private static String header(ConsumerRecord<byte[], byte[]> record, String name) {
        Header header = record.headers().lastHeader(name);
        return header == null ? "" : new String(header.value(), StandardCharsets.UTF_8);
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    private static String slot(Partition partition) {
        return "sluice:{" + partition.topic() + "/" + partition.number() + "}:";
    }

    @Nullable
    Mark mark(Partition partition) {
        var values = redis.sync().hmget(bytes(slot(partition) + "mark"), bytes("from"), bytes("to"));
        return values.stream().allMatch(value -> value.hasValue())
                ? new Mark(
                        number(values.get(0).getValue()), number(values.get(1).getValue()))
                : null;
    }

    private static long number(byte[] text) {
        return Long.parseLong(new String(text, StandardCharsets.UTF_8));
    }

    /** Entries that have a state. */
    Collection<Entry> entries(Partition partition) {
        List<Entry> entries = new ArrayList<>();
        String prefix = slot(partition) + "default/";
        ScanIterator<byte[]> keys = ScanIterator.scan(
                redis.sync(), ScanArgs.Builder.matches(bytes(prefix + "*")).limit(500));
        String type = types.ofTopic(partition.topic()).name();
        while (keys.hasNext()) {
            byte[] key = keys.next();
            long ttl = redis.sync().pttl(key);
            byte[] value = redis.sync().get(key);
            String id = new String(key, StandardCharsets.UTF_8).substring(prefix.length());
            if (value != null && ByteBuffer.wrap(value).getLong(1) > 0) {
                entries.add(entry(new ContextKey(ContextKey.DEFAULT_TENANT, type, id), partition, value, ttl));
            }
        }
        return entries;
    }

    /** The header is as {@code entry.lua} tells; what follows is given by the cache itself, if it may be used at all. */
    private Entry entry(ContextKey key, Partition partition, byte[] value, long ttl) {
        ByteBuffer header = ByteBuffer.wrap(value);
        Found found = cache.find(key, partition, 0).block(Duration.ofSeconds(5));
        ContextState state = found == null ? null : found.state();
        return new Entry(
                key.path(),
                new Revision(header.getLong(1), header.getLong(9)),
                state == null ? null : Truth.digest(state),
                header.getLong(17),
                ttl);
    }

    @Override
    public void close() {
        cache.close().block(Duration.ofSeconds(5));
        redis.close();
        redisClient.shutdown();
        try {
            postgres.close();
        } catch (SQLException e) {
            throw new IllegalStateException(e);
        }
    }
}
