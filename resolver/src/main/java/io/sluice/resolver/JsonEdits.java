package io.sluice.resolver;

import java.util.List;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/** Components that are done one after the other; two in a row at one place may make one. */
final class JsonEdits extends Edits<JsonComponent> {

    JsonEdits(List<JsonComponent> components) {
        super(components);
    }

    @Override
    Edits<JsonComponent> none() {
        return new JsonEdits(List.of());
    }

    @Override
    void transform(JsonComponent edit, JsonComponent other, boolean left, Edits<JsonComponent> result) {
        JsonMeeting.transform(edit, other, left, result);
    }

    @Override
    void append(JsonComponent component) {
        JsonComponent last = list.isEmpty() ? null : list.getLast();
        if (last == null || !last.path().equals(component.path()) || !joins(last, component)) {
            list.add(component);
        }
    }

    /** Whether the last component does both now. */
    private boolean joins(JsonComponent last, JsonComponent next) {
        return switch (next.edit()) {
            case JsonEdit.Add(JsonNode number) -> joins(last, number);
            case JsonEdit.Member member -> joins(last, member);
            case JsonEdit.Element element -> joins(last, element);
            case JsonEdit.Text text -> joins(last, text);
            // Only so far does the original look for moves that move nothing.
            case JsonEdit.Move(int to) ->
                to == next.index(next.level())
                        && !(last.edit() instanceof JsonEdit.Text(var edits, boolean older) && older);
        };
    }

    private boolean joins(JsonComponent last, JsonNode number) {
        if (last.edit() instanceof JsonEdit.Add(JsonNode first)) {
            replaceLast(new JsonEdit.Add(JsonNumbers.sum(first, number)));
            return true;
        }
        return false;
    }

    private boolean joins(JsonComponent last, JsonEdit.Member next) {
        if (last.edit() instanceof JsonEdit.Member(JsonNode removed, JsonNode put)
                && (put == null) == (next.removed() == null)) {
            replaceLast(removed == null && next.put() == null ? null : new JsonEdit.Member(removed, next.put()));
            return true;
        }
        return false;
    }

    /** What was inserted and is deleted again: like the original, only found if it is no object and no list. */
    private boolean joins(JsonComponent last, JsonEdit.Element next) {
        if (last.edit() instanceof JsonEdit.Element(JsonNode removed, JsonNode put)
                && put != null
                && put.isValueNode()
                && put.equals(next.removed())
                && next.put() == null) {
            replaceLast(removed == null ? null : new JsonEdit.Element(removed, null));
            return true;
        }
        return false;
    }

    private boolean joins(JsonComponent last, JsonEdit.Text next) {
        if (!(last.edit() instanceof JsonEdit.Text(List<TextEdit> edits, boolean older)) || older != next.older()) {
            return false;
        }
        List<TextEdit> both = TextEdit.compose(edits, next.edits());
        if (!older) {
            replaceLast(new JsonEdit.Text(both, false));
            return true;
        }
        replaceLast(new JsonEdit.Text(both.subList(0, 1), true));
        for (TextEdit second : both.subList(1, both.size())) {
            list.add(last.with(new JsonEdit.Text(List.of(second), true)));
        }
        return true;
    }

    private void replaceLast(@Nullable JsonEdit edit) {
        JsonComponent last = list.removeLast();
        if (edit != null) {
            list.add(last.with(edit));
        }
    }
}
