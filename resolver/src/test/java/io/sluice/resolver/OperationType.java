package io.sluice.resolver;

import java.util.List;
import java.util.random.RandomGenerator;
import tools.jackson.databind.JsonNode;

/** A type of operations, with documents and operations for it that are made at random. */
interface OperationType<O> {

    String name();

    O parse(JsonNode operation);

    JsonNode json(O operation);

    JsonNode apply(JsonNode document, O operation);

    O transform(O operation, O other, boolean left);

    O compose(O first, O next);

    /** The inverse against the document before the operation. */
    O invert(O operation, JsonNode before);

    /** Whether it removes what it says that it removes. */
    boolean isTruthful(O operation, JsonNode before);

    JsonNode document(RandomGenerator random);

    /** One that fits the document. */
    JsonNode operation(JsonNode document, RandomGenerator random);

    /** All there are. */
    List<String> kinds();

    /** Of the components of an operation. */
    List<String> kinds(JsonNode operation);
}
