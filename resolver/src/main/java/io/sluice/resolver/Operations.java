package io.sluice.resolver;

import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.JsonNodeFactory;

/** What the operations of all types have in common: their bounds, and how they are refused. */
final class Operations {

    /** More components than this are no edit by a person: and to transform takes time by their product. */
    static final int MAX_COMPONENTS = 10_000;

    static final int MAX_PATH = 64;

    /** No document is as long; far enough from the end of {@code int} for what transforming adds. */
    static final int MAX_INDEX = 1_000_000_000;

    static final JsonNodeFactory NODES = JsonNodeFactory.instance;

    private Operations() {}

    static MalformedException malformed(String message) {
        return new MalformedException("malformed-operation", message);
    }

    /** @throws MalformedException unless it is an array that is not too long */
    static ArrayNode components(JsonNode operation) {
        return components(operation, MAX_COMPONENTS);
    }

    static ArrayNode components(JsonNode operation, int max) {
        if (!(operation instanceof ArrayNode array)) {
            throw malformed("operation: " + kind(operation) + " (expected: an array of components)");
        }
        if (array.size() > max) {
            throw malformed("operation: " + array.size() + " components (expected: at most " + max + ")");
        }
        return array;
    }

    /** @throws MalformedException unless it is a whole number, written as one, of at least {@code min} */
    static int whole(JsonNode number, int min, String what) {
        if (number.isIntegralNumber()
                && number.canConvertToInt()
                && number.intValue() >= min
                && number.intValue() <= MAX_INDEX) {
            return number.intValue();
        }
        String shown = number.isNumber() ? Texts.shown(number.toString()) : kind(number);
        throw malformed(what + ": " + shown + " (expected: a whole number from " + min + " to " + MAX_INDEX + ")");
    }

    /** @throws MalformedException unless it is a text without half surrogate pairs */
    static String text(JsonNode text, String what) {
        if (!text.isString()) {
            throw malformed(what + ": " + kind(text) + " (expected: a text)");
        }
        if (!Texts.isUnicode(text.stringValue())) {
            throw malformed(what + ": not Unicode (expected: no half surrogate pairs)");
        }
        return text.stringValue();
    }

    /** What a message calls the value. */
    static String kind(JsonNode node) {
        return switch (node.getNodeType()) {
            case ARRAY -> "an array";
            case OBJECT -> "an object";
            case STRING -> "a text";
            case NUMBER -> "a number";
            case BOOLEAN -> "a truth value";
            case NULL -> "null";
            default -> "no JSON";
        };
    }
}
