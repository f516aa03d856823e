package io.sluice.resolver;

import static io.sluice.resolver.Operations.malformed;

import java.math.BigInteger;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.NumericNode;

/** Exact sums. JavaScript's would be rounded to a double. */
final class JsonNumbers {

    /** A sum has as many digits as lie between the exponents of what is added. Far outside the range of doubles. */
    private static final int MAX_SCALE = 1_000;

    private JsonNumbers() {}

    /** @throws MalformedException unless it is a number of moderate size */
    static JsonNode addend(JsonNode number, String what) {
        if (!(number instanceof NumericNode numeric) || numeric.isNaN()) {
            throw malformed(what + ": " + Operations.kind(number) + " (expected: a number)");
        }
        if (!number.isIntegralNumber() && Math.abs((long) number.decimalValue().scale()) > MAX_SCALE) {
            throw malformed(
                    what + ": " + Texts.shown(number.toString()) + " (expected: an exponent within " + MAX_SCALE + ")");
        }
        return number;
    }

    /** Of two addends. */
    static JsonNode sum(JsonNode one, JsonNode other) {
        if (one.isIntegralNumber() && other.isIntegralNumber()) {
            return whole(one.bigIntegerValue().add(other.bigIntegerValue()));
        }
        return Operations.NODES.numberNode(one.decimalValue().add(other.decimalValue()));
    }

    static JsonNode negated(JsonNode number) {
        return number.isIntegralNumber()
                ? whole(number.bigIntegerValue().negate())
                : Operations.NODES.numberNode(number.decimalValue().negate());
    }

    /** The kind of node that a reader would make: nodes of different kinds are not equal. */
    private static JsonNode whole(BigInteger value) {
        if (value.bitLength() < Integer.SIZE) {
            return Operations.NODES.numberNode(value.intValue());
        }
        return value.bitLength() < Long.SIZE
                ? Operations.NODES.numberNode(value.longValue())
                : Operations.NODES.numberNode(value);
    }
}
