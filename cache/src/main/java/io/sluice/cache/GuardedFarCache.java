package io.sluice.cache;

import static io.github.resilience4j.circuitbreaker.CircuitBreakerConfig.SlidingWindowSynchronizationStrategy.LOCK_FREE;
import static io.github.resilience4j.circuitbreaker.CircuitBreakerConfig.SlidingWindowType.COUNT_BASED;

import io.github.resilience4j.circuitbreaker.CircuitBreaker;
import io.github.resilience4j.circuitbreaker.CircuitBreakerConfig;
import io.github.resilience4j.circuitbreaker.event.CircuitBreakerOnStateTransitionEvent;
import io.github.resilience4j.reactor.circuitbreaker.operator.CircuitBreakerOperator;
import io.sluice.resolver.ContextKey;
import io.sluice.resolver.ContextState;
import io.sluice.resolver.Partition;
import java.time.Duration;
import java.util.Collection;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import reactor.core.publisher.Mono;

/** Turns whatever goes wrong with another one, slowness included, into an empty answer within a bounded time. */
final class GuardedFarCache implements FarCache {

    private static final Logger log = LoggerFactory.getLogger(GuardedFarCache.class);

    private final FarCache far;
    private final FarSettings settings;
    private final CacheEvents events;
    private final CircuitBreaker breaker;
    private volatile String lastFailure = "";

    GuardedFarCache(FarCache far, FarSettings settings, CacheEvents events) {
        this.far = far;
        this.settings = settings;
        this.events = events;
        this.breaker = CircuitBreaker.of(
                "far-cache",
                CircuitBreakerConfig.custom()
                        .slidingWindow(20, 5, COUNT_BASED, LOCK_FREE)
                        .failureRateThreshold(50)
                        .waitDurationInOpenState(settings.retryAfter())
                        .permittedNumberOfCallsInHalfOpenState(2)
                        .writableStackTraceEnabled(false)
                        .build());
        breaker.getEventPublisher()
                .onError(event -> lastFailure = event.getThrowable().toString());
        breaker.getEventPublisher().onStateTransition(this::tell);
    }

    @Override
    public Mono<Found> find(ContextKey key, Partition partition, long seen) {
        return guard(far.find(key, partition, seen), settings.findTimeout());
    }

    @Override
    public Mono<Void> fill(ContextState state, Partition partition, Found.Lease lease) {
        return guard(far.fill(state, partition, lease), settings.storeTimeout());
    }

    @Override
    public Mono<Void> store(Partition partition, long from, long next, Collection<ContextState> states) {
        return guard(far.store(partition, from, next, states), settings.storeTimeout());
    }

    @Override
    public Mono<Void> probe() {
        return far.probe();
    }

    @Override
    public Mono<Void> drop(ContextKey key, Partition partition) {
        return guard(far.drop(key, partition), settings.storeTimeout());
    }

    @Override
    public Mono<Void> close() {
        return far.close();
    }

    private <T> Mono<T> guard(Mono<T> call, Duration timeout) {
        return call.timeout(timeout)
                .transformDeferred(CircuitBreakerOperator.of(breaker))
                .onErrorResume(e -> bypass(e));
    }

    private <T> Mono<T> bypass(Throwable reason) {
        log.debug("The shared cache is passed by: {}", reason.toString());
        events.bypassed(Tier.FAR);
        return Mono.empty();
    }

    /** Once, however often it is tried meanwhile. */
    private void tell(CircuitBreakerOnStateTransitionEvent event) {
        switch (event.getStateTransition()) {
            case CLOSED_TO_OPEN ->
                log.warn("The shared cache is slow or away, and is not used until it answers: {}", lastFailure);
            case HALF_OPEN_TO_CLOSED -> log.info("The shared cache is in use again");
            default -> {}
        }
    }
}
