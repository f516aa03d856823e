package io.sluice.resolver;

import static io.sluice.resolver.Operations.malformed;

import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** A document while an operation is applied to it: objects and lists are copied when they are first changed, and only then. */
final class WorkingCopy {

    /** Objects and lists that belong to this copy alone. */
    private final Set<JsonNode> own = Collections.newSetFromMap(new IdentityHashMap<>());

    private @Nullable JsonNode document;

    WorkingCopy(@Nullable JsonNode document) {
        this.document = document;
    }

    /** Not to be edited any further. */
    @Nullable
    JsonNode document() {
        return document;
    }

    /**
     * The component as it turned out: what it says it removes is what was there.
     *
     * @throws MalformedException if it does not fit the document; then this copy is of no more use
     */
    JsonComponent apply(JsonComponent component) {
        List<Step> path = component.path();
        return switch (component.edit()) {
            case JsonEdit.Add(JsonNode number) -> {
                set(path, JsonNumbers.sum(JsonNumbers.addend(get(path), "document"), number));
                yield component;
            }
            case JsonEdit.Text(List<TextEdit> edits, boolean older) -> {
                set(path, Operations.NODES.stringNode(TextEdit.apply(Operations.text(get(path), "document"), edits)));
                yield component;
            }
            case JsonEdit.Member member ->
                component.with(path.isEmpty() ? replaceDocument(member) : apply(path, member));
            case JsonEdit.Element element -> component.with(apply(path, element));
            case JsonEdit.Move(int to) -> {
                ArrayNode list = list(path);
                int from = checked(path.getLast(), list.size() - 1);
                list.insert(checked(new Step.Index(to), list.size() - 1), list.remove(from));
                yield component;
            }
        };
    }

    private JsonEdit replaceDocument(JsonEdit.Member edit) {
        JsonNode before = document;
        if (before == null && edit.put() == null) {
            throw malformed("document: does not exist (expected: one to remove)");
        }
        document = edit.put();
        return new JsonEdit.Member(before, edit.put());
    }

    private JsonEdit apply(List<Step> path, JsonEdit.Member edit) {
        if (!(holder(path) instanceof ObjectNode object)) {
            throw malformed("path: no object before its end (expected: one, to have the member)");
        }
        String name = path.getLast() instanceof Step.Key(String key) ? key : "";
        if (edit.put() != null) {
            return new JsonEdit.Member(object.replace(name, edit.put()), edit.put());
        }
        JsonNode removed = object.remove(name);
        if (removed == null) {
            throw malformed("member \"" + Texts.shown(name) + "\": does not exist (expected: one to remove)");
        }
        return new JsonEdit.Member(removed, null);
    }

    private JsonEdit apply(List<Step> path, JsonEdit.Element edit) {
        ArrayNode list = list(path);
        if (edit.removed() == null) {
            list.insert(checked(path.getLast(), list.size()), edit.put());
            return edit;
        }
        int index = checked(path.getLast(), list.size() - 1);
        JsonNode removed = list.get(index);
        if (edit.put() == null) {
            list.remove(index);
        } else {
            list.set(index, edit.put());
        }
        return new JsonEdit.Element(removed, edit.put());
    }

    private ArrayNode list(List<Step> path) {
        if (holder(path) instanceof ArrayNode list) {
            return list;
        }
        throw malformed("path: no list before its end (expected: one, to have the element)");
    }

    private static int checked(Step step, int max) {
        int index = step instanceof Step.Index(int value) ? value : -1;
        if (index < 0 || index > max) {
            throw malformed("index: " + index + " (expected: 0 to " + max + ")");
        }
        return index;
    }

    private JsonNode get(List<Step> path) {
        return path.isEmpty() ? existing(document) : child(holder(path), path.getLast());
    }

    /** In the place of what {@link #get} gives. */
    private void set(List<Step> path, JsonNode value) {
        if (path.isEmpty()) {
            document = value;
        } else {
            put(holder(path), path.getLast(), value);
        }
    }

    /** What holds the end of the path: all on the way to it is copied, so that it can be changed. */
    private JsonNode holder(List<Step> path) {
        JsonNode node = owned(existing(document));
        document = node;
        for (Step step : path.subList(0, path.size() - 1)) {
            JsonNode child = child(node, step);
            JsonNode owned = owned(child);
            if (owned != child) {
                put(node, step, owned);
            }
            node = owned;
        }
        return node;
    }

    private static JsonNode existing(@Nullable JsonNode document) {
        if (document == null) {
            throw malformed("document: does not exist (expected: one to edit)");
        }
        return document;
    }

    private JsonNode owned(JsonNode node) {
        if (own.contains(node)) {
            return node;
        }
        JsonNode copy = switch (node) {
            case ObjectNode object -> Operations.NODES.objectNode().setAll(object);
            case ArrayNode array -> Operations.NODES.arrayNode(array.size()).addAll(array);
            default -> node;
        };
        if (copy != node) {
            own.add(copy);
        }
        return copy;
    }

    private static JsonNode child(JsonNode node, Step step) {
        JsonNode child = switch (step) {
            case Step.Key(String name) when node instanceof ObjectNode -> node.get(name);
            case Step.Index(int index) when node instanceof ArrayNode -> node.get(index);
            default -> null;
        };
        if (child == null) {
            throw malformed("path: nothing at " + Texts.shown(step.json().toString()) + " in " + Operations.kind(node)
                    + " (expected: a path to what exists)");
        }
        return child;
    }

    private static void put(JsonNode node, Step step, JsonNode value) {
        switch (step) {
            case Step.Key(String name) -> ((ObjectNode) node).set(name, value);
            case Step.Index(int index) -> ((ArrayNode) node).set(index, value);
        }
    }
}
