package io.sluice.gateway.publish;

import io.sluice.backpressure.Announced;
import io.sluice.backpressure.ContextTypes;
import io.sluice.backpressure.EventCodec;
import io.sluice.resolver.Causality;
import io.sluice.resolver.Cause;
import io.sluice.resolver.Change;
import io.sluice.resolver.Condition;
import io.sluice.resolver.ContextEvent;
import io.sluice.resolver.ContextKey;
import io.sluice.resolver.ContextState;
import io.sluice.resolver.Identity;
import java.time.Duration;
import java.time.InstantSource;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Mono;

/** Writes that come another way than as requests over HTTP. Nobody states a clock or a condition there. */
public final class Writes {

    private final Publisher publisher;
    private final ContextTypes types;
    private final InstantSource clock;
    private final EventIds ids = new EventIds();

    public Writes(Publisher publisher, ContextTypes types, InstantSource clock) {
        this.publisher = publisher;
        this.types = types;
        this.clock = clock;
    }

    /** @param state right after the event; null: it is not known yet, or there is none */
    public record Written(String eventId, @Nullable ContextState state) {}

    /**
     * Completes when the log has the event, or, with a wait, when its outcome is known or the time is over.
     *
     * @param eventId null: one of ours
     * @param wait null: not at all
     * @return fails with a {@link io.sluice.gateway.web.ProblemException} if the event is rejected
     */
    public Mono<Written> write(ContextKey key, Change change, @Nullable String eventId, @Nullable Duration wait) {
        return Mono.defer(() -> {
            String id = eventId == null ? ids.next() : eventId;
            Cause cause = new Cause(
                    new Identity(Requested.DEFAULT_WRITER, id),
                    EventCodec.defaultEventType(key.type()),
                    clock.instant(),
                    null,
                    null,
                    null);
            ContextEvent event = new ContextEvent(key, cause, Causality.UNSTATED, Condition.NONE, change);
            return publisher
                    .publish(event, types.ofKey(key), wait)
                    .map(outcome -> written(id, outcome))
                    .defaultIfEmpty(new Written(id, null));
        });
    }

    private static Written written(String eventId, Announced outcome) {
        Announced.Told told = outcome.told();
        if (told != null && told.resolution().equals("rejected")) {
            throw PublishHandler.problem(told).ofEvent(eventId).exception();
        }
        return new Written(eventId, outcome.state());
    }
}
