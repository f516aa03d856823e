package io.sluice.resolver;

import static io.sluice.resolver.Operations.NODES;

import java.util.SplittableRandom;
import java.util.random.RandomGenerator;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * A document with two operations for it and one to follow the first; or, if it is hostile, with one spoilt operation.
 *
 * @param question as the oracle is asked
 */
record OracleCase<O>(OperationType<O> type, long seed, ObjectNode question) {

    private static final Pattern GREAT_NUMBER = Pattern.compile("\\d{6}|E\\+");

    static <O> OracleCase<O> make(OperationType<O> type, long seed) {
        SplittableRandom random = new SplittableRandom(seed);
        JsonNode document = type.document(random);
        JsonNode a = type.operation(document, random);
        ObjectNode question = NODES.objectNode().put("type", type.name()).set("document", document);
        if (random.nextInt(10) == 0) {
            question.set("a", answerable(a, random));
        } else {
            question.set("a", a).set("b", type.operation(document, random));
            question.set("next", type.operation(type.apply(document, type.parse(a)), random));
        }
        return new OracleCase<>(type, seed, question);
    }

    /** The oracle for texts counts up to each number that it is given, one by one: it is given no great ones. */
    private static JsonNode answerable(JsonNode operation, RandomGenerator random) {
        while (true) {
            JsonNode spoilt = HostileJson.spoilt(operation, random);
            if (!GREAT_NUMBER.matcher(spoilt.toString()).find()) {
                return spoilt;
            }
        }
    }

    boolean isHostile() {
        return !question.has("b");
    }

    JsonNode document() {
        return question.get("document");
    }

    O operation(String name) {
        return type.parse(question.get(name));
    }

    /** What the oracle should say. */
    ObjectNode answer() {
        O a = operation("a");
        JsonNode applied = type.apply(document(), a);
        ObjectNode answer = NODES.objectNode();
        if (applied != null) {
            answer.set("applied", applied);
        }
        if (!isHostile()) {
            O b = operation("b");
            answer.set("right", type.json(type.transform(b, a, false)));
            answer.set("left", type.json(type.transform(a, b, true)));
            answer.set("composed", type.json(type.compose(a, operation("next"))));
            answer.set("inverse", type.json(type.invert(a, document())));
        }
        return answer;
    }

    /** Whether both orders end at one document, with the operations transformed so. */
    boolean closes(JsonNode left, JsonNode right) {
        if (left == null || right == null) {
            return false;
        }
        try {
            JsonNode leftFirst = type.apply(type.apply(document(), operation("a")), type.parse(right));
            return leftFirst.equals(type.apply(type.apply(document(), operation("b")), type.parse(left)));
        } catch (MalformedException e) {
            return false;
        }
    }

    /** All that are smaller by one component and still are cases. */
    Stream<OracleCase<O>> smaller() {
        return Stream.of("a", "b", "next")
                .filter(name -> question.get(name) instanceof ArrayNode)
                .flatMap(name -> Stream.iterate(0, i -> i < question.get(name).size(), i -> i + 1)
                        .map(i -> {
                            ObjectNode less = question.deepCopy();
                            ((ArrayNode) less.get(name)).remove(i);
                            return new OracleCase<>(type, seed, less);
                        }))
                .filter(OracleCase::fits);
    }

    private boolean fits() {
        if (isHostile()) {
            return true;
        }
        try {
            JsonNode between = type.apply(document(), operation("a"));
            return type.isTruthful(operation("a"), document())
                    && type.isTruthful(operation("b"), document())
                    && type.isTruthful(operation("next"), between);
        } catch (MalformedException e) {
            return false;
        }
    }

    @Override
    public String toString() {
        return question + "\n  (-Dsluice.test.seed=" + seed + " -Dsluice.test.ot.cases=2 begins with it)";
    }
}
