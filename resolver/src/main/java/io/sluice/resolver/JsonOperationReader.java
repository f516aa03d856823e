package io.sluice.resolver;

import static io.sluice.resolver.Operations.malformed;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** Reads one operation on a JSON document, from whoever it may come. */
final class JsonOperationReader {

    private static final String EXPECTED =
            " (expected: p and one of na, oi, od, od and oi, li, ld, ld and li, lm, si, sd, t and o)";

    private final int max;
    private int edits;

    /** @param max components, and edits of texts in them */
    JsonOperationReader(int max) {
        this.max = max;
    }

    /** @throws MalformedException naming the component and what is wrong with it */
    List<JsonComponent> components(JsonNode operation) {
        ArrayNode array = Operations.components(operation, max);
        List<JsonComponent> components = new ArrayList<>(array.size());
        for (int i = 0; i < array.size(); i++) {
            String where = "component " + i;
            if (!(array.get(i) instanceof ObjectNode object)) {
                throw malformed(where + ": " + Operations.kind(array.get(i)) + " (expected: an object)");
            }
            components.add(component(object, where));
        }
        return components;
    }

    private JsonComponent component(ObjectNode object, String where) {
        List<Step> path = path(object.get("p"), where + ", p");
        return switch (instruction(object)) {
            case "na" ->
                new JsonComponent(path, new JsonEdit.Add(JsonNumbers.addend(object.get("na"), where + ", na")));
            case "od", "oi", "od oi" -> {
                checkEnd(path.isEmpty() || path.getLast() instanceof Step.Key, where, "a name");
                yield new JsonComponent(path, new JsonEdit.Member(value(object, "od"), value(object, "oi")));
            }
            case "ld", "li", "ld li" -> {
                endIndex(path, where);
                yield new JsonComponent(path, new JsonEdit.Element(value(object, "ld"), value(object, "li")));
            }
            case "lm" -> {
                endIndex(path, where);
                yield new JsonComponent(path, new JsonEdit.Move(Operations.whole(object.get("lm"), 0, where + ", lm")));
            }
            case "si", "sd" -> olderText(path, object, where);
            case "o t" -> new JsonComponent(path, new JsonEdit.Text(textEdits(object, where), false));
            default -> throw malformed(where + ": another set of members" + EXPECTED);
        };
    }

    /** The names of the members but the path's, sorted. */
    private static String instruction(ObjectNode object) {
        // No instruction is longer; what is not one need not be sorted.
        return object.size() > 3
                ? ""
                : String.join(
                        " ",
                        object.propertyNames().stream()
                                .filter(name -> !name.equals("p"))
                                .sorted()
                                .toList());
    }

    private static List<Step> path(@Nullable JsonNode path, String where) {
        if (!(path instanceof ArrayNode steps)) {
            throw malformed(where + ": " + (path == null ? "none" : Operations.kind(path)) + " (expected: an array)");
        }
        if (steps.size() > Operations.MAX_PATH) {
            throw malformed(where + ": " + steps.size() + " steps (expected: at most " + Operations.MAX_PATH + ")");
        }
        return steps.valueStream().map(step -> step(step, where)).toList();
    }

    private static Step step(JsonNode step, String where) {
        return step.isString()
                ? new Step.Key(Operations.text(step, where))
                : new Step.Index(Operations.whole(step, 0, where));
    }

    private static void checkEnd(boolean isRight, String where, String expected) {
        if (!isRight) {
            throw malformed(where + ", p: another end of the path (expected: " + expected + ")");
        }
    }

    private static int endIndex(List<Step> path, String where) {
        int index = !path.isEmpty() && path.getLast() instanceof Step.Index(int value) ? value : -1;
        checkEnd(index >= 0, where, "an index");
        return index;
    }

    private static @Nullable JsonNode value(ObjectNode object, String name) {
        JsonNode value = object.get(name);
        if (value != null && !Json.isUnicode(value)) {
            throw malformed(name + ": a text that is not Unicode (expected: no half surrogate pairs)");
        }
        return value;
    }

    private JsonComponent olderText(List<Step> path, ObjectNode object, String where) {
        int at = endIndex(path, where);
        TextEdit edit = object.has("si")
                ? TextEdit.insert(at, Operations.text(object.get("si"), where + ", si"))
                : TextEdit.delete(at, Operations.text(object.get("sd"), where + ", sd"));
        return new JsonComponent(path.subList(0, path.size() - 1), new JsonEdit.Text(List.of(edit), true));
    }

    private List<TextEdit> textEdits(ObjectNode object, String where) {
        JsonNode type = object.get("t");
        if (!type.isString() || !type.stringValue().equals("text0")) {
            throw malformed(where + ", t: another type (expected: \"text0\")");
        }
        ArrayNode array = Operations.components(object.get("o"), max);
        edits += array.size();
        if (edits > max) {
            throw malformed(where + ": more than " + max + " edits of texts (expected: fewer)");
        }
        return array.valueStream().map(edit -> textEdit(edit, where + ", o")).toList();
    }

    private static TextEdit textEdit(JsonNode edit, String where) {
        if (edit instanceof ObjectNode object && object.size() == 2 && object.has("p")) {
            int at = Operations.whole(object.get("p"), 0, where + ", p");
            if (object.has("i")) {
                return TextEdit.insert(at, Operations.text(object.get("i"), where + ", i"));
            }
            if (object.has("d")) {
                return TextEdit.delete(at, Operations.text(object.get("d"), where + ", d"));
            }
        }
        throw malformed(
                where + ": " + Operations.kind(edit) + " (expected: {\"p\":...,\"i\":...} or {\"p\":...,\"d\":...})");
    }
}
