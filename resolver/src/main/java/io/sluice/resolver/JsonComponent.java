package io.sluice.resolver;

import static io.sluice.resolver.Operations.NODES;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * One edit at one place of a JSON document.
 *
 * @param path to the edited value; without the offset that the older form of text edits has at its end
 */
record JsonComponent(List<Step> path, JsonEdit edit) {

    /** In place of a {@link #level}: the two cannot meet. */
    static final int APART = -2;

    /** What stands for the whole document, as if it were a member of something. */
    private static final Step DOCUMENT = new Step.Key("");

    JsonComponent with(JsonEdit other) {
        return new JsonComponent(path, other);
    }

    /** The same edit where one step of the path is another. */
    JsonComponent with(int level, int index) {
        List<Step> changed = new ArrayList<>(path);
        changed.set(level, new Step.Index(index));
        return new JsonComponent(List.copyOf(changed), edit);
    }

    /** The same edit as it is seen from a value so deep on its path. */
    JsonComponent below(int depth) {
        return new JsonComponent(path.subList(depth, path.size()), edit);
    }

    /**
     * At which step of a path what is changed stands: the last of its own, or, for what is changed within a number or a text,
     * the one behind. The document itself has -1.
     */
    int level() {
        return edit instanceof JsonEdit.Add || edit instanceof JsonEdit.Text ? path.size() : path.size() - 1;
    }

    /** The level of the other one, if what holds the other's place is on the way to this one's; else {@link #APART}. */
    int meets(JsonComponent other) {
        int level = other.level();
        if (level > level()) {
            return APART;
        }
        for (int i = 0; i < level; i++) {
            if (!path.get(i).equals(other.path.get(i))) {
                return APART;
            }
        }
        return level;
    }

    /** Null behind the end. */
    @Nullable
    Step step(int level) {
        if (level < 0) {
            return DOCUMENT;
        }
        return level < path.size() ? path.get(level) : null;
    }

    boolean sharesStep(JsonComponent other, int level) {
        Step step = step(level);
        return step != null && step.equals(other.step(level));
    }

    /** The index at this step of the path; -1 if there is none. */
    int index(int level) {
        return step(level) instanceof Step.Index(int value) ? value : -1;
    }

    /** The edit that takes this one back. */
    JsonComponent invert() {
        return switch (edit) {
            case JsonEdit.Add(JsonNode number) -> with(new JsonEdit.Add(JsonNumbers.negated(number)));
            case JsonEdit.Member(JsonNode removed, JsonNode put) -> with(new JsonEdit.Member(put, removed));
            case JsonEdit.Element(JsonNode removed, JsonNode put) -> with(new JsonEdit.Element(put, removed));
            case JsonEdit.Text(List<TextEdit> edits, boolean older) ->
                with(new JsonEdit.Text(TextEdit.invert(edits), older));
            case JsonEdit.Move(int to) ->
                with(new JsonEdit.Move(index(level()))).with(level(), to);
        };
    }

    ObjectNode json() {
        ObjectNode component = NODES.objectNode();
        ArrayNode steps = component.putArray("p");
        path.forEach(step -> steps.add(step.json()));
        switch (edit) {
            case JsonEdit.Add(JsonNode number) -> component.set("na", number);
            case JsonEdit.Move(int to) -> component.put("lm", to);
            case JsonEdit.Member(JsonNode removed, JsonNode put) -> {
                component.setAll(present("od", removed));
                component.setAll(present("oi", put));
            }
            case JsonEdit.Element(JsonNode removed, JsonNode put) -> {
                component.setAll(present("ld", removed));
                component.setAll(present("li", put));
            }
            case JsonEdit.Text(List<TextEdit> edits, boolean older)
            when older -> {
                steps.add(edits.getFirst().at());
                component.put(
                        edits.getFirst().insert() ? "si" : "sd",
                        edits.getFirst().text());
            }
            case JsonEdit.Text(List<TextEdit> edits, boolean older) -> {
                component.put("t", "text0");
                ArrayNode operation = component.putArray("o");
                edits.forEach(edit -> operation.add(edit.json()));
            }
        }
        return component;
    }

    private static ObjectNode present(String name, @Nullable JsonNode value) {
        ObjectNode member = NODES.objectNode();
        if (value != null) {
            member.set(name, value);
        }
        return member;
    }
}
