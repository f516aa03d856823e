package io.sluice.resolver;

import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** Reads and writes lists of operations: {@code [{"path":"/visits","add":1}, ...]}. */
public final class OperationsJson {

    /** So many operations has one event. */
    public static final int MAX_COUNT = 1_000;

    /** So many digits before and behind the point has what is added, and what it is added to. */
    static final int MAX_DIGITS = 100;

    private static final String FORM = "path and one of add; insert and remove; text and revision; json0 and revision";

    private OperationsJson() {}

    /** @throws MalformedException naming the operation that cannot be read */
    public static List<Operation> parse(@Nullable JsonNode json) {
        if (!(json instanceof ArrayNode array) || array.isEmpty() || array.size() > MAX_COUNT) {
            throw malformed("operations", json, "an array of 1 to " + MAX_COUNT + " operations");
        }
        List<Operation> operations = new ArrayList<>(array.size());
        Set<String> paths = new HashSet<>();
        for (JsonNode entry : array) {
            if (!(entry instanceof ObjectNode object)) {
                throw malformed("operation", entry, "an object with " + FORM);
            }
            Operation operation = operation(object);
            if (!paths.add(operation.path())) {
                throw malformed("path", object.get("path"), "each path once in one event");
            }
            operations.add(operation);
        }
        requireApart(paths);
        return operations;
    }

    /** What is done beneath a path and what is done to its whole would undo each other. */
    private static void requireApart(Set<String> paths) {
        for (String path : paths) {
            for (int slash = path.indexOf('/', 1); slash > 0; slash = path.indexOf('/', slash + 1)) {
                if (paths.contains(path.substring(0, slash))) {
                    throw new MalformedException(
                            "malformed-operation",
                            "path: \"" + Texts.shown(path) + "\" lies beneath another one (expected: paths apart in one"
                                    + " event)");
                }
            }
        }
    }

    private static Operation operation(ObjectNode object) {
        String path = path(object.get("path"));
        Set<String> names = new HashSet<>(object.propertyNames());
        names.remove("path");
        if (names.equals(Set.of("add"))) {
            return new Operation.Add(path, amount(object.get("add")));
        }
        if (!names.isEmpty() && Set.of("insert", "remove").containsAll(names)) {
            return new Operation.Elements(path, elements(object, "insert"), elements(object, "remove"));
        }
        if (names.equals(Set.of("text", "revision"))) {
            return new Operation.Edit(path, Policy.Kind.TEXT, object.get("text"), revision(object.get("revision")));
        }
        if (names.equals(Set.of("json0", "revision"))) {
            return new Operation.Edit(path, Policy.Kind.JSON, object.get("json0"), revision(object.get("revision")));
        }
        throw malformed("operation", object, "an object with " + FORM);
    }

    private static String path(@Nullable JsonNode path) {
        if (path == null || !path.isString() || Pointer.names(path.asString()).isEmpty()) {
            throw malformed("path", path, "a JSON Pointer to a member, such as /visits");
        }
        return path.asString();
    }

    private static BigDecimal amount(JsonNode add) {
        if (!add.isNumber() || !isCountable(add.decimalValue())) {
            throw malformed("add", add, "a number of at most " + MAX_DIGITS + " digits before and behind the point");
        }
        return add.decimalValue();
    }

    /** Whether sums of such numbers stay small. */
    static boolean isCountable(BigDecimal number) {
        return Math.abs((long) number.scale()) <= MAX_DIGITS && number.precision() <= 2 * MAX_DIGITS;
    }

    private static List<JsonNode> elements(ObjectNode object, String name) {
        JsonNode elements = object.get(name);
        if (elements == null) {
            return List.of();
        }
        if (!(elements instanceof ArrayNode array)) {
            throw malformed(name, elements, "an array of elements");
        }
        return array.valueStream().toList();
    }

    private static long revision(JsonNode revision) {
        if (!revision.isIntegralNumber() || !revision.canConvertToLong() || revision.asLong() < 0) {
            throw malformed("revision", revision, "a whole number >= 0");
        }
        return revision.asLong();
    }

    private static MalformedException malformed(String what, @Nullable JsonNode value, String expected) {
        String shown = value == null ? "missing" : Texts.shown(value.toString());
        return new MalformedException("malformed-operation", what + ": " + shown + " (expected: " + expected + ")");
    }

    /** What {@link #parse} reads. */
    public static ArrayNode json(List<Operation> operations) {
        ArrayNode array = Json.newArray();
        operations.forEach(operation -> array.add(json(operation)));
        return array;
    }

    private static ObjectNode json(Operation operation) {
        ObjectNode json = Json.newObject().put("path", operation.path());
        switch (operation) {
            case Operation.Add add -> json.set("add", Json.number(add.amount()));
            case Operation.Elements elements -> {
                elements.insert().forEach(json.putArray("insert")::add);
                elements.remove().forEach(json.putArray("remove")::add);
            }
            case Operation.Edit edit -> {
                json.set(edit.kind() == Policy.Kind.TEXT ? "text" : "json0", edit.edit());
                json.put("revision", edit.revision());
            }
        }
        return json;
    }
}
