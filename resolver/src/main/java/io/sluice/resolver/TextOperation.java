package io.sluice.resolver;

import static io.sluice.resolver.Operations.malformed;

import java.util.List;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * An edit of a plain text, as npm's {@code ot-text-unicode} writes it: an array that goes over the text from its beginning,
 * {@code [3, "inserted", 5, {"d": 2}, {"d": "deleted"}]}. A number skips, a text is inserted, {@code d} deletes so many
 * characters or this text; what follows stays as it is. Positions and lengths count Unicode code points. Immutable.
 *
 * <p>Two edits of one text meet in {@link #transform}: for any a and b that fit a text, b after a.transform(...) and a after
 * b.transform(...) make the same text, where one of them is the left one.
 */
public final class TextOperation {

    private final List<TextPart> parts;

    TextOperation(List<TextPart> parts) {
        this.parts = List.copyOf(parts);
    }

    /**
     * Refuses what the original refuses, and besides what is no operation but passes there: numbers that are not whole,
     * members other than {@code d}, truth values, half surrogate pairs. Neighbours of one kind become one.
     *
     * @throws MalformedException naming the component and what is wrong with it
     */
    public static TextOperation parse(JsonNode operation) {
        return parse(Operations.components(operation));
    }

    /** One that was taken before: by what it met it may have grown. */
    static TextOperation stored(JsonNode operation) {
        return parse(Operations.components(operation, Integer.MAX_VALUE));
    }

    private static TextOperation parse(ArrayNode components) {
        TextParts parts = new TextParts();
        TextPart last = null;
        for (int i = 0; i < components.size(); i++) {
            TextPart part = part(components.get(i), "component " + i);
            if (part instanceof TextPart.Skip && last instanceof TextPart.Skip) {
                throw malformed("component " + i + ": a skip after a skip (expected: one skip for both)");
            }
            parts.append(part);
            last = part;
        }
        if (last instanceof TextPart.Skip) {
            throw malformed("component " + (components.size() - 1) + ": a skip at the end (expected: none)");
        }
        return parts.operation();
    }

    private static TextPart part(JsonNode component, String where) {
        if (component.isNumber()) {
            return new TextPart.Skip(Operations.whole(component, 1, where));
        }
        if (component.isString()) {
            return new TextPart.Insert(someText(component, where));
        }
        if (component instanceof ObjectNode object && object.size() == 1 && object.has("d")) {
            JsonNode deleted = object.get("d");
            return deleted.isString()
                    ? new TextPart.Delete(someText(deleted, where + ", d"))
                    : new TextPart.Delete(null, Operations.whole(deleted, 1, where + ", d"));
        }
        throw malformed(where + ": " + Operations.kind(component)
                + " (expected: a number to skip, a text to insert, or {\"d\": ...} to delete)");
    }

    private static String someText(JsonNode text, String where) {
        String value = Operations.text(text, where);
        if (value.isEmpty()) {
            throw malformed(where + ": an empty text (expected: at least one character)");
        }
        return value;
    }

    /** The operation that puts one text in the place of another; null if they are equal. */
    public static @Nullable TextOperation replacing(String before, String after) {
        if (before.equals(after)) {
            return null;
        }
        TextParts parts = new TextParts();
        parts.append(new TextPart.Delete(before));
        parts.append(new TextPart.Insert(after));
        return parts.operation();
    }

    /** Whether it changes nothing, whatever the text. */
    public boolean isEmpty() {
        return parts.isEmpty();
    }

    /**
     * The text after this edit. A deleted text is not compared with what stands there: only its length counts, as in the
     * original. The original lets a deletion go past the end; here it does not fit.
     *
     * @throws MalformedException if the text is too short for the operation
     */
    public String apply(String text) {
        StringBuilder result = new StringBuilder(text.length());
        int at = 0;
        for (TextPart part : parts) {
            switch (part) {
                case TextPart.Insert insert -> result.append(insert.text());
                case TextPart.Delete delete -> at = after(text, at, delete.length());
                case TextPart.Skip skip -> {
                    int end = after(text, at, skip.length());
                    result.append(text, at, end);
                    at = end;
                }
            }
        }
        return result.append(text, at, text.length()).toString();
    }

    /** Where so many code points from there end. */
    private static int after(String text, int from, long count) {
        int at = from;
        for (long left = count; left > 0; left--) {
            if (at == text.length()) {
                throw malformed("operation: goes " + left + " characters past the end (expected: a text of "
                        + text.codePointCount(0, text.length()) + " characters)");
            }
            at += Character.charCount(text.codePointAt(at));
        }
        return at;
    }

    /**
     * This edit as it is to be done after another of the same text.
     *
     * @param left whether this one's text comes first where both insert; exactly one of the two is the left one
     */
    public TextOperation transform(TextOperation other, boolean left) {
        TextParts result = new TextParts();
        TextPartReader mine = new TextPartReader(parts, TextPartReader.Whole.INSERTS);
        for (TextPart part : other.parts) {
            switch (part) {
                case TextPart.Skip skip -> follow(mine, skip.length(), result);
                case TextPart.Delete delete -> cross(mine, delete.length(), result);
                case TextPart.Insert insert -> {
                    if (left && mine.nextIsInsert()) {
                        result.append(mine.takeRest());
                    }
                    result.append(new TextPart.Skip(insert.length()));
                }
            }
        }
        return withRest(mine, result);
    }

    private static void follow(TextPartReader mine, long length, TextParts result) {
        for (long left = length; left > 0; ) {
            TextPart piece = mine.take(left);
            result.append(piece);
            left -= piece instanceof TextPart.Insert ? 0 : piece.length();
        }
    }

    /** What the other one has deleted can neither be skipped nor deleted any more. */
    private static void cross(TextPartReader mine, long length, TextParts result) {
        for (long left = length; left > 0; ) {
            TextPart piece = mine.take(left);
            if (piece instanceof TextPart.Insert) {
                result.append(piece);
            } else {
                left -= piece.length();
            }
        }
    }

    private static TextOperation withRest(TextPartReader reader, TextParts result) {
        while (reader.hasNext()) {
            result.append(reader.takeRest());
        }
        return result.operation();
    }

    /** The edit that does what this one and, after it, the next one do. */
    public TextOperation compose(TextOperation next) {
        TextParts result = new TextParts();
        TextPartReader mine = new TextPartReader(parts, TextPartReader.Whole.DELETES);
        for (TextPart part : next.parts) {
            switch (part) {
                case TextPart.Insert insert -> result.append(insert);
                case TextPart.Delete delete -> deleteAfter(mine, delete, result);
                case TextPart.Skip skip -> {
                    for (long left = skip.length(); left > 0; ) {
                        TextPart piece = mine.take(left);
                        result.append(piece);
                        left -= piece instanceof TextPart.Delete ? 0 : piece.length();
                    }
                }
            }
        }
        return withRest(mine, result);
    }

    private static void deleteAfter(TextPartReader mine, TextPart.Delete delete, TextParts result) {
        TextPartReader deleted = new TextPartReader(List.of(delete), TextPartReader.Whole.INSERTS);
        while (deleted.hasNext()) {
            TextPart piece = mine.take(deleted.left());
            switch (piece) {
                case TextPart.Skip skip -> result.append(deleted.take(skip.length()));
                case TextPart.Insert insert -> deleted.take(insert.length());
                case TextPart.Delete earlier -> result.append(earlier);
            }
        }
    }

    /**
     * This edit, saying what it deletes.
     *
     * @param before the text that it is made for
     * @throws MalformedException if that is too short
     */
    public TextOperation withDeleted(String before) {
        TextParts result = new TextParts();
        int at = 0;
        for (TextPart part : parts) {
            int end = part instanceof TextPart.Insert ? at : after(before, at, part.length());
            result.append(
                    part instanceof TextPart.Delete
                            ? new TextPart.Delete(before.substring(at, end), part.length())
                            : part);
            at = end;
        }
        return result.operation();
    }

    /** The edit that takes this one back: this one must say what it deletes, as it does after {@link #withDeleted}. */
    public TextOperation invert() {
        TextParts result = new TextParts();
        for (TextPart part : parts) {
            result.append(
                    switch (part) {
                        case TextPart.Skip skip -> skip;
                        case TextPart.Insert insert -> new TextPart.Delete(insert.text(), insert.length());
                        case TextPart.Delete delete -> {
                            if (delete.text() == null) {
                                throw malformed("operation: deletes " + delete.length()
                                        + " characters (expected: to say which, to take it back)");
                            }
                            yield new TextPart.Insert(delete.text(), delete.length());
                        }
                    });
        }
        return result.operation();
    }

    /** The edit that takes this one back, after this one was applied to the text. */
    public TextOperation invert(String before) {
        return withDeleted(before).invert();
    }

    /** The operation in the form that {@link #parse} reads. */
    public JsonNode json() {
        ArrayNode array = Operations.NODES.arrayNode(parts.size());
        parts.forEach(part -> array.add(part.json()));
        return array;
    }

    @Override
    public boolean equals(@Nullable Object other) {
        return other instanceof TextOperation operation && parts.equals(operation.parts);
    }

    @Override
    public int hashCode() {
        return parts.hashCode();
    }

    @Override
    public String toString() {
        return json().toString();
    }
}
