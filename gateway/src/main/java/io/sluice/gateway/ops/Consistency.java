package io.sluice.gateway.ops;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import io.sluice.cache.Checked;
import io.sluice.cache.ContextCache;
import io.sluice.cache.Tier;
import io.sluice.gateway.settings.SluiceSettings;
import java.time.Instant;
import java.util.Locale;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.boot.health.contributor.Health;
import org.springframework.boot.health.contributor.Status;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

/**
 * Whether this node's memory and Redis say what is stored: some contexts at a time, over and over. What is wrong is forgotten there,
 * and makes the node's health {@code DEGRADED} until a look finds nothing; {@code sluice.consistency.differences{tier}} counts it.
 */
final class Consistency {

    private static final Logger log = LoggerFactory.getLogger(Consistency.class);

    private static final Status DEGRADED =
            new Status("DEGRADED", "A cache said otherwise than the store, and has forgotten it");

    private final ContextCache cache;
    private final SluiceSettings.Consistency settings;
    private final MeterRegistry registry;
    private final Counter contexts;
    private volatile @Nullable Last last;

    private record Last(Checked checked, Instant time) {}

    Consistency(ContextCache cache, SluiceSettings.Consistency settings, MeterRegistry registry) {
        this.cache = cache;
        this.settings = settings;
        this.registry = registry;
        this.contexts = registry.counter("sluice.consistency.contexts");
        for (Tier tier : new Tier[] {Tier.LOCAL, Tier.FAR}) {
            differences(tier);
        }
    }

    private Counter differences(Tier tier) {
        return registry.counter(
                "sluice.consistency.differences", "tier", tier.name().toLowerCase(Locale.ROOT));
    }

    /** To be subscribed once. Never completes or fails; while the store is away the last finding stands. */
    Flux<Void> run() {
        return settings.interval().isZero()
                ? Flux.never()
                : Flux.interval(settings.interval())
                        .onBackpressureDrop()
                        .concatMap(
                                tick -> cache.check(settings.contexts())
                                        .doOnNext(this::found)
                                        .then()
                                        .onErrorResume(e -> {
                                            log.debug("The caches cannot be compared with the store: {}", e.toString());
                                            return Mono.empty();
                                        }),
                                1);
    }

    private void found(Checked checked) {
        contexts.increment(checked.contexts());
        for (Checked.Difference difference : checked.differences()) {
            differences(difference.tier()).increment();
            log.error(
                    "{} was {} in the {}; it is forgotten there (all of it: sluice verify)",
                    difference.key().path(),
                    difference.what(),
                    difference.tier() == Tier.LOCAL ? "memory of this node" : "shared cache");
        }
        last = new Last(checked, Instant.now());
    }

    Health health() {
        Last now = last;
        if (now == null) {
            return Health.up()
                    .withDetail("checked", settings.interval().isZero() ? "never: it is switched off" : "not yet")
                    .build();
        }
        int differences = now.checked().differences().size();
        return (differences == 0 ? Health.up() : Health.status(DEGRADED))
                .withDetail("checked", now.time().toString())
                .withDetail("contexts", now.checked().contexts())
                .withDetail("differences", differences)
                .build();
    }
}
