package io.sluice.backpressure;

import io.sluice.resolver.Partition;
import java.time.Duration;

/** What the pipeline has to say of itself. Called often, on its threads: must be cheap and never fail. */
public interface PipelineEvents {

    /** The legs of the way of an event, in order. */
    enum Leg {
        /** From the log's time of the oldest event of a batch until it is read. */
        READ,
        LOAD,
        FOLD,
        STORE,
        CACHE,
        ANNOUNCE
    }

    PipelineEvents NONE = new PipelineEvents() {};

    default void took(Leg leg, Lane lane, Duration duration) {}

    default void resolved(String type, String resolution) {}

    /** Concurrent writes to one path, of which an event is one, were decided by that rule. */
    default void conflict(String type, String rule) {}

    default void deadLettered(String type, String reason) {}

    /** A record was in another partition than its key's, and goes there. */
    default void moved(String type) {}

    /** Everything before that offset is stored and announced. */
    default void done(Partition partition, long nextOffset) {}

    default void stored(Lane lane, int batches, int events) {}

    default void restarted(Lane lane, Throwable cause) {}
}
