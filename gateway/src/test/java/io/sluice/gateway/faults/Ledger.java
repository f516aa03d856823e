package io.sluice.gateway.faults;

import io.sluice.resolver.Identity;
import io.sluice.resolver.Revision;
import java.time.Instant;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.jspecify.annotations.Nullable;

/** What clients wrote and read, and what they were told. Safe for use by several threads. */
final class Ledger {

    /** The answer to a write. */
    sealed interface Answer {

        /** The log has it. */
        record Accepted() implements Answer {}

        /** @param revision null: the context was not there @param digest of the document; null if the answer had no body */
        record Resolved(
                String resolution,
                @Nullable Revision revision,
                @Nullable Long digest) implements Answer {}

        record Rejected(String reason) implements Answer {}

        /** What cannot be read as an event is in the log at that place. */
        record Unreadable(String position) implements Answer {}
    }

    /** An event that a client began to write. */
    static final class Sent {

        final String key;
        final Identity identity;
        /** How often it was sent. */
        volatile int tries;
        /** Null: it is not known whether the log has it. */
        volatile @Nullable Answer answer;

        private Sent(String key, Identity identity) {
            this.key = key;
            this.identity = identity;
        }

        @Override
        public String toString() {
            return key + " " + identity.writer() + " " + identity.eventId() + " (" + tries + " tries: " + answer + ")";
        }
    }

    /**
     * A read of one context.
     *
     * @param at null: as it was just then
     * @param version null: it was not there
     * @param atLeast what the node had told of that context before: it may answer nothing older
     */
    record Read(
            int node,
            String key,
            @Nullable Instant at,
            @Nullable Revision version,
            long digest,
            @Nullable Revision atLeast) {}

    private final Map<Identity, Sent> sent = new ConcurrentHashMap<>();
    private final Queue<List<Identity>> ordered = new ConcurrentLinkedQueue<>();
    private final Queue<Read> reads = new ConcurrentLinkedQueue<>();

    Sent begin(String key, String writer, String eventId) {
        Sent begun = new Sent(key, new Identity(writer, eventId));
        if (sent.put(begun.identity, begun) != null) {
            throw new IllegalStateException(begun + " is there twice");
        }
        return begun;
    }

    /** These of one context were written in that order. */
    void inOrder(List<Identity> identities) {
        ordered.add(List.copyOf(identities));
    }

    void read(Read read) {
        reads.add(read);
    }

    @Nullable
    Sent of(Identity identity) {
        return sent.get(identity);
    }

    Collection<Sent> sent() {
        return sent.values();
    }

    Collection<List<Identity>> ordered() {
        return ordered;
    }

    Collection<Read> reads() {
        return reads;
    }

    long acknowledged() {
        return sent.values().stream().filter(each -> each.answer != null).count();
    }

    long repeats() {
        return sent.values().stream()
                .mapToLong(each -> Math.max(0, each.tries - 1))
                .sum();
    }
}
