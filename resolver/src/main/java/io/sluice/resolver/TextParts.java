package io.sluice.resolver;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Collects parts: neighbours of one kind become one, what does nothing is left out. */
final class TextParts {

    private final List<TextPart> parts = new ArrayList<>();
    private final StringBuilder text = new StringBuilder();
    private @Nullable TextPart pending;

    /** Of the pending part, whose text, if it has one, is in {@link #text}. */
    private long length;

    private boolean textIsKnown;

    void append(TextPart part) {
        if (part.length() == 0) {
            return;
        }
        if (pending == null || pending.getClass() != part.getClass()) {
            flush();
            pending = part;
            textIsKnown = true;
        }
        length += part.length();
        String more = textOf(part);
        textIsKnown &= more != null;
        if (more != null) {
            text.append(more);
        }
    }

    private static @Nullable String textOf(TextPart part) {
        return switch (part) {
            case TextPart.Skip skip -> null;
            case TextPart.Insert insert -> insert.text();
            case TextPart.Delete delete -> delete.text();
        };
    }

    private void flush() {
        switch (pending) {
            case null -> {}
            case TextPart.Skip skip -> parts.add(new TextPart.Skip(length));
            case TextPart.Insert insert -> parts.add(new TextPart.Insert(text.toString(), length));
            case TextPart.Delete delete -> parts.add(new TextPart.Delete(textIsKnown ? text.toString() : null, length));
        }
        length = 0;
        text.setLength(0);
    }

    /** Nothing may be appended after this. A skip at the end says nothing. */
    TextOperation operation() {
        if (!(pending instanceof TextPart.Skip)) {
            flush();
        }
        return new TextOperation(parts);
    }
}
