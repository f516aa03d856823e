package io.sluice.gateway.publish;

import io.sluice.backpressure.Announced;
import io.sluice.backpressure.Appender;
import io.sluice.backpressure.ContextType;
import io.sluice.backpressure.EventCodec;
import io.sluice.backpressure.OutRecord;
import io.sluice.backpressure.StoppedTypes;
import io.sluice.backpressure.Waiters;
import io.sluice.resolver.ContextEvent;
import java.time.Duration;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Mono;

/** Brings an event into the log, and its outcome back to whoever waits for it. */
public final class Publisher {

    private final Appender appender;
    private final EventCodec codec;
    private final Waiters waiters;
    private final LogHealth health;
    private final StoppedTypes stopped;

    public Publisher(Appender appender, EventCodec codec, Waiters waiters, LogHealth health, StoppedTypes stopped) {
        this.appender = appender;
        this.codec = codec;
        this.waiters = waiters;
        this.health = health;
        this.stopped = stopped;
    }

    /**
     * Completes when the log has the event, or, with a wait, when its outcome is known; empty: it was not, in time.
     *
     * @param wait null: not at all
     */
    Mono<Announced> publish(ContextEvent event, ContextType type, @Nullable Duration wait) {
        return Mono.defer(() -> {
            health.require();
            stopped.requireGoing(type);
            return wait == null ? publish(event, type).then(Mono.empty()) : publishAndWait(event, type, wait);
        });
    }

    private Mono<Void> publish(ContextEvent event, ContextType type) {
        return appender.append(record(event, type));
    }

    /** Whether the log would take it now, as far as is known; if not, {@link #append} refuses it. */
    boolean takes(OutRecord record) {
        return health.isUp() && appender.hasRoom(record);
    }

    /** What {@link #append} takes. @throws io.sluice.resolver.UnavailableException if the type is stopped */
    OutRecord record(ContextEvent event, ContextType type) {
        stopped.requireGoing(type);
        return codec.write(event, type, null);
    }

    /** Completes when the log has it. What is subscribed to in order is in the log in order, as far as it is. */
    Mono<Void> append(OutRecord record) {
        return Mono.defer(() -> {
            health.require();
            return appender.append(record);
        });
    }

    private Mono<Announced> publishAndWait(ContextEvent event, ContextType type, Duration wait) {
        Waiters.Waiter waiter = waiters.enter();
        OutRecord record = codec.write(event, type, waiter.token());
        return appender.append(record).then(waiter.outcome(wait)).doFinally(signal -> waiter.leave());
    }
}
