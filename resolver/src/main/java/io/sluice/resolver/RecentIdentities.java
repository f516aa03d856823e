package io.sluice.resolver;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The identities that were folded into one context lately, oldest first: the window in which a repeated event is recognised.
 * Immutable.
 */
public record RecentIdentities(List<Seen> seen) {

    /** So many identities of a context are known ... */
    public static final int MAX_COUNT = 256;

    /** ... and each for so long, in log time. */
    public static final Duration MAX_AGE = Duration.ofHours(24);

    public static final RecentIdentities NONE = new RecentIdentities(List.of());

    /**
     * @param dot of the event; null if it had no clock
     * @param revision what the context stood at after the event; null if it did not exist
     */
    public record Seen(
            Fingerprint identity,
            Fingerprint content,
            @Nullable Fingerprint dot,
            Instant time,
            @Nullable Revision revision) {}

    public RecentIdentities {
        seen = List.copyOf(seen);
    }

    /** @param now the log's time of the event that asks */
    public @Nullable Seen find(Fingerprint identity, Instant now) {
        for (int i = seen.size() - 1; i >= 0; i--) {
            Seen candidate = seen.get(i);
            if (candidate.identity().equals(identity)
                    && !candidate.time().plus(MAX_AGE).isBefore(now)) {
                return candidate;
            }
        }
        return null;
    }

    /** The event with that dot, however long ago. */
    @Nullable
    Seen withDot(Fingerprint dot) {
        return seen.stream()
                .filter(candidate -> dot.equals(candidate.dot()))
                .findFirst()
                .orElse(null);
    }

    public RecentIdentities with(Seen latest) {
        int from = seen.size() < MAX_COUNT ? 0 : 1;
        Seen[] next = new Seen[seen.size() - from + 1];
        for (int i = from; i < seen.size(); i++) {
            next[i - from] = seen.get(i);
        }
        next[next.length - 1] = latest;
        return new RecentIdentities(List.of(next));
    }
}
