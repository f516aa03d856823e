package io.sluice.backpressure;

import io.sluice.resolver.UnavailableException;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Sinks;

/**
 * Which types this node has stopped, and why: their topics are not what they were, and to go on would resolve wrongly. Nothing
 * of such a type is folded, and nothing taken from publishers; what is stored of it is read as before, and all other types go
 * on. It stays so until the process starts again. Safe for use by several threads.
 */
public final class StoppedTypes {

    private static final Logger log = LoggerFactory.getLogger(StoppedTypes.class);

    private final Map<String, String> reasons = new ConcurrentHashMap<>();
    /** Holds each type once, at most. */
    private final Sinks.Many<ContextType> stops = Sinks.many().replay().all();

    /** Only the first reason counts. */
    public synchronized void stop(ContextType type, String reason) {
        if (reasons.putIfAbsent(type.name(), reason) == null) {
            log.error(
                    "Type {} is stopped, and all others go on: {}; \"When a type is stopped\" in docs/operations.md says how to go on",
                    type.name(),
                    reason);
            stops.tryEmitNext(type);
        }
    }

    public boolean isStopped(ContextType type) {
        return reasons.containsKey(type.name());
    }

    /** By the names of the types. */
    public Map<String, String> reasons() {
        return new TreeMap<>(reasons);
    }

    /** Each type that is stopped, from now on and before. Never completes. */
    Flux<ContextType> stops() {
        return stops.asFlux();
    }

    /** @throws UnavailableException if the type is stopped */
    public void requireGoing(ContextType type) {
        String reason = reasons.get(type.name());
        if (reason != null) {
            throw new UnavailableException(
                    "type-stopped", "type " + type.name() + " is stopped: " + reason + "; nothing was written");
        }
    }
}
