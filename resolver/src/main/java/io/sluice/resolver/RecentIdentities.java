package io.sluice.resolver;

import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The identities that were folded into one context lately, oldest first: the window in which a repeated event is recognised.
 * Immutable.
 */
public final class RecentIdentities {

    /** So many identities of a context are known ... */
    public static final int MAX_COUNT = 256;

    /** ... and each for so long, in log time. */
    public static final Duration MAX_AGE = Duration.ofHours(24);

    public static final RecentIdentities NONE = new RecentIdentities(new Seen[0], new int[0]);

    private final Seen[] seen;

    /** Of each identity. The window is asked for every event and has the answer only for a repeat: few are looked at. */
    private final int[] hashes;

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

    private RecentIdentities(Seen[] seen, int[] hashes) {
        this.seen = seen;
        this.hashes = hashes;
    }

    /** @param seen oldest first */
    public static RecentIdentities of(List<Seen> seen) {
        return new RecentIdentities(
                seen.toArray(Seen[]::new),
                seen.stream().mapToInt(each -> hash(each.identity())).toArray());
    }

    /** Oldest first. */
    public List<Seen> seen() {
        return Collections.unmodifiableList(Arrays.asList(seen));
    }

    /** @param now the log's time of the event that asks */
    public @Nullable Seen find(Fingerprint identity, Instant now) {
        int hash = hash(identity);
        for (int i = hashes.length - 1; i >= 0; i--) {
            if (hashes[i] == hash
                    && seen[i].identity().equals(identity)
                    && !seen[i].time().plus(MAX_AGE).isBefore(now)) {
                return seen[i];
            }
        }
        return null;
    }

    /** The event with that dot, however long ago. */
    @Nullable
    Seen withDot(Fingerprint dot) {
        for (Seen candidate : seen) {
            if (dot.equals(candidate.dot())) {
                return candidate;
            }
        }
        return null;
    }

    public RecentIdentities with(Seen latest) {
        int from = seen.length < MAX_COUNT ? 0 : 1;
        int kept = seen.length - from;
        Seen[] more = new Seen[kept + 1];
        System.arraycopy(seen, from, more, 0, kept);
        more[kept] = latest;
        int[] moreHashes = new int[kept + 1];
        System.arraycopy(hashes, from, moreHashes, 0, kept);
        moreHashes[kept] = hash(latest.identity());
        return new RecentIdentities(more, moreHashes);
    }

    private static int hash(Fingerprint identity) {
        return (int) identity.low();
    }

    @Override
    public boolean equals(@Nullable Object other) {
        return other instanceof RecentIdentities identities && Arrays.equals(seen, identities.seen);
    }

    @Override
    public int hashCode() {
        return Arrays.hashCode(seen);
    }

    @Override
    public String toString() {
        return "RecentIdentities" + seen();
    }
}
