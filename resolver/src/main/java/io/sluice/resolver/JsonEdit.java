package io.sluice.resolver;

import java.util.List;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/** What one component of a {@link JsonOperation} does at its path. */
sealed interface JsonEdit {

    /** {@code na}: to a number, another is added. */
    record Add(JsonNode number) implements JsonEdit {}

    /** {@code od}, {@code oi}: the member of an object, or the document itself, is removed, put or replaced. */
    record Member(@Nullable JsonNode removed, @Nullable JsonNode put) implements JsonEdit {}

    /** {@code ld}, {@code li}: the element of a list is removed, inserted before what stands there, or replaced. */
    record Element(@Nullable JsonNode removed, @Nullable JsonNode put) implements JsonEdit {}

    /** {@code lm}: the element of a list goes to where it has this index. */
    record Move(int to) implements JsonEdit {}

    /** {@code t}, {@code o}: a text is edited; in the older form, {@code si} or {@code sd}, by one edit. */
    record Text(List<TextEdit> edits, boolean older) implements JsonEdit {}
}
