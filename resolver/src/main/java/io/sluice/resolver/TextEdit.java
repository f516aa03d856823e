package io.sluice.resolver;

import static io.sluice.resolver.Operations.malformed;

import java.util.List;
import tools.jackson.databind.node.ObjectNode;

/**
 * A text is inserted or deleted at one place of a text in a JSON document: npm's {@code text0}. Offsets count UTF-16 code
 * units.
 */
record TextEdit(int at, String text, boolean insert) {

    int length() {
        return text.length();
    }

    int end() {
        return at + text.length();
    }

    static TextEdit insert(int at, String text) {
        return new TextEdit(at, text, true);
    }

    static TextEdit delete(int at, String text) {
        return new TextEdit(at, text, false);
    }

    ObjectNode json() {
        return Operations.NODES.objectNode().put("p", at).put(insert ? "i" : "d", text);
    }

    static List<TextEdit> invert(List<TextEdit> edits) {
        return edits.reversed().stream()
                .map(edit -> new TextEdit(edit.at, edit.text, !edit.insert))
                .toList();
    }

    /** The edits one after the other. */
    static List<TextEdit> compose(List<TextEdit> first, List<TextEdit> then) {
        TextEdits composed = new TextEdits(first);
        then.forEach(composed::append);
        return composed.list();
    }

    /** @throws MalformedException if an edit does not fit or would leave half a surrogate pair */
    static String apply(String text, List<TextEdit> edits) {
        StringBuilder edited = new StringBuilder(text);
        for (TextEdit edit : edits) {
            edit.apply(edited);
        }
        return edited.toString();
    }

    private void apply(StringBuilder edited) {
        int end = insert ? at : end();
        if (at < 0 || end > edited.length()) {
            throw malformed("text: " + (insert ? "inserts at " : "deletes up to ") + end + " (expected: at most "
                    + edited.length() + ")");
        }
        if (splitsPair(edited, at) || splitsPair(edited, end)) {
            throw malformed("text: splits the surrogate pair at " + at + " (expected: whole characters)");
        }
        if (insert) {
            edited.insert(at, text);
            return;
        }
        String there = edited.substring(at, end);
        if (!there.equals(text)) {
            throw malformed("text: \"" + Texts.shown(there) + "\" at " + at + " (expected: the deleted one, \""
                    + Texts.shown(text) + "\")");
        }
        edited.delete(at, end);
    }

    private static boolean splitsPair(CharSequence text, int at) {
        return at > 0
                && at < text.length()
                && Character.isHighSurrogate(text.charAt(at - 1))
                && Character.isLowSurrogate(text.charAt(at));
    }

    /** What remains of this edit after the other one, appended to what is there. */
    void transform(TextEdit other, boolean left, TextEdits result) {
        if (insert) {
            result.append(insert(other.moved(at, !left), text));
        } else if (other.insert) {
            splitBy(other, result);
        } else {
            withoutWhatIsDeletedBy(other, result);
        }
    }

    /** Where this edit moves a place to. */
    private int moved(int place, boolean behindEqual) {
        if (insert) {
            return at < place || (at == place && behindEqual) ? place + length() : place;
        }
        return place <= at ? place : Math.max(at, place - length());
    }

    private void splitBy(TextEdit insertion, TextEdits result) {
        int before = Math.clamp((long) insertion.at - at, 0, length());
        result.append(delete(at, text.substring(0, before)));
        result.append(delete(at + insertion.length(), text.substring(before)));
    }

    private void withoutWhatIsDeletedBy(TextEdit other, TextEdits result) {
        int from = Math.max(at, other.at);
        int to = Math.min(end(), other.end());
        if (from >= to) {
            result.append(delete(other.moved(at, false), text));
            return;
        }
        if (!text.regionMatches(from - at, other.text, from - other.at, to - from)) {
            throw malformed("text: two deletions differ at " + from + " (expected: both of the same text)");
        }
        result.append(delete(other.moved(at, false), text.substring(0, from - at) + text.substring(to - at)));
    }
}
