package io.sluice.backpressure;

import io.sluice.resolver.UnavailableException;
import java.time.Duration;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import reactor.core.publisher.Mono;
import reactor.core.publisher.Sinks;

/** Who waits on this node for the outcome of an event, whichever node resolves it. Safe for use by several threads. */
public final class Waiters {

    private static final int MAX = 100_000;

    private final String node = UUID.randomUUID().toString();
    private final AtomicLong count = new AtomicLong();
    private final Map<String, Sinks.One<Announced>> waiting = new ConcurrentHashMap<>();

    /** A place to wait at. The token goes with the event; whoever announces the outcome sends it back. */
    public final class Waiter {

        private final String token = node + "-" + count.incrementAndGet();
        private final Sinks.One<Announced> outcome = Sinks.one();

        public String token() {
            return token;
        }

        /** The outcome; empty if it does not come in time. */
        public Mono<Announced> outcome(Duration patience) {
            return outcome.asMono().timeout(patience, Mono.empty());
        }

        /** To be called when nobody waits any more. */
        public void leave() {
            waiting.remove(token);
        }
    }

    /** To be called before the event is published: its outcome may come at once. */
    public Waiter enter() {
        if (waiting.size() >= MAX) {
            throw new UnavailableException("too-many-waiters", "waiting publishers: " + MAX + " (expected: fewer)");
        }
        Waiter waiter = new Waiter();
        waiting.put(waiter.token(), waiter.outcome);
        return waiter;
    }

    void tell(Announced announced) {
        Announced.Told told = announced.told();
        if (told != null) {
            Sinks.One<Announced> waiter = waiting.get(told.waiter());
            if (waiter != null) {
                waiter.tryEmitValue(announced);
            }
        }
    }
}
