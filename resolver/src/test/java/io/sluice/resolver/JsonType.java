package io.sluice.resolver;

import static io.sluice.resolver.Operations.NODES;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;
import java.util.random.RandomGenerator;
import java.util.stream.Stream;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** Operations on a JSON document. Few names and short lists, so that operations meet. */
final class JsonType implements OperationType<JsonOperation> {

    private static final List<String> NAMES = List.of("a", "b", "c", "", "ä/~", "😀", "0");

    /** Which of the two forms of text edits an operation may have. */
    enum Form {
        OLDER,
        NEWER,
        BOTH
    }

    private final Form form;

    JsonType(Form form) {
        this.form = form;
    }

    @Override
    public String name() {
        return "json0";
    }

    @Override
    public JsonOperation parse(JsonNode operation) {
        return JsonOperation.parse(operation);
    }

    @Override
    public JsonNode json(JsonOperation operation) {
        return operation.json();
    }

    @Override
    public JsonNode apply(JsonNode document, JsonOperation operation) {
        return operation.apply(document);
    }

    @Override
    public JsonOperation transform(JsonOperation operation, JsonOperation other, boolean left) {
        return operation.transform(other, left);
    }

    @Override
    public JsonOperation compose(JsonOperation first, JsonOperation next) {
        return first.compose(next);
    }

    @Override
    public JsonOperation invert(JsonOperation operation, JsonNode before) {
        return operation.invert(before);
    }

    @Override
    public boolean isTruthful(JsonOperation operation, JsonNode before) {
        return operation.withDeleted(before).equals(operation);
    }

    @Override
    public JsonNode document(RandomGenerator random) {
        return random.nextInt(10) == 0
                ? value(random, 2)
                : random.nextInt(3) == 0 ? array(random, 3) : object(random, 3);
    }

    static JsonNode value(RandomGenerator random, int depth) {
        return switch (random.nextInt(depth > 0 ? 8 : 5)) {
            case 0 -> NODES.nullNode();
            case 1 -> NODES.booleanNode(random.nextBoolean());
            case 2, 3 -> NODES.stringNode(RandomTexts.text(random, 6));
            case 4 -> NODES.numberNode(random.nextInt(-3, 20));
            case 5 -> object(random, depth);
            default -> array(random, depth);
        };
    }

    private static JsonNode object(RandomGenerator random, int depth) {
        ObjectNode object = NODES.objectNode();
        for (int left = random.nextInt(4); left > 0; left--) {
            object.set(NAMES.get(random.nextInt(NAMES.size())), value(random, depth - 1));
        }
        return object;
    }

    private static JsonNode array(RandomGenerator random, int depth) {
        ArrayNode array = NODES.arrayNode();
        for (int left = random.nextInt(6); left > 0; left--) {
            array.add(value(random, depth - 1));
        }
        return array;
    }

    @Override
    public JsonNode operation(JsonNode document, RandomGenerator random) {
        ArrayNode operation = NODES.arrayNode();
        JsonNode now = document;
        for (int left = 4 - (int) Math.sqrt(random.nextInt(25)); left > 0; left--) {
            ObjectNode component = component(now, random);
            if (component != null) {
                now = JsonOperation.parse(NODES.arrayNode().add(component)).apply(now);
                operation.add(component);
            }
        }
        return operation;
    }

    /** Null if there is nothing to be done where chance has led. */
    private ObjectNode component(JsonNode document, RandomGenerator random) {
        ArrayNode path = NODES.arrayNode();
        JsonNode parent = null;
        JsonNode value = document;
        while (value.isContainer() && !value.isEmpty() && random.nextInt(4) != 0) {
            parent = value;
            if (value instanceof ObjectNode object) {
                String name = List.copyOf(object.propertyNames()).get(random.nextInt(object.size()));
                path.add(name);
                value = object.get(name);
            } else {
                int index = random.nextInt(value.size());
                path.add(index);
                value = value.get(index);
            }
        }
        List<Supplier<ObjectNode>> choices = new ArrayList<>();
        addReplacing(choices, new Place(path, parent, value), random);
        addWithin(choices, new Place(path, parent, value), random);
        return choices.isEmpty()
                ? null
                : choices.get(random.nextInt(choices.size())).get();
    }

    private record Place(ArrayNode path, JsonNode parent, JsonNode value) {

        ObjectNode component() {
            return NODES.objectNode().set("p", path.deepCopy());
        }

        ObjectNode component(JsonNode step) {
            return NODES.objectNode().set("p", path.deepCopy().add(step));
        }
    }

    private static void addReplacing(List<Supplier<ObjectNode>> choices, Place place, RandomGenerator random) {
        if (place.parent instanceof ArrayNode list) {
            choices.add(() -> place.component().put("lm", random.nextInt(list.size())));
            choices.add(() -> place.component().put("lm", random.nextInt(list.size())));
            choices.add(() -> place.component().set("ld", place.value));
            choices.add(() -> place.component().set("ld", place.value).set("li", value(random, 2)));
        } else if (place.parent != null || random.nextInt(20) == 0) {
            choices.add(() -> place.component().set("od", place.value).set("oi", value(random, 2)));
            if (place.parent != null) {
                choices.add(() -> place.component().set("od", place.value));
            }
        }
    }

    private void addWithin(List<Supplier<ObjectNode>> choices, Place place, RandomGenerator random) {
        switch (place.value) {
            case ArrayNode list -> {
                int index = random.nextInt(list.size() + 1);
                choices.add(() -> place.component(NODES.numberNode(index)).set("li", value(random, 2)));
                choices.add(() -> place.component(NODES.numberNode(index)).set("li", value(random, 2)));
            }
            case ObjectNode object -> {
                String name = NAMES.get(random.nextInt(NAMES.size()));
                if (!object.has(name)) {
                    choices.add(() -> place.component(NODES.stringNode(name)).set("oi", value(random, 2)));
                }
            }
            case JsonNode text
            when text.isString() -> {
                choices.add(() -> textEdit(place, random));
                choices.add(() -> textEdit(place, random));
                choices.add(() -> textEdit(place, random));
            }
            case JsonNode number
            when number.isNumber() -> choices.add(() -> place.component().put("na", random.nextInt(-3, 8)));
            default -> {}
        }
    }

    private ObjectNode textEdit(Place place, RandomGenerator random) {
        boolean older = form == Form.OLDER || (form == Form.BOTH && random.nextBoolean());
        String text = place.value.stringValue();
        if (older) {
            ObjectNode edit = edit(text, random);
            ObjectNode component = place.component(edit.get("p"));
            return component.put(
                    edit.has("i") ? "si" : "sd",
                    edit.path(edit.has("i") ? "i" : "d").stringValue());
        }
        ArrayNode edits = NODES.arrayNode();
        for (int left = random.nextInt(1, 4); left > 0; left--) {
            ObjectNode edit = edit(text, random);
            edits.add(edit);
            StringBuilder edited = new StringBuilder(text);
            int at = edit.get("p").intValue();
            text = (edit.has("i")
                            ? edited.insert(at, edit.get("i").stringValue())
                            : edited.delete(at, at + edit.get("d").stringValue().length()))
                    .toString();
        }
        return place.component().put("t", "text0").set("o", edits);
    }

    private static ObjectNode edit(String text, RandomGenerator random) {
        int length = RandomTexts.length(text);
        int at = random.nextInt(length + 1);
        int from = RandomTexts.units(text, at);
        if (at == length || random.nextBoolean()) {
            return NODES.objectNode().put("p", from).put("i", RandomTexts.text(random, 3));
        }
        int to = RandomTexts.units(text, at + random.nextInt(1 + Math.min(4, length - at)));
        return NODES.objectNode().put("p", from).put("d", text.substring(from, to));
    }

    @Override
    public List<String> kinds() {
        return List.of("na", "oi", "od", "od+oi", "li", "ld", "ld+li", "lm", "si", "sd", "text0");
    }

    @Override
    public List<String> kinds(JsonNode operation) {
        return operation.valueStream().map(JsonType::kind).distinct().toList();
    }

    private static String kind(JsonNode component) {
        return component.has("t")
                ? "text0"
                : String.join(
                        "+",
                        Stream.of("na", "od", "oi", "ld", "li", "lm", "si", "sd")
                                .filter(component::has)
                                .toList());
    }
}
