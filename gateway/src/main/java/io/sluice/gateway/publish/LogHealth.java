package io.sluice.gateway.publish;

import io.sluice.backpressure.KafkaTopics;
import io.sluice.resolver.UnavailableException;
import java.time.Duration;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

/**
 * Whether Kafka answers: asked all the time, so that a publisher can be refused before its event is handed over. Once it is,
 * nobody can say any more whether it is written.
 */
public final class LogHealth {

    private static final Logger log = LoggerFactory.getLogger(LogHealth.class);

    private static final Duration EVERY = Duration.ofMillis(500);
    private static final Duration PATIENCE = Duration.ofSeconds(1);

    private final KafkaTopics topics;
    private volatile boolean up = true;

    public LogHealth(KafkaTopics topics) {
        this.topics = topics;
    }

    /** To be subscribed once. Never completes or fails. */
    public Flux<Void> run() {
        return Flux.interval(EVERY)
                .onBackpressureDrop()
                .concatMap(
                        tick -> topics.ping(PATIENCE)
                                .then(Mono.<Void>fromRunnable(() -> set(true)))
                                .onErrorResume(e -> Mono.fromRunnable(() -> set(false))),
                        1);
    }

    private void set(boolean now) {
        if (now != up) {
            log.warn(now ? "Kafka answers again" : "Kafka does not answer: publishers are refused until it does");
            up = now;
        }
    }

    public boolean isUp() {
        return up;
    }

    /** @throws UnavailableException if Kafka is known to be away */
    void require() {
        if (!up) {
            throw new UnavailableException("log-unavailable", "Kafka does not answer; nothing was written");
        }
    }
}
