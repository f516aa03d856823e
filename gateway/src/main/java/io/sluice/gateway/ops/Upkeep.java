package io.sluice.gateway.ops;

import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.sluice.gateway.journal.Journal;
import io.sluice.gateway.journal.Journal.Slices;
import io.sluice.gateway.settings.SluiceSettings;
import io.sluice.resolver.Partition;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

/**
 * Sees to the slices of the journal, every few seconds, on every node that resolves: one does it, the others let it. Says before
 * what this node has announced, of which the store hears with the next batch only, and a partition may never have another.
 *
 * <p>{@code sluice.journal.slices} counts them; {@code sluice.journal.overdue} those that are past the retention and still needed.
 */
final class Upkeep {

    private static final Logger log = LoggerFactory.getLogger(Upkeep.class);

    private static final Duration EVERY = Duration.ofSeconds(10);
    private static final Duration LOG_TIMEOUT = Duration.ofSeconds(10);

    private final Journal journal;
    private final SluiceSettings.Journal settings;
    private final Map<Partition, Long> announced;
    private final Mono<Map<Partition, Long>> ends;
    private final InstantSource clock;
    private final AtomicInteger slices;
    private final AtomicInteger overdue;
    private @Nullable String neededBy;
    /** What was said last, so that it is said once. */
    private String trouble = "";

    /** @param announced up to where, now and later @param ends of each partition of events the offset of the next record */
    Upkeep(
            Journal journal,
            SluiceSettings.Journal settings,
            Map<Partition, Long> announced,
            Mono<Map<Partition, Long>> ends,
            InstantSource clock,
            MeterRegistry registry) {
        this.journal = journal;
        this.settings = settings;
        this.announced = announced;
        // Without it less can be dropped, and slices are made as well.
        this.ends = settings.isDropped() ? ends.timeout(LOG_TIMEOUT).onErrorReturn(Map.of()) : Mono.just(Map.of());
        this.clock = clock;
        this.slices = gauge("sluice.journal.slices", registry);
        this.overdue = gauge("sluice.journal.overdue", registry);
    }

    private static AtomicInteger gauge(String name, MeterRegistry registry) {
        AtomicInteger value = new AtomicInteger();
        Gauge.builder(name, value, AtomicInteger::get).register(registry);
        return value;
    }

    /** To be subscribed once. Never completes or fails: what could not be done is tried again. */
    Flux<Void> run() {
        return Flux.interval(Duration.ZERO, EVERY)
                .onBackpressureDrop()
                .concatMap(
                        tick -> journal.announced(announced)
                                .then(ends)
                                .flatMap(known ->
                                        journal.keep(clock.instant(), settings.slice(), settings.retention(), known))
                                .doOnNext(this::done)
                                .onErrorResume(e -> {
                                    tell("The slices of the journal cannot be seen to, and that is tried again: "
                                            + Objects.toString(e.getMessage(), e.toString()));
                                    return Mono.empty();
                                })
                                .then(),
                        1);
    }

    private void done(Slices now) {
        slices.set(now.count());
        overdue.set(now.overdue());
        if (now.made() > 0 || now.dropped() > 0) {
            log.info("Slices of the journal: {} made, {} dropped, {} in all", now.made(), now.dropped(), now.count());
        }
        // What a node that starts has still to announce is gone the next time.
        boolean lasts = now.neededBy() != null && now.neededBy().equals(neededBy);
        tell(lasts ? "A slice of the journal is kept past its time: " + now.neededBy() : null);
        neededBy = now.neededBy();
    }

    private void tell(@Nullable String what) {
        String now = Objects.toString(what, "");
        if (!now.equals(trouble) && !now.isEmpty()) {
            log.warn(now);
        }
        trouble = now;
    }
}
