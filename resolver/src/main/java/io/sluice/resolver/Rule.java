package io.sluice.resolver;

import java.time.Instant;
import java.util.List;
import tools.jackson.databind.JsonNode;

/**
 * Chooses among concurrent writes. A pure function of the candidates, bounded in time. Whatever it throws means that it cannot
 * decide. Safe for use by several threads.
 */
@FunctionalInterface
public interface Rule {

    /**
     * @param candidates at least two, in the order of {@link Policy.Kind#PRIORITY}, its choice first
     * @return the index of the one that is to be seen; another number means that the rule cannot decide
     */
    int choose(List<Candidate> candidates);

    /** @param value null of JSON where the write removes the member @param writerClass the writer itself, if it is in no class */
    record Candidate(JsonNode value, String writer, String writerClass, Instant time, String eventId) {}
}
