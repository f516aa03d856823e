package io.sluice.resolver;

import static io.sluice.resolver.Operations.NODES;

import java.util.List;
import java.util.random.RandomGenerator;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;

/** Operations on a plain text. */
final class TextType implements OperationType<TextOperation> {

    @Override
    public String name() {
        return "text";
    }

    @Override
    public TextOperation parse(JsonNode operation) {
        return TextOperation.parse(operation);
    }

    @Override
    public JsonNode json(TextOperation operation) {
        return operation.json();
    }

    @Override
    public JsonNode apply(JsonNode document, TextOperation operation) {
        return NODES.stringNode(operation.apply(document.stringValue()));
    }

    @Override
    public TextOperation transform(TextOperation operation, TextOperation other, boolean left) {
        return operation.transform(other, left);
    }

    @Override
    public TextOperation compose(TextOperation first, TextOperation next) {
        return first.compose(next);
    }

    @Override
    public TextOperation invert(TextOperation operation, JsonNode before) {
        return operation.invert(before.stringValue());
    }

    @Override
    public boolean isTruthful(TextOperation operation, JsonNode before) {
        return true;
    }

    @Override
    public JsonNode document(RandomGenerator random) {
        return NODES.stringNode(RandomTexts.text(random, 14));
    }

    @Override
    public JsonNode operation(JsonNode document, RandomGenerator random) {
        String text = document.stringValue();
        ArrayNode operation = NODES.arrayNode();
        int length = RandomTexts.length(text);
        int lastKind = -1;
        for (int at = 0; random.nextInt(8) != 0; ) {
            int kind = random.nextInt(3);
            if (kind == lastKind || (kind != 1 && at == length)) {
                continue;
            }
            lastKind = kind;
            if (kind == 1) {
                operation.add(RandomTexts.someText(random, 3));
                continue;
            }
            int count = 1 + random.nextInt(Math.min(4, length - at));
            if (kind == 0) {
                operation.add(count);
            } else if (random.nextBoolean()) {
                operation.addObject().put("d", count);
            } else {
                operation
                        .addObject()
                        .put("d", text.substring(RandomTexts.units(text, at), RandomTexts.units(text, at + count)));
            }
            at += count;
        }
        if (lastKind == 0) {
            operation.remove(operation.size() - 1);
        }
        return operation;
    }

    @Override
    public List<String> kinds() {
        return List.of("skip", "insert", "d:n", "d:text");
    }

    @Override
    public List<String> kinds(JsonNode operation) {
        return operation
                .valueStream()
                .map(part -> part.isNumber()
                        ? "skip"
                        : part.isString() ? "insert" : part.get("d").isNumber() ? "d:n" : "d:text")
                .distinct()
                .toList();
    }
}
