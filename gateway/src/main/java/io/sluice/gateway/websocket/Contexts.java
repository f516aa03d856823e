package io.sluice.gateway.websocket;

import io.sluice.resolver.ContextKey;
import java.util.List;
import org.jspecify.annotations.Nullable;
import reactor.core.Disposable;
import reactor.core.publisher.Mono;
import tools.jackson.databind.node.ObjectNode;

/**
 * The contexts, as clients of this protocol see them. Each {@code Mono} does nothing before it is subscribed to, and once for
 * each subscription; it may fail with a {@link CommandFailure}, which the client is told, or a
 * {@link io.sluice.resolver.ContextException}, for which it gets a code that fits; of anything else it learns nothing.
 */
public interface Contexts {

    /**
     * Begins a subscription. Returns at once; the listener is called on the client's event loop, possibly before this returns.
     *
     * @param recoverFrom where the client stands; null: it wants the context as it is now. {@link Position#NONE}: it has seen a
     *     context not yet written. An empty epoch with an offset stands for whichever epoch the context has now
     * @return ends the subscription; the listener is not called any more
     */
    Disposable subscribe(ContextKey key, @Nullable Position recoverFrom, Listener listener);

    /** Writes a merge patch. Completes when the log has it. */
    Mono<Void> publish(ContextKey key, ObjectNode patch);

    /** Past publications. Fails with {@link Errors#UNRECOVERABLE_POSITION} if what the range begins with is no longer kept. */
    Mono<History> history(ContextKey key, Range range);

    /** One JSON value, in one line. Empty means: there is no such context. */
    Mono<byte[]> call(Call call);

    /** Who is subscribed. {@link #subscribed} comes first and once, or {@link #unsubscribed} instead of it. */
    interface Listener {

        /**
         * The subscription holds: whatever comes after the position will be told.
         *
         * @param position where the context is now, after the publications; {@link Position#NONE} if it is not yet written
         * @param recovered all that the client has missed is in the publications, or stands in the newest of them: it has lost
         *     nothing. Never true without {@code recoverFrom}
         * @param publications pushes as {@link Replies#publication} makes them for {@link ChannelNames#of}, the oldest first. Not
         *     recovered: the context as it is now, or none if it is not yet written
         */
        void subscribed(Position position, boolean recovered, List<byte[]> publications);

        /** @param lines pushes as {@link Replies#publication} makes them for {@link ChannelNames#of}; shared by all who listen */
        void publications(byte[] lines);

        /** The last call. A context that has begun a new life: {@link Unsubscribed#INSUFFICIENT_STATE}, since its epoch is another. */
        void unsubscribed(Unsubscribed why);
    }

    /**
     * @param limit 0: the position only; negative: as many as there may be
     * @param since exclusive; null: from the one end or the other
     * @param reverse the newest first
     */
    record Range(int limit, @Nullable Position since, boolean reverse) {}

    /** @param top where the context is now @param publications pushes, as {@link Listener#subscribed} has them */
    record History(Position top, List<byte[]> publications) {}
}
