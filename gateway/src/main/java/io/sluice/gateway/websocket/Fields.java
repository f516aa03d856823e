package io.sluice.gateway.websocket;

import io.sluice.resolver.MalformedException;
import io.sluice.resolver.Texts;
import java.math.BigInteger;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * The members of an object from outside, by type. One that is not there, or null, has the value that the protocol leaves out: an
 * empty text, 0 or false. One of another type throws a {@link MalformedException}.
 */
record Fields(ObjectNode json) {

    private static final BigInteger LONGEST = BigInteger.ONE.shiftLeft(64).subtract(BigInteger.ONE);

    @Nullable
    JsonNode value(String name) {
        JsonNode value = json.get(name);
        return value == null || value.isNull() ? null : value;
    }

    @Nullable
    Fields object(String name) {
        JsonNode value = value(name);
        if (value == null || value instanceof ObjectNode) {
            return value == null ? null : new Fields((ObjectNode) value);
        }
        throw malformed(name, value, "an object");
    }

    String text(String name) {
        JsonNode value = value(name);
        if (value == null || value.isString()) {
            return value == null ? "" : value.asString();
        }
        throw malformed(name, value, "a text");
    }

    boolean flag(String name) {
        JsonNode value = value(name);
        if (value == null || value.isBoolean()) {
            return value != null && value.booleanValue();
        }
        throw malformed(name, value, "true or false");
    }

    long number(String name, long min, long max) {
        JsonNode value = value(name);
        if (value == null) {
            return 0;
        }
        if (value.isIntegralNumber() && value.canConvertToLong()) {
            long number = value.longValue();
            if (number >= min && number <= max) {
                return number;
            }
        }
        throw malformed(name, value, "a whole number, " + min + " to " + max);
    }

    /** A number of 64 bits without sign. One that no version will ever have becomes the greatest that there is. */
    long offset(String name) {
        JsonNode value = value(name);
        if (value == null) {
            return 0;
        }
        if (value.isIntegralNumber()) {
            BigInteger number = value.bigIntegerValue();
            if (number.signum() >= 0 && number.compareTo(LONGEST) <= 0) {
                return number.bitLength() < Long.SIZE ? number.longValue() : Long.MAX_VALUE;
            }
        }
        throw malformed(name, value, "a whole number, 0 to " + LONGEST);
    }

    private static MalformedException malformed(String name, JsonNode value, String expected) {
        String shown = value.isContainer() ? (value.isObject() ? "{...}" : "[...]") : value.asString();
        return new MalformedException(
                "malformed-command", name + ": " + Texts.shown(shown) + " (expected: " + expected + ")");
    }
}
