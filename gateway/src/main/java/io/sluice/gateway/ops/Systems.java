package io.sluice.gateway.ops;

import io.sluice.backpressure.ContextType;
import io.sluice.backpressure.ContextTypes;
import io.sluice.backpressure.KafkaAppender;
import io.sluice.backpressure.KafkaTopics;
import io.sluice.backpressure.StoppedTypes;
import io.sluice.backpressure.TopicPin;
import io.sluice.cache.FarCache;
import io.sluice.cache.FarSettings;
import io.sluice.gateway.journal.Database;
import io.sluice.gateway.journal.Journal;
import io.sluice.gateway.local.Addresses;
import io.sluice.gateway.policy.ConfiguredTypes;
import io.sluice.gateway.settings.SluiceSettings;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.concurrent.TimeoutException;
import reactor.core.publisher.Mono;
import reactor.core.scheduler.Schedulers;

/**
 * The systems around this node, connected, and the types.
 *
 * @param kafka what every Kafka client is given
 * @param stopped those of the types that cannot be used
 * @param pins of each type, its topic of events
 */
record Systems(
        Map<String, Object> kafka,
        ContextTypes types,
        StoppedTypes stopped,
        Map<String, TopicPin> pins,
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
    static Systems connect(Addresses addresses, SluiceSettings settings, StoppedTypes stopped, Meters meters) {
        Map<String, Object> kafka = new TreeMap<>(settings.kafka().properties());
        kafka.put("bootstrap.servers", addresses.kafka());
        ContextTypes configured = ConfiguredTypes.of(settings);
        int document = (int) settings.limits().document().toBytes();
        KafkaTopics topics = new KafkaTopics(
                kafka,
                configured,
                stopped,
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
        Systems connected = new Systems(kafka, configured, stopped, Map.of(), topics, appender, database, far);
        try {
            Mono<Boolean> probed = far.probe().thenReturn(true);
            Map<String, TopicPin> pins = Objects.requireNonNull(Mono.zip(
                                    topics.prepare()
                                            .timeout(PREPARE_TIMEOUT)
                                            .onErrorMap(TimeoutException.class, e -> topics.unanswered()),
                                    migrated,
                                    probed)
                            .block())
                    .getT1();
            Journal journal = new Journal(database);
            // What is wrong already is not what is to be remembered.
            List<TopicPin> right = configured.all().stream()
                    .filter(type -> !stopped.isStopped(type))
                    .map(type -> Objects.requireNonNull(pins.get(type.name())))
                    .toList();
            topics.requireThoseOf(Objects.requireNonNull(journal.pin(right).block(PREPARE_TIMEOUT)));
            stop(configured, stopped, Objects.requireNonNull(journal.stopped().block(PREPARE_TIMEOUT)));
            List<ContextType> usable = configured.all().stream()
                    .filter(type -> !stopped.isStopped(type))
                    .toList();
            appender.warmUp(topicsOf(usable)).block(PREPARE_TIMEOUT);
            return new Systems(kafka, configured, stopped, pins, topics, appender, database, far);
        } catch (RuntimeException e) {
            connected.close();
            throw e;
        }
    }

    /** @param reasons by topic */
    static void stop(ContextTypes types, StoppedTypes stopped, Map<String, String> reasons) {
        types.all().stream()
                .filter(type -> reasons.containsKey(type.topic()))
                .forEach(type -> stopped.stop(type, Objects.requireNonNull(reasons.get(type.topic()))));
    }

    private static FarCache far(Addresses addresses, SluiceSettings settings, Meters meters) {
        FarSettings defaults = FarSettings.defaults();
        FarSettings far = new FarSettings(
                settings.cache().timeout(),
                defaults.storeTimeout(),
                settings.cache().farTtl(),
                defaults.retryAfter());
        return FarCache.guarded(
                FarCache.redis(addresses.redis(), settings.redis().access(), far), far, meters);
    }

    private static List<String> topicsOf(List<ContextType> types) {
        List<String> topics = new ArrayList<>();
        types.forEach(type -> topics.addAll(List.of(type.topic(), type.updatesTopic())));
        return topics;
    }

    void close() {
        appender.close();
        topics.close();
        far.close().onErrorComplete().block(Duration.ofSeconds(3));
        database.close();
    }
}
