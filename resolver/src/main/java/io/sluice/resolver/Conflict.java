package io.sluice.resolver;

import java.time.Instant;
import java.util.List;
import tools.jackson.databind.JsonNode;

/**
 * Concurrent writes to one path, and how it was decided between them.
 *
 * @param path where in the document, as a JSON Pointer (RFC 6901)
 * @param rule the policy that decided
 */
public record Conflict(String path, String rule, Candidate winner, List<Candidate> losers) {

    public Conflict {
        losers = List.copyOf(losers);
    }

    /** One of the concurrent writes. */
    public record Candidate(Identity identity, JsonNode value, Instant time) {}
}
