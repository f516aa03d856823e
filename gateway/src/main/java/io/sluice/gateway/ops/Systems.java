package io.sluice.gateway.ops;

import io.sluice.backpressure.ContextTypes;
import io.sluice.backpressure.KafkaAppender;
import io.sluice.backpressure.KafkaTopics;
import io.sluice.cache.FarAccess;
import io.sluice.cache.FarCache;
import io.sluice.cache.FarSettings;
import io.sluice.gateway.journal.Database;
import io.sluice.gateway.local.Addresses;
import io.sluice.gateway.policy.ConfiguredTypes;
import io.sluice.gateway.settings.RootCertificates;
import io.sluice.gateway.settings.SluiceSettings;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import reactor.core.publisher.Mono;
import reactor.core.scheduler.Schedulers;

/**
 * The systems around this node, connected, and the types that can be used.
 *
 * @param kafka what every Kafka client is given
 * @param lives of each usable type, an id of the present life of its topic
 */
record Systems(
        Map<String, Object> kafka,
        ContextTypes types,
        Map<String, String> lives,
        KafkaTopics topics,
        KafkaAppender appender,
        Database database,
        FarCache far) {

    /** Room for what stands around an update's state and delta. The resolver sees to it that an update fits. */
    private static final int RECORD_OVERHEAD = 64 << 10;

    /** Announcements outlive the oldest cursor by that much. */
    private static final Duration SLACK = Duration.ofHours(24);

    private static final Duration PREPARE_TIMEOUT = Duration.ofSeconds(60);

    /** Connects; blocks until topics and tables are as they have to be. */
    static Systems connect(Addresses addresses, SluiceSettings settings, Meters meters) {
        Map<String, Object> kafka = new TreeMap<>(settings.kafka().properties());
        kafka.put("bootstrap.servers", addresses.kafka());
        ContextTypes configured = ConfiguredTypes.of(settings);
        int document = (int) settings.limits().document().toBytes();
        KafkaTopics topics = new KafkaTopics(
                kafka,
                configured,
                new KafkaTopics.Settings(settings.feeds().resumeWindow().plus(SLACK), 2 * document + RECORD_OVERHEAD));
        Database database = new Database(addresses.postgres(), settings.postgres());
        // Once PostgreSQL answers, tables take as long as they take: what is broken off begins anew, and is no faster
        // then.
        Mono<Boolean> migrated = Mono.fromRunnable(database::requireThere)
                .subscribeOn(Schedulers.boundedElastic())
                .timeout(PREPARE_TIMEOUT)
                .then(Mono.fromCallable(() -> {
                            database.migrate();
                            return true;
                        })
                        .subscribeOn(Schedulers.boundedElastic()));
        KafkaAppender appender = new KafkaAppender(
                kafka,
                new KafkaAppender.Settings(
                        settings.publishing().timeout(),
                        settings.publishing().maxInFlight().toBytes()));
        FarCache far = far(addresses, settings, meters);
        Systems connected = new Systems(kafka, configured, Map.of(), topics, appender, database, far);
        try {
            Mono<Boolean> probed = far.probe().thenReturn(true);
            Map<String, String> lives = Objects.requireNonNull(
                            Mono.zip(topics.prepare().timeout(PREPARE_TIMEOUT), migrated, probed)
                                    .block())
                    .getT1();
            ContextTypes usable = new ContextTypes(configured.all().stream()
                    .filter(type -> lives.containsKey(type.name()))
                    .toList());
            appender.warmUp(topicsOf(usable)).block(PREPARE_TIMEOUT);
            return new Systems(kafka, usable, lives, topics, appender, database, far);
        } catch (RuntimeException e) {
            connected.close();
            throw e;
        }
    }

    private static FarCache far(Addresses addresses, SluiceSettings settings, Meters meters) {
        FarSettings defaults = FarSettings.defaults();
        FarSettings far = new FarSettings(
                settings.cache().timeout(),
                defaults.storeTimeout(),
                settings.cache().farTtl(),
                defaults.retryAfter());
        SluiceSettings.Redis redis = settings.redis();
        FarAccess access = new FarAccess(
                redis.user(),
                redis.password(),
                RootCertificates.read("sluice.redis.root-certificate", redis.rootCertificate()));
        return FarCache.guarded(FarCache.redis(addresses.redis(), access, far), far, meters);
    }

    private static List<String> topicsOf(ContextTypes types) {
        List<String> topics = new ArrayList<>();
        types.all().forEach(type -> topics.addAll(List.of(type.topic(), type.updatesTopic())));
        return topics;
    }

    void close() {
        appender.close();
        topics.close();
        far.close().onErrorComplete().block(Duration.ofSeconds(3));
        database.close();
    }
}
