package io.sluice.resolver;

import static io.sluice.resolver.Operations.NODES;

import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/** One step of a {@link TextOperation} over the text. Lengths count code points. */
sealed interface TextPart {

    long length();

    JsonNode json();

    record Skip(long length) implements TextPart {

        @Override
        public JsonNode json() {
            return number(length);
        }
    }

    record Insert(String text, long length) implements TextPart {

        Insert(String text) {
            this(text, text.codePointCount(0, text.length()));
        }

        @Override
        public JsonNode json() {
            return NODES.stringNode(text);
        }
    }

    /** @param text what is deleted, if the operation says it */
    record Delete(@Nullable String text, long length) implements TextPart {

        Delete(String text) {
            this(text, text.codePointCount(0, text.length()));
        }

        @Override
        public JsonNode json() {
            return NODES.objectNode().set("d", text == null ? number(length) : NODES.stringNode(text));
        }
    }

    private static JsonNode number(long value) {
        return value == (int) value ? NODES.numberNode((int) value) : NODES.numberNode(value);
    }
}
