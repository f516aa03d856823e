package io.sluice.backpressure;

import io.sluice.resolver.MalformedException;
import io.sluice.resolver.Partition;
import io.sluice.resolver.UnavailableException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.Config;
import org.apache.kafka.clients.admin.CreateTopicsResult;
import org.apache.kafka.clients.admin.ListOffsetsResult.ListOffsetsResultInfo;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.admin.OffsetSpec;
import org.apache.kafka.clients.admin.TopicDescription;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.KafkaFuture;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.config.ConfigResource;
import org.apache.kafka.common.errors.AuthenticationException;
import org.apache.kafka.common.errors.RetriableException;
import org.apache.kafka.common.errors.SslAuthenticationException;
import org.apache.kafka.common.errors.TimeoutException;
import org.apache.kafka.common.errors.TopicExistsException;
import org.apache.kafka.common.errors.UnknownTopicOrPartitionException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.util.retry.Retry;

/** The topics of the configured types: made where they are missing, checked where they are not. */
public final class KafkaTopics implements AutoCloseable {

    private static final Logger log = LoggerFactory.getLogger(KafkaTopics.class);

    private static final Duration CALL_TIMEOUT = Duration.ofSeconds(10);
    private static final Duration LOOK_EVERY = Duration.ofSeconds(2);

    /** What a dead letter has beside the record that it was. */
    private static final int DEAD_HEADERS = 64 << 10;

    private final Admin admin;
    private final ContextTypes types;
    private final StoppedTypes stopped;
    private final Settings settings;
    /** Of each type, the topic of events that {@link #prepare} found. */
    private final String servers;

    private final Map<String, TopicPin> pins = new ConcurrentHashMap<>();
    /** Topics that were not there when they were last looked for. */
    private final Set<String> missing = ConcurrentHashMap.newKeySet();

    /**
     * @param updateRetention how long announcements are kept: longer than any cursor lives
     * @param recordBytes the largest record that has to fit, an update with state and delta
     */
    public record Settings(Duration updateRetention, int recordBytes) {}

    /**
     * @param connection how to reach Kafka: properties that every client has
     * @param stopped is told of types whose topics are not what they have to be
     * @throws MalformedException if no client can be made with the properties
     */
    public KafkaTopics(Map<String, Object> connection, ContextTypes types, StoppedTypes stopped, Settings settings) {
        Map<String, Object> all = new HashMap<>(connection);
        all.put("request.timeout.ms", 5_000);
        all.put("default.api.timeout.ms", (int) CALL_TIMEOUT.toMillis());
        this.admin = client(all);
        this.servers = String.valueOf(connection.get("bootstrap.servers"));
        this.types = types;
        this.stopped = stopped;
        this.settings = settings;
    }

    private static Admin client(Map<String, Object> properties) {
        try {
            return Admin.create(properties);
        } catch (KafkaException e) {
            Throwable root = e;
            while (root.getCause() != null) {
                root = root.getCause();
            }
            throw new MalformedException(
                    "malformed-setting", "sluice.kafka.properties: " + e.getMessage() + ": " + root.getMessage());
        }
    }

    /** What cannot be mended by asking again. */
    private static MalformedException refusal(AuthenticationException e) {
        boolean isTls = e instanceof SslAuthenticationException;
        Throwable root = e;
        while (root.getCause() != null) {
            root = root.getCause();
        }
        return new MalformedException(
                "malformed-setting",
                "sluice.kafka.properties." + (isTls ? "ssl.truststore.location" : "sasl.jaas.config") + ": "
                        + (isTls ? "does not vouch for Kafka: " : "Kafka does not take it: ") + root.getMessage()
                        + (isTls
                                ? " (expected: the certificate that its own is signed by)"
                                : " (expected: a user that Kafka has, with his password)"));
    }

    /**
     * Makes what is missing and checks what is there: types of which something cannot be used are stopped. What Kafka does not
     * promise is said in the log.
     *
     * @return the topic of events of each type, by its name
     */
    public Mono<Map<String, TopicPin>> prepare() {
        return Mono.defer(this::create)
                .then(Mono.defer(this::check)
                        // A topic that was just made is not known to every broker at once.
                        .retryWhen(Retry.backoff(20, Duration.ofMillis(50))
                                .maxBackoff(Duration.ofMillis(500))
                                .filter(RetriableException.class::isInstance)))
                .onErrorMap(AuthenticationException.class, KafkaTopics::refusal)
                .onErrorMap(TimeoutException.class, e -> unanswered());
    }

    /** What is said of a Kafka that has not answered in time, or not in a way that is understood. */
    public UnavailableException unanswered() {
        return new UnavailableException(
                "kafka-unavailable",
                "sluice.kafka.bootstrap-servers: Kafka at " + servers
                        + " does not answer (expected: brokers that run, and speak what"
                        + " sluice.kafka.properties.security.protocol says)");
    }

    private Map<String, NewTopic> wanted() {
        Map<String, NewTopic> topics = new LinkedHashMap<>();
        for (ContextType type : types.all()) {
            topics.put(type.topic(), topic(type.topic(), type.partitions(), "-1", settings.recordBytes()));
            topics.put(
                    type.updatesTopic(),
                    topic(
                            type.updatesTopic(),
                            type.partitions(),
                            String.valueOf(settings.updateRetention().toMillis()),
                            settings.recordBytes()));
        }
        topics.put(DeadLetters.TOPIC, topic(DeadLetters.TOPIC, 1, "-1", settings.recordBytes() + DEAD_HEADERS));
        return topics;
    }

    private static NewTopic topic(String name, int partitions, String retention, int maxBytes) {
        return new NewTopic(name, Optional.of(partitions), Optional.empty())
                .configs(Map.of(
                        "cleanup.policy",
                        "delete",
                        "retention.ms",
                        retention,
                        "message.timestamp.type",
                        "LogAppendTime",
                        "max.message.bytes",
                        String.valueOf(maxBytes)));
    }

    private Mono<Void> create() {
        CreateTopicsResult result = admin.createTopics(wanted().values());
        return Flux.fromIterable(result.values().entrySet())
                .concatMap(topic -> call(topic.getValue())
                        .doOnSuccess(made -> log.info("Made topic {}", topic.getKey()))
                        .onErrorResume(TopicExistsException.class, e -> Mono.empty()))
                .then();
    }

    private Mono<Map<String, TopicPin>> check() {
        Collection<String> names = wanted().keySet();
        List<ConfigResource> resources = names.stream()
                .map(name -> new ConfigResource(ConfigResource.Type.TOPIC, name))
                .toList();
        return Mono.zip(
                        call(admin.describeTopics(names).allTopicNames()),
                        call(admin.describeConfigs(resources).all()))
                .map(both -> check(both.getT1(), both.getT2()));
    }

    private Map<String, TopicPin> check(Map<String, TopicDescription> topics, Map<ConfigResource, Config> configs) {
        for (ContextType type : types.all()) {
            List<String> faults = new ArrayList<>();
            for (String name : List.of(type.topic(), type.updatesTopic())) {
                TopicDescription topic = topics.get(name);
                Config config = configs.get(new ConfigResource(ConfigResource.Type.TOPIC, name));
                if (topic != null && config != null) {
                    faults.addAll(faults(type, topic, config));
                    warnOfBrokenPromises(topic, config);
                }
            }
            TopicDescription events = Objects.requireNonNull(topics.get(type.topic()));
            pins.put(type.name(), new TopicPin(type.topic(), events.topicId().toString(), type.partitions()));
            if (!faults.isEmpty()) {
                stopped.stop(type, String.join("; ", faults));
            }
        }
        return Map.copyOf(pins);
    }

    /** Stops types whose topics of events are not those that were first read, whenever that was. */
    public void requireThoseOf(Collection<TopicPin> first) {
        for (TopicPin before : first) {
            types.all().stream()
                    .filter(type -> type.topic().equals(before.topic()))
                    .forEach(type -> requireSame(type, before, Objects.requireNonNull(pins.get(type.name()))));
        }
    }

    private void requireSame(ContextType type, TopicPin before, TopicPin now) {
        if (before.partitions() != now.partitions()) {
            stopped.stop(
                    type,
                    "topic " + before.topic() + " was first read with " + before.partitions()
                            + " partitions, and sluice.types." + type.name() + ".partitions is " + now.partitions()
                            + " (expected: the same; the number is pinned)");
        } else if (!before.id().equals(now.id())) {
            stopped.stop(
                    type,
                    "topic " + before.topic() + " was made anew: its id is " + now.id() + " (expected: " + before.id()
                            + ", of which events are stored; in another one there are other events at the same places)");
        }
    }

    /** Looks every few seconds whether topics are still what they were. To be subscribed once; never completes or fails. */
    public Flux<Void> watch() {
        return Flux.interval(LOOK_EVERY)
                .onBackpressureDrop()
                .concatMap(
                        tick -> Flux.fromIterable(types.all())
                                .concatMap(type -> look(type)
                                        .onErrorResume(UnknownTopicOrPartitionException.class, e -> missing(type, e))
                                        .onErrorResume(e -> {
                                            log.debug(
                                                    "What has become of type {} is not known: {}",
                                                    type.name(),
                                                    e.toString());
                                            return Mono.empty();
                                        })),
                        1);
    }

    /** Stops a type whose topics are not what they were when this node started. Fails if Kafka does not say what they are. */
    public Mono<Void> look(ContextType type) {
        TopicPin first = pins.get(type.name());
        if (first == null || stopped.isStopped(type)) {
            return Mono.empty();
        }
        return Mono.defer(() -> described(type.topic()))
                .doOnNext(events -> {
                    requireCount(type, events);
                    requireSame(
                            type,
                            first,
                            new TopicPin(type.topic(), events.topicId().toString(), first.partitions()));
                })
                .then(Mono.defer(() -> described(type.updatesTopic())))
                .doOnNext(updates -> requireCount(type, updates))
                .then();
    }

    private Mono<TopicDescription> described(String topic) {
        return call(admin.describeTopics(List.of(topic)).allTopicNames())
                .map(all -> Objects.requireNonNull(all.get(topic)))
                .doOnNext(found -> missing.remove(topic))
                .onErrorMap(UnknownTopicOrPartitionException.class, e -> new UnknownTopicOrPartitionException(topic));
    }

    private void requireCount(ContextType type, TopicDescription topic) {
        if (topic.partitions().size() != type.partitions()) {
            stopped.stop(type, wrongCount(type, topic));
        }
    }

    /** A broker that has just started may not know of it yet: only what is missing twice is gone. */
    private Mono<Void> missing(ContextType type, UnknownTopicOrPartitionException e) {
        return Mono.fromRunnable(() -> {
            if (!missing.add(e.getMessage())) {
                stopped.stop(type, "topic " + e.getMessage() + " is gone (expected: the one that was there)");
            }
        });
    }

    private List<String> faults(ContextType type, TopicDescription topic, Config config) {
        List<String> faults = new ArrayList<>();
        int partitions = topic.partitions().size();
        if (partitions != type.partitions()) {
            faults.add(wrongCount(type, topic));
        }
        int maxBytes = Integer.parseInt(config.get("max.message.bytes").value());
        if (topic.name().equals(type.updatesTopic()) && maxBytes < settings.recordBytes()) {
            faults.add("topic " + topic.name() + " takes records of " + maxBytes
                    + " bytes (expected: max.message.bytes >= " + settings.recordBytes()
                    + ", for the largest document with its delta)");
        }
        return faults;
    }

    private static String wrongCount(ContextType type, TopicDescription topic) {
        return "topic " + topic.name() + " has " + topic.partitions().size() + " partitions (expected: "
                + type.partitions() + ", as sluice.types." + type.name() + ".partitions says; the number is pinned)";
    }

    /** A single broker cannot promise more than it does, and whoever runs one knows. */
    private static void warnOfBrokenPromises(TopicDescription topic, Config config) {
        int replicas = topic.partitions().getFirst().replicas().size();
        int inSync = Integer.parseInt(config.get("min.insync.replicas").value());
        boolean unclean = Boolean.parseBoolean(
                config.get("unclean.leader.election.enable").value());
        if (unclean || (replicas > 1 && inSync < 2)) {
            log.warn(
                    "Topic {} may lose what was acknowledged: {} replicas, min.insync.replicas={}, unclean elections {}"
                            + " (expected: min.insync.replicas >= 2 and no unclean elections)",
                    topic.name(),
                    replicas,
                    inSync,
                    unclean ? "allowed" : "not allowed");
        }
    }

    /** The end of each partition of events of the types that are not stopped: the offset of the next record. */
    public Mono<Map<Partition, Long>> ends() {
        return Mono.defer(() -> call(admin.listOffsets(latest()).all())).map(KafkaTopics::offsets);
    }

    private Map<TopicPartition, OffsetSpec> latest() {
        return types.all().stream()
                .filter(type -> !stopped.isStopped(type))
                .flatMap(type -> type.allPartitions().stream())
                .map(partition -> new TopicPartition(partition.topic(), partition.number()))
                .collect(Collectors.toMap(Function.identity(), partition -> OffsetSpec.latest()));
    }

    private static Map<Partition, Long> offsets(Map<TopicPartition, ListOffsetsResultInfo> found) {
        Map<Partition, Long> offsets = new HashMap<>();
        found.forEach((tp, info) -> offsets.put(new Partition(tp.topic(), tp.partition()), info.offset()));
        return offsets;
    }

    /** Completes if Kafka answers; fails with {@link UnavailableException} if it does not within that time. */
    public Mono<Void> ping(Duration patience) {
        return Mono.defer(() -> call(admin.describeCluster().nodes()))
                .timeout(patience)
                .onErrorMap(e -> new UnavailableException("log-unavailable", "Kafka does not answer", e))
                .then();
    }

    private static <T> Mono<T> call(KafkaFuture<T> future) {
        return Mono.fromCompletionStage(future.toCompletionStage());
    }

    @Override
    public void close() {
        admin.close(Duration.ofSeconds(1));
    }
}
