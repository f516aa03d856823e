package io.sluice.resolver;

import java.io.ByteArrayOutputStream;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.function.Consumer;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonGenerator;
import tools.jackson.core.StreamReadConstraints;
import tools.jackson.core.json.JsonFactory;
import tools.jackson.databind.DeserializationFeature;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.cfg.JsonNodeFeature;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/**
 * How JSON is read and written everywhere: strictly (no duplicate members, nothing behind the value, a bounded depth, no half
 * surrogate pairs), with numbers kept as they were written. Safe for use by several threads.
 */
public final class Json {

    /** So deep is a document at most, whatever is configured. */
    public static final int MAX_DEPTH = 128;

    /** For what Sluice itself wrote and has stored. */
    public static final Json TRUSTED = new Json(1000);

    private static final Pattern DUPLICATE = Pattern.compile("^Duplicate \\w+ \"(.*?)\" for ");

    private final JsonMapper mapper;
    private final int maxDepth;

    private Json(int maxDepth) {
        this.maxDepth = maxDepth;
        this.mapper = JsonMapper.builder(JsonFactory.builder()
                        .streamReadConstraints(StreamReadConstraints.builder()
                                .maxNestingDepth(maxDepth)
                                .maxStringLength(Integer.MAX_VALUE)
                                .build())
                        .build())
                .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
                .enable(DeserializationFeature.FAIL_ON_READING_DUP_TREE_KEY)
                .enable(DeserializationFeature.USE_BIG_DECIMAL_FOR_FLOATS)
                .disable(JsonNodeFeature.STRIP_TRAILING_BIGDECIMAL_ZEROES)
                .build();
        // What is made at the first use is made under a lock, on which event loops would wait.
        mapper.readTree("{}");
    }

    /** A reader for what comes from outside. */
    public static Json strict(int maxDepth) {
        if (maxDepth < 1 || maxDepth > MAX_DEPTH) {
            throw new IllegalArgumentException("depth: " + maxDepth + " (expected: 1 to " + MAX_DEPTH + ")");
        }
        return new Json(maxDepth);
    }

    /** As {@link #strict}, for what has documents of that depth in it. @param levels that lie around a document */
    public static Json around(int maxDepth, int levels) {
        return new Json(strict(maxDepth).maxDepth + levels);
    }

    /** @throws MalformedException with the place and the reason, if the bytes are not exactly one JSON value */
    public JsonNode value(byte[] json) {
        try {
            JsonNode node = mapper.readTree(json);
            if (node == null || node.isMissingNode()) {
                throw new MalformedException("malformed-json", "JSON: nothing (expected: a value)");
            }
            if (mayHoldHalfPairs(json) && !isUnicode(node)) {
                throw new MalformedException(
                        "malformed-json", "JSON: a text that is not Unicode (expected: no half surrogate pairs)");
            }
            return node;
        } catch (JacksonException e) {
            throw malformed(e);
        }
    }

    /** Half a surrogate pair can only come as an escape: raw, it is no UTF-8. */
    private static boolean mayHoldHalfPairs(byte[] json) {
        for (int i = 0; i < json.length - 2; i++) {
            if (json[i] == '\\' && json[i + 1] == 'u' && (json[i + 2] | 0x20) == 'd') {
                return true;
            }
        }
        return false;
    }

    static boolean isUnicode(JsonNode node) {
        return switch (node) {
            case ObjectNode object ->
                object.properties().stream()
                        .allMatch(member -> Texts.isUnicode(member.getKey()) && isUnicode(member.getValue()));
            case ArrayNode array -> array.valueStream().allMatch(Json::isUnicode);
            default -> !node.isString() || Texts.isUnicode(node.asString());
        };
    }

    /** How many levels of objects and arrays lie in each other; more than {@link #MAX_DEPTH} are not counted exactly. */
    static int depth(@Nullable JsonNode node) {
        return depth(node, MAX_DEPTH + 1);
    }

    private static int depth(@Nullable JsonNode node, int left) {
        if (node == null || !node.isContainer() || left == 0) {
            return 0;
        }
        int deepest = 0;
        for (JsonNode child : node) {
            deepest = Math.max(deepest, depth(child, left - 1));
        }
        return 1 + deepest;
    }

    /** @throws MalformedException also if the value is not an object */
    public ObjectNode object(byte[] json) {
        if (value(json) instanceof ObjectNode object) {
            return object;
        }
        throw new MalformedException("malformed-json", "JSON: not an object (expected: an object, {...})");
    }

    private MalformedException malformed(JacksonException e) {
        var location = e.getLocation();
        String where =
                location == null ? "" : " at line " + location.getLineNr() + ", column " + location.getColumnNr();
        return new MalformedException("malformed-json", "JSON" + where + ": " + why(e.getOriginalMessage()), e);
    }

    private String why(String message) {
        if (message.contains("nesting depth")) {
            return "deeper than " + maxDepth + " levels (expected: at most " + maxDepth + ")";
        }
        Matcher duplicate = DUPLICATE.matcher(message);
        if (duplicate.find()) {
            return "member \"" + Texts.shown(duplicate.group(1)) + "\" comes twice (expected: each name once)";
        }
        return Texts.shown(message) + " (expected: valid JSON, RFC 8259)";
    }

    /** Compact UTF-8. Half a surrogate pair, which no reader here lets in, would be written as an escape. */
    public static byte[] bytes(JsonNode node) {
        try {
            return TRUSTED.mapper.writeValueAsBytes(node);
        } catch (JacksonException e) {
            throw unwritable(e);
        }
    }

    private static MalformedException unwritable(JacksonException e) {
        return new MalformedException("malformed-json", "JSON that cannot be written: " + e.getOriginalMessage(), e);
    }

    /** As {@link #bytes(JsonNode)}, of what is written in pieces, since it would be many nodes. */
    static byte[] bytes(Consumer<JsonGenerator> pieces) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (JsonGenerator json = TRUSTED.mapper.createGenerator(bytes)) {
            pieces.accept(json);
        } catch (JacksonException e) {
            throw unwritable(e);
        }
        return bytes.toByteArray();
    }

    /**
     * An object with one more member behind the others.
     *
     * @param object encoded, and not empty @param value encoded too
     */
    public static byte[] with(byte[] object, String name, byte[] value) {
        byte[] member = (",\"" + name + "\":").getBytes(StandardCharsets.UTF_8);
        return ByteBuffer.allocate(object.length + member.length + value.length)
                .put(object, 0, object.length - 1)
                .put(member)
                .put(value)
                .put((byte) '}')
                .array();
    }

    public static ObjectNode newObject() {
        return TRUSTED.mapper.createObjectNode();
    }

    public static ArrayNode newArray() {
        return TRUSTED.mapper.createArrayNode();
    }

    /** The number as a reader would have it: what has nothing behind the point is whole. */
    static JsonNode number(BigDecimal number) {
        JsonNodeFactory nodes = TRUSTED.mapper.getNodeFactory();
        if (number.scale() > 0) {
            return nodes.numberNode(number);
        }
        BigInteger whole = number.toBigInteger();
        if (whole.bitLength() < Integer.SIZE) {
            return nodes.numberNode(whole.intValue());
        }
        return whole.bitLength() < Long.SIZE ? nodes.numberNode(whole.longValue()) : nodes.numberNode(whole);
    }
}
