package io.sluice.resolver;

import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** What JavaScript sees of JSON. */
final class JavaScript {

    private JavaScript() {}

    /** Whether two values are one to JavaScript, whose numbers are doubles, and which writes null for an infinite one. */
    static boolean equal(JsonNode one, JsonNode other) {
        if (one == null || other == null) {
            return one == other;
        }
        if (one instanceof ObjectNode object) {
            return other.isObject()
                    && object.size() == other.size()
                    && object.properties().stream()
                            .allMatch(member -> equal(member.getValue(), other.get(member.getKey())));
        }
        if (one instanceof ArrayNode array) {
            if (!other.isArray() || array.size() != other.size()) {
                return false;
            }
            for (int i = 0; i < array.size(); i++) {
                if (!equal(array.get(i), other.get(i))) {
                    return false;
                }
            }
            return true;
        }
        if (one.isNumber()) {
            double value = one.decimalValue().doubleValue();
            return other.isNumber()
                    ? value == other.decimalValue().doubleValue()
                    : other.isNull() && Double.isInfinite(value);
        }
        return one.equals(other);
    }
}
