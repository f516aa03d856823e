package io.sluice.gateway.repair;

import io.sluice.backpressure.KafkaLogReader;
import io.sluice.cache.RedisContents;
import io.sluice.gateway.journal.Database;
import io.sluice.gateway.local.Addresses;
import io.sluice.gateway.settings.SluiceSettings;
import java.util.Map;
import java.util.TreeMap;

/** The three systems as they are: nothing is made in them, and nothing brought up to date. */
record Stored(Map<String, Object> kafka, KafkaLogReader log, Database database, RedisContents redis)
        implements AutoCloseable {

    static Stored connect(Addresses addresses, SluiceSettings settings) {
        Map<String, Object> kafka = new TreeMap<>(settings.kafka().properties());
        kafka.put("bootstrap.servers", addresses.kafka());
        RedisContents redis = new RedisContents(
                addresses.redis(), settings.redis().access(), settings.cache().farTtl());
        return new Stored(
                kafka, new KafkaLogReader(kafka), new Database(addresses.postgres(), settings.postgres()), redis);
    }

    @Override
    public void close() {
        log.close();
        redis.close();
        database.close();
    }
}
