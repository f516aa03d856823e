package io.sluice.gateway.ops;

import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.sluice.backpressure.KafkaTopics;
import io.sluice.gateway.journal.Journal;
import io.sluice.resolver.Partition;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

/** How many events of each partition are not stored yet: {@code sluice.lag{topic,partition}}, asked for every few seconds. */
final class Lag {

    private static final Logger log = LoggerFactory.getLogger(Lag.class);

    private static final Duration EVERY = Duration.ofSeconds(2);

    private final KafkaTopics topics;
    private final Journal journal;
    private final MeterRegistry registry;
    private final Map<Partition, AtomicLong> gauges = new ConcurrentHashMap<>();

    Lag(KafkaTopics topics, Journal journal, MeterRegistry registry) {
        this.topics = topics;
        this.journal = journal;
        this.registry = registry;
    }

    /** To be subscribed once. Never completes or fails; while a system is away the last figures stand. */
    Flux<Void> run() {
        return Flux.interval(EVERY)
                .onBackpressureDrop()
                .concatMap(
                        tick -> Mono.zip(topics.ends(), journal.progress())
                                .doOnNext(both -> both.getT1()
                                        .forEach((partition, end) -> set(
                                                partition, end - both.getT2().getOrDefault(partition, 0L))))
                                .then()
                                .onErrorResume(e -> {
                                    log.debug("The lag is not known: {}", e.toString());
                                    return Mono.empty();
                                }),
                        1);
    }

    private void set(Partition partition, long lag) {
        gauges.computeIfAbsent(partition, p -> {
                    AtomicLong value = new AtomicLong();
                    Gauge.builder("sluice.lag", value, AtomicLong::get)
                            .tag("topic", p.topic())
                            .tag("partition", String.valueOf(p.number()))
                            .register(registry);
                    return value;
                })
                .set(Math.max(0, lag));
    }
}
