package io.sluice.resolver;

import java.math.BigDecimal;
import java.util.List;
import tools.jackson.databind.JsonNode;

/** One operation on the value at one path. The trees are shared and never changed. */
public sealed interface Operation {

    /** A JSON Pointer. */
    String path();

    /** Adds to a counter. */
    record Add(String path, BigDecimal amount) implements Operation {}

    /** Inserts elements into a set, after removing others. */
    record Elements(String path, List<JsonNode> insert, List<JsonNode> remove) implements Operation {
        public Elements {
            insert = List.copyOf(insert);
            remove = List.copyOf(remove);
        }
    }

    /**
     * Edits a text or JSON value.
     *
     * @param kind TEXT or JSON
     * @param edit in the wire format of {@code ot-text-unicode} or {@code ot-json0}
     * @param revision how many edits of this path its author had seen
     */
    record Edit(String path, Policy.Kind kind, JsonNode edit, long revision) implements Operation {}
}
