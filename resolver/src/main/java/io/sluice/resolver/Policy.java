package io.sluice.resolver;

import java.util.Arrays;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * How concurrent writes to one path become one value.
 *
 * @param rule of {@link Kind#CEL} only
 */
public record Policy(Kind kind, @Nullable Rule rule) {

    /** The kinds of policies. */
    public enum Kind {
        /** The class of the writer, then the later event time, then the writer's name, the event id and the value. */
        PRIORITY,
        /** The greatest value. A value beats a removal. */
        MAX,
        /** The least value. A value beats a removal. */
        MIN,
        /** The earliest event time. */
        FIRST,
        /** A rule that the business wrote; where it fails, as {@link #PRIORITY}. */
        CEL,
        /** Shows what {@link #PRIORITY} would, and keeps all until a write that has seen them settles it. */
        MANUAL,
        /** A number to which writers add. */
        COUNTER,
        /** A set into which writers insert and from which they remove; who inserts wins over who removes at the same time. */
        SET,
        /** A text that is edited by operations of {@code ot-text-unicode}. */
        TEXT,
        /** A JSON value that is edited by operations of {@code ot-json0}. */
        JSON;

        /** @throws MalformedException unless it is the word for a kind */
        public static Kind of(String label) {
            for (Kind kind : values()) {
                if (kind.label().equals(label)) {
                    return kind;
                }
            }
            throw new MalformedException(
                    "malformed-policy",
                    "policy: \"" + Texts.shown(label) + "\" (expected: one of "
                            + Arrays.stream(values()).map(Kind::label).toList() + ")");
        }

        /** The word for it in settings and conflicts. */
        public String label() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    public Policy {
        if ((kind == Kind.CEL) != (rule != null)) {
            throw new IllegalArgumentException("rule of policy " + kind.label() + ": "
                    + (rule == null ? "none (expected: one)" : "one (expected: none)"));
        }
    }

    public static Policy of(Kind kind) {
        return new Policy(kind, null);
    }

    /** Whether operations, and not whole values only, make what stands there. */
    boolean isTyped() {
        return kind == Kind.COUNTER || kind == Kind.SET || isDocument();
    }

    /** Whether the log's order, and not causality, decides. */
    boolean isDocument() {
        return kind == Kind.TEXT || kind == Kind.JSON;
    }
}
