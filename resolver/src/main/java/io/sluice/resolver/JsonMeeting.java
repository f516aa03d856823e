package io.sluice.resolver;

import java.util.List;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/**
 * Two components for one document, of which one has been done: what becomes of the other. The outcomes are those of
 * {@code ot-json0}, since clients come to theirs with it. In short: what was removed takes the edits within it along; of two
 * values for one place the left one stays; an element keeps its place among its neighbours, and an edit follows its element.
 *
 * @param level where the done one's place is on the way to this one's
 */
record JsonMeeting(JsonComponent mine, JsonComponent done, int level, boolean left) {

    static void transform(JsonComponent mine, JsonComponent done, boolean left, Edits<JsonComponent> result) {
        JsonComponent edited = withEditedRemoval(mine, done);
        int level = edited.meets(done);
        if (level == JsonComponent.APART) {
            result.append(edited);
        } else {
            new JsonMeeting(edited, done, level, left).appendTo(result);
        }
    }

    /** What this one says it removes is what the other one has made of it. */
    private static JsonComponent withEditedRemoval(JsonComponent mine, JsonComponent done) {
        int level = done.meets(mine);
        if (level == JsonComponent.APART || done.level() == level || !done.sharesStep(mine, level)) {
            return mine;
        }
        return switch (mine.edit()) {
            case JsonEdit.Member(JsonNode removed, JsonNode put)
            when removed != null -> mine.with(new JsonEdit.Member(edited(removed, mine, done), put));
            case JsonEdit.Element(JsonNode removed, JsonNode put)
            when removed != null -> mine.with(new JsonEdit.Element(edited(removed, mine, done), put));
            default -> mine;
        };
    }

    private static @Nullable JsonNode edited(JsonNode removed, JsonComponent mine, JsonComponent done) {
        WorkingCopy copy = new WorkingCopy(removed);
        copy.apply(done.below(mine.path().size()));
        return copy.document();
    }

    private void appendTo(Edits<JsonComponent> result) {
        if (done.edit() instanceof JsonEdit.Text(List<TextEdit> others, boolean otherOlder)
                && mine.edit() instanceof JsonEdit.Text(List<TextEdit> edits, boolean older)) {
            appendText(Diamond.transform(new TextEdits(List.of()), edits, others, left), older, result);
            return;
        }
        JsonComponent moved = switch (done.edit()) {
            case JsonEdit.Add add -> mine;
            case JsonEdit.Text text -> mine;
            case JsonEdit.Move(int to) -> afterMove(new ListMove(done.index(level), to));
            case JsonEdit.Element element -> afterElement(element);
            case JsonEdit.Member member -> meetsMember() ? afterMember(member, result) : mine;
        };
        if (moved != null) {
            result.append(moved);
        }
    }

    /** The older form has one edit in a component. */
    private void appendText(List<TextEdit> edits, boolean older, Edits<JsonComponent> result) {
        if (older) {
            edits.forEach(edit -> result.append(mine.with(new JsonEdit.Text(List.of(edit), true))));
        } else if (!edits.isEmpty()) {
            result.append(mine.with(new JsonEdit.Text(edits, false)));
        }
    }

    private boolean isHere() {
        return mine.level() == level;
    }

    private boolean meetsMember() {
        return done.sharesStep(mine, level);
    }

    private @Nullable JsonComponent afterMember(JsonEdit.Member other, Edits<JsonComponent> result) {
        if (!isHere() || !(mine.edit() instanceof JsonEdit.Member(JsonNode removed, JsonNode put))) {
            return null;
        }
        if (other.put() == null) {
            return put == null ? null : mine.with(new JsonEdit.Member(null, put));
        }
        if (other.removed() == null) {
            return afterNewMember(other.put(), put, result);
        }
        return put == null || !left ? null : mine.with(new JsonEdit.Member(other.put(), put));
    }

    private @Nullable JsonComponent afterNewMember(
            JsonNode there, @Nullable JsonNode put, Edits<JsonComponent> result) {
        if (put == null) {
            return mine;
        }
        if (!left) {
            return null;
        }
        result.append(mine.with(new JsonEdit.Member(there, null)));
        return mine;
    }

    private @Nullable JsonComponent afterElement(JsonEdit.Element other) {
        int at = done.index(level);
        int index = mine.index(level);
        if (index < 0) {
            return mine;
        }
        if (other.removed() == null) {
            return afterInsertion(at, index);
        }
        if (other.put() == null) {
            return afterRemoval(at, index);
        }
        return at == index ? afterReplacement(other.put()) : mine;
    }

    private @Nullable JsonComponent afterReplacement(JsonNode there) {
        if (!isHere()) {
            return null;
        }
        if (!(mine.edit() instanceof JsonEdit.Element(JsonNode removed, JsonNode put)) || removed == null) {
            return mine;
        }
        return put != null && left ? mine.with(new JsonEdit.Element(there, put)) : null;
    }

    private JsonComponent afterInsertion(int at, int index) {
        if (isHere() && isInsertion() && at == index) {
            return left ? mine : mine.with(level, index + 1);
        }
        JsonComponent moved = at <= index ? mine.with(level, index + 1) : mine;
        return isHere() && moved.edit() instanceof JsonEdit.Move(int to) && at <= to
                ? moved.with(new JsonEdit.Move(to + 1))
                : moved;
    }

    private boolean isInsertion() {
        return mine.edit() instanceof JsonEdit.Element(JsonNode removed, JsonNode put) && removed == null;
    }

    private @Nullable JsonComponent afterRemoval(int at, int index) {
        if (at == index) {
            return isHere() ? withoutRemoved() : null;
        }
        JsonComponent moved = at < index ? mine.with(level, index - 1) : mine;
        // Seen from behind the one that moves, its place is one further on.
        return isHere() && mine.edit() instanceof JsonEdit.Move(int to) && (at < to || (at == to && index < to))
                ? moved.with(new JsonEdit.Move(to - 1))
                : moved;
    }

    private @Nullable JsonComponent withoutRemoved() {
        if (mine.edit() instanceof JsonEdit.Element(JsonNode removed, JsonNode put) && put != null) {
            return mine.with(new JsonEdit.Element(null, put));
        }
        return null;
    }

    private @Nullable JsonComponent afterMove(ListMove other) {
        int index = mine.index(level);
        if (index < 0) {
            return mine;
        }
        if (isHere() && mine.edit() instanceof JsonEdit.Move(int to)) {
            ListMove moved = new ListMove(index, to).after(other, left);
            return moved == null
                    ? null
                    : mine.with(new JsonEdit.Move(moved.to())).with(level, moved.from());
        }
        return mine.with(level, isHere() && isInsertion() ? other.gap(index) : other.element(index));
    }
}
