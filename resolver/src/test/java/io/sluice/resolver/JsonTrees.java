package io.sluice.resolver;

import java.math.BigDecimal;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.quicktheories.core.Gen;
import org.quicktheories.core.RandomnessSource;
import org.quicktheories.impl.Constraint;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/** Generated JSON: few names, so that trees meet, and every kind of value. What quicktheories finds it also shrinks. */
final class JsonTrees {

    private static final JsonNodeFactory NODES = JsonNodeFactory.instance;
    private static final List<String> NAMES = List.of("a", "b", "c", "", "ä/~", "😀");

    private JsonTrees() {}

    static ObjectNode object(String json) {
        return Json.TRUSTED.object(json.getBytes(StandardCharsets.UTF_8));
    }

    static JsonNode value(String json) {
        return Json.TRUSTED.value(json.getBytes(StandardCharsets.UTF_8));
    }

    static String text(JsonNode node) {
        return new String(Json.bytes(node), StandardCharsets.UTF_8);
    }

    static Gen<ObjectNode> objects() {
        return random -> object(random, 3);
    }

    static int number(RandomnessSource random, int fromZeroTo) {
        return (int) random.next(Constraint.between(0, fromZeroTo).withNoShrinkPoint());
    }

    private static ObjectNode object(RandomnessSource random, int depth) {
        ObjectNode object = Json.newObject();
        int members = number(random, 4);
        for (int i = 0; i < members; i++) {
            object.set(NAMES.get(number(random, NAMES.size() - 1)), value(random, depth - 1));
        }
        return object;
    }

    private static JsonNode value(RandomnessSource random, int depth) {
        return switch (number(random, depth > 0 ? 9 : 7)) {
            case 0 -> NODES.numberNode(number(random, 2));
            case 1 -> NODES.stringNode(number(random, 1) == 0 ? "1" : "\u0000 ü 😀");
            case 2 -> NODES.booleanNode(number(random, 1) == 0);
            case 3 -> NODES.numberNode(new BigDecimal(number(random, 1) == 0 ? "1.5" : "1E+400"));
            case 4 -> NODES.numberNode(new BigInteger("123456789012345678901234567890"));
            case 5 -> NODES.numberNode(1L << 40);
            case 6 -> NODES.numberNode(new BigDecimal("0.25"));
            case 7 -> NODES.nullNode();
            case 8 -> array(random, depth);
            default -> object(random, depth);
        };
    }

    private static ArrayNode array(RandomnessSource random, int depth) {
        ArrayNode array = NODES.arrayNode();
        int elements = number(random, 3);
        for (int i = 0; i < elements; i++) {
            array.add(value(random, depth - 1));
        }
        return array;
    }
}
