package io.sluice.resolver;

import java.util.List;
import tools.jackson.databind.node.ObjectNode;

/** What an event does to a document. The trees are shared and never changed. */
public sealed interface Change {

    /** A JSON Merge Patch (RFC 7396) of the document, or of an empty one where there is none. */
    record Patch(ObjectNode patch) implements Change {}

    /** The whole document. */
    record Replace(ObjectNode document) implements Change {}

    record Delete() implements Change {}

    /** Operations on single values: counters, sets, and documents that several edit at once. */
    record Operate(List<Operation> operations) implements Change {
        public Operate {
            operations = List.copyOf(operations);
        }
    }

    Change DELETE = new Delete();

    /** The word for this kind of change in records, as in {@code sluice-change}. */
    default String kind() {
        return switch (this) {
            case Patch p -> "patch";
            case Replace r -> "replace";
            case Delete d -> "delete";
            case Operate o -> "ops";
        };
    }
}
