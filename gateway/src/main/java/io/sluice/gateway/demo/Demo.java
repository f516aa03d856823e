package io.sluice.gateway.demo;

import io.sluice.backpressure.Appender;
import io.sluice.backpressure.ContextType;
import io.sluice.backpressure.EventCodec;
import io.sluice.resolver.Causality;
import io.sluice.resolver.Cause;
import io.sluice.resolver.Change;
import io.sluice.resolver.Condition;
import io.sluice.resolver.ContextEvent;
import io.sluice.resolver.ContextKey;
import io.sluice.resolver.Identity;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDateTime;
import java.time.ZoneOffset;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.util.retry.Retry;
import tools.jackson.databind.node.ObjectNode;

/** Replays three months of flights through Kafka: each airport is a context, each flight changes two of them. */
public final class Demo {

    private static final Logger log = LoggerFactory.getLogger(Demo.class);

    /** The type whose contexts the airports are. */
    public static final String TYPE = "analytics";

    private static final String WRITER = "demo";

    private final Appender appender;
    private final EventCodec codec;
    private final ContextType type;
    private final double speed;
    private final String run = UUID.randomUUID().toString();
    private final Map<String, Airport> airports = new HashMap<>();

    /** @param speed seconds of the data in a second */
    public Demo(Appender appender, EventCodec codec, ContextType type, double speed) {
        this.appender = appender;
        this.codec = codec;
        this.type = type;
        this.speed = speed;
    }

    /** One replay, from the first flight to the last. Waits while Kafka is away. */
    public Flux<Void> run() {
        return Flux.defer(() -> {
            List<Flight> flights = Flight.all();
            log.info("Demo: {} flights at {} times their speed; watch /v1/contexts/{}", flights.size(), speed, TYPE);
            return Flux.range(0, flights.size())
                    .concatMap(i -> Mono.delay(pause(flights, i)).then(fly(flights.get(i), i)), 1)
                    .doOnComplete(() -> log.info("Demo: the last flight has landed"));
        });
    }

    private Duration pause(List<Flight> flights, int i) {
        LocalDateTime before = flights.get(Math.max(0, i - 1)).departure();
        long millis = Duration.between(before, flights.get(i).departure()).toMillis();
        return Duration.ofNanos((long) (millis / speed * 1_000_000));
    }

    private Mono<Void> fly(Flight flight, int number) {
        Airport origin =
                airports.merge(flight.origin(), Airport.NEW.departed(flight), (now, one) -> now.departed(flight));
        ObjectNode departure = origin.departurePatch(flight);
        Airport destination = airports.merge(flight.destination(), Airport.NEW.arrived(), (now, one) -> now.arrived());
        ObjectNode arrival = destination.arrivalPatch(flight);
        return publish(flight.origin(), flight, "departure-" + number, departure)
                .then(publish(flight.destination(), flight, "arrival-" + number, arrival));
    }

    private Mono<Void> publish(String airport, Flight flight, String id, ObjectNode patch) {
        Instant time = flight.departure().toInstant(ZoneOffset.UTC);
        Cause cause = new Cause(new Identity(WRITER, run + "-" + id), "io.sluice.demo.flight", time, null, null, null);
        ContextEvent event = new ContextEvent(
                new ContextKey(ContextKey.DEFAULT_TENANT, type.name(), airport),
                cause,
                Causality.UNSTATED,
                Condition.NONE,
                new Change.Patch(patch));
        return Mono.defer(() -> appender.append(codec.write(event, type, null)))
                .retryWhen(Retry.backoff(Long.MAX_VALUE, Duration.ofMillis(200)).maxBackoff(Duration.ofSeconds(2)));
    }
}
