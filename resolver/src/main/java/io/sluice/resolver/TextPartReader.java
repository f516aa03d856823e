package io.sluice.resolver;

import java.util.List;
import org.jspecify.annotations.Nullable;

/** Takes the parts of an operation in pieces. Behind its last part an operation skips for ever. */
final class TextPartReader {

    /** Kinds of parts that are taken whole, however much is asked for: they have no length in the text that counts. */
    enum Whole {
        INSERTS,
        DELETES
    }

    private final List<TextPart> parts;
    private final Whole whole;
    private int next;

    /** How much of the next part has been taken, in code points and in UTF-16 code units of its text. */
    private long taken;

    private int takenUnits;

    TextPartReader(List<TextPart> parts, Whole whole) {
        this.parts = parts;
        this.whole = whole;
    }

    boolean hasNext() {
        return next < parts.size();
    }

    boolean nextIsInsert() {
        return hasNext() && parts.get(next) instanceof TextPart.Insert;
    }

    /** How much is left of the next part. */
    long left() {
        return parts.get(next).length() - taken;
    }

    /** The rest of the next part. */
    TextPart takeRest() {
        return take(Long.MAX_VALUE);
    }

    /** At most so much of the next part. */
    TextPart take(long atMost) {
        if (!hasNext()) {
            return new TextPart.Skip(atMost);
        }
        TextPart part = parts.get(next);
        long left = part.length() - taken;
        long count = isWhole(part) ? left : Math.min(left, atMost);
        TextPart piece = switch (part) {
            case TextPart.Skip skip -> new TextPart.Skip(count);
            case TextPart.Insert insert -> new TextPart.Insert(piece(insert.text(), count, left), count);
            case TextPart.Delete delete -> new TextPart.Delete(pieceOf(delete, count, left), count);
        };
        taken += count;
        if (count == left) {
            next++;
            taken = 0;
            takenUnits = 0;
        }
        return piece;
    }

    private boolean isWhole(TextPart part) {
        return whole == Whole.INSERTS ? part instanceof TextPart.Insert : part instanceof TextPart.Delete;
    }

    private @Nullable String pieceOf(TextPart.Delete delete, long count, long left) {
        return delete.text() == null ? null : piece(delete.text(), count, left);
    }

    private String piece(String text, long count, long left) {
        int from = takenUnits;
        takenUnits = count == left ? text.length() : text.offsetByCodePoints(from, (int) count);
        return text.substring(from, takenUnits);
    }
}
