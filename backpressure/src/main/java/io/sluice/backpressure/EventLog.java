package io.sluice.backpressure;

import io.sluice.resolver.Partition;
import java.util.Collection;
import java.util.List;
import java.util.OptionalLong;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

/**
 * The log that events come in by. What every such log promises:
 * <ul>
 *   <li>Nothing is read before a subscription; each subscription is one member of the group.
 *   <li>Records of one partition come in order, without gaps, from the position that {@link Ownership#assigned} gave.
 *   <li>A batch holds records of one partition only, at least one.
 *   <li>A paused partition gives nothing after the batches already on their way, which are few and bounded; the member stays
 *       in its group.
 *   <li>Fails when the connection to the log does; a new subscription starts over.
 * </ul>
 */
public interface EventLog {

    /** @param lane names the group; its members share the partitions of these topics */
    Reading read(Lane lane, Collection<String> topics, Ownership ownership);

    /** One member of the group. */
    interface Reading {

        /** To be subscribed once. Cancelling leaves the group. */
        Flux<List<LogRecord>> batches();

        Mono<Void> pause(Partition partition);

        Mono<Void> resume(Partition partition);

        /** For displays of lag only: everything before that offset is done. Cheap, never fails. */
        void done(Partition partition, long nextOffset);
    }

    /** What the log has of a partition: asked for anew with each call, on the thread that reads. */
    interface Extent {

        /** The offset of the first record that it still has, or of the next. */
        long begin();

        /** The offset of the next record. */
        long end();
    }

    /** Told, on the thread that reads and before anything is read, whose the partitions are. May block there. */
    interface Ownership {

        /** @return the offset to start from; empty: nothing of it is read by this member */
        OptionalLong assigned(Partition partition, Extent extent);

        /** Also for a partition that was lost to a member that seemed dead: somebody else may own it already. */
        void revoked(Partition partition);
    }
}
