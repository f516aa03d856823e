package io.sluice.resolver;

import static io.sluice.resolver.Operations.NODES;

import java.math.BigDecimal;
import java.math.BigInteger;
import java.util.List;
import java.util.random.RandomGenerator;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** Operations as no client of good will sends them: good ones, spoilt in a few places. */
final class HostileJson {

    private static final List<String> NAMES = List.of(
            "p", "na", "oi", "od", "li", "ld", "lm", "si", "sd", "t", "o", "i", "d", "x", "__proto__", "length");

    private HostileJson() {}

    static JsonNode spoilt(JsonNode operation, RandomGenerator random) {
        JsonNode spoilt = operation.deepCopy();
        for (int left = random.nextInt(1, 4); left > 0; left--) {
            spoilt = spoiltOnce(spoilt, random);
        }
        return spoilt;
    }

    private static JsonNode spoiltOnce(JsonNode node, RandomGenerator random) {
        if (node instanceof ArrayNode array && !array.isEmpty() && random.nextInt(6) != 0) {
            int index = random.nextInt(array.size());
            switch (random.nextInt(8)) {
                case 0 -> array.remove(index);
                case 1 -> array.insert(index, array.get(index).deepCopy());
                case 2 -> array.add(junk(random));
                default -> array.set(index, spoiltOnce(array.get(index), random));
            }
            return array;
        }
        if (node instanceof ObjectNode object && !object.isEmpty() && random.nextInt(6) != 0) {
            String name = List.copyOf(object.propertyNames()).get(random.nextInt(object.size()));
            switch (random.nextInt(8)) {
                case 0 -> object.remove(name);
                case 1 -> object.set(NAMES.get(random.nextInt(NAMES.size())), junk(random));
                case 2 -> object.set(NAMES.get(random.nextInt(NAMES.size())), object.remove(name));
                default -> object.set(name, spoiltOnce(object.get(name), random));
            }
            return object;
        }
        if (node.isInt() && random.nextBoolean()) {
            return NODES.numberNode(node.intValue() + random.nextInt(-3, 4));
        }
        return junk(random);
    }

    static JsonNode junk(RandomGenerator random) {
        return switch (random.nextInt(14)) {
            case 0 -> NODES.nullNode();
            case 1 -> NODES.numberNode(random.nextInt(-2, 6));
            case 2 -> NODES.numberNode(Integer.MAX_VALUE);
            case 3 -> NODES.numberNode(1L << 40);
            case 4 -> NODES.numberNode(new BigInteger("123456789012345678901234567890"));
            case 5 -> NODES.numberNode(new BigDecimal("1.5"));
            case 6 -> NODES.numberNode(new BigDecimal("1E+999999999"));
            case 7 -> NODES.stringNode(NAMES.get(random.nextInt(NAMES.size())));
            case 8 -> NODES.stringNode(RandomTexts.text(random, 4));
            case 9 -> NODES.stringNode(random.nextBoolean() ? "\ud83d" : "\ude00x");
            case 10 -> NODES.booleanNode(random.nextBoolean());
            case 11 -> NODES.objectNode().put(NAMES.get(random.nextInt(NAMES.size())), random.nextInt(-1, 4));
            default -> JsonType.value(random, 2);
        };
    }
}
