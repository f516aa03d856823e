package io.sluice.resolver;

import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/**
 * Concurrent writes to one path, and how it was decided between them.
 *
 * @param path where in the document, as a JSON Pointer (RFC 6901)
 * @param rule what decided: the policy, or, of {@link Policy.Kind#PRIORITY}, the first of its criteria that told them apart
 * @param failed why the rule of the path could not decide; null if it did, or there is none
 */
public record Conflict(
        String path,
        String rule,
        Candidate winner,
        List<Candidate> losers,
        @Nullable String failed) {

    public Conflict {
        losers = List.copyOf(losers);
    }

    public Conflict(String path, String rule, Candidate winner, List<Candidate> losers) {
        this(path, rule, winner, losers, null);
    }

    /** One of the concurrent writes. @param value null: it removed what was there */
    public record Candidate(Identity identity, @Nullable JsonNode value, Instant time) {}

    boolean involves(Identity identity) {
        return winner.identity().equals(identity)
                || losers.stream().anyMatch(loser -> loser.identity().equals(identity));
    }
}
