package io.sluice.resolver;

import java.util.List;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;

/**
 * An edit of a JSON document, as npm's {@code ot-json0} writes it: an array of components, done one after the other, each with
 * the path {@code p} of what it changes.
 *
 * <ul>
 *   <li>{@code na}: adds to a number. Exact here; JavaScript rounds to doubles.
 *   <li>{@code oi}, {@code od}, both: puts, removes, replaces a member of an object, or, with an empty path, the document.
 *   <li>{@code li}, {@code ld}, both: inserts, removes, replaces an element of a list.
 *   <li>{@code lm}: moves an element of a list to this index.
 *   <li>{@code t: "text0"} with {@code o}, or {@code si}, {@code sd} with the offset at the end of the path: inserts into a
 *       text and deletes from it. Offsets count UTF-16 code units, as JavaScript does. An edit within a surrogate pair is
 *       refused when it is applied, so that no document has half of one.
 * </ul>
 *
 * <p>Two edits of one document meet in {@link #transform}. Immutable; the trees that it holds are shared and never changed.
 */
public final class JsonOperation {

    private static final JsonEdits TYPE = new JsonEdits(List.of());

    private final List<JsonComponent> components;

    JsonOperation(List<JsonComponent> components) {
        this.components = List.copyOf(components);
    }

    /** @throws MalformedException naming the component and what is wrong with it */
    public static JsonOperation parse(JsonNode operation) {
        return new JsonOperation(new JsonOperationReader(Operations.MAX_COMPONENTS).components(operation));
    }

    /** One that was taken before: by what it met it may have grown. */
    static JsonOperation stored(JsonNode operation) {
        return new JsonOperation(new JsonOperationReader(Integer.MAX_VALUE).components(operation));
    }

    int size() {
        return components.size();
    }

    /**
     * The operation that puts one document in the place of another, as member of nothing: {@code {"p":[],"od":...,"oi":...}}.
     *
     * @param before null if there is none
     * @param after null if there shall be none
     * @return null if they are equal
     */
    public static @Nullable JsonOperation replacing(@Nullable JsonNode before, @Nullable JsonNode after) {
        if (before == null ? after == null : before.equals(after)) {
            return null;
        }
        return new JsonOperation(List.of(new JsonComponent(List.of(), new JsonEdit.Member(before, after))));
    }

    /** Whether it changes nothing, whatever the document. */
    public boolean isEmpty() {
        return components.isEmpty();
    }

    /**
     * The document after this edit. What is said to be removed or replaced is not compared with what stands there, as in the
     * original; only a deleted text is. The original takes some places for what they are not: an index behind the end of a
     * list, an offset behind the end of a text, a member that does not exist; here they do not fit.
     *
     * @param document null if there is none
     * @return null if it was removed
     * @throws MalformedException if the operation does not fit the document
     */
    public @Nullable JsonNode apply(@Nullable JsonNode document) {
        WorkingCopy copy = new WorkingCopy(document);
        components.forEach(copy::apply);
        return copy.document();
    }

    /**
     * This edit as it is to be done after another of the same document. Takes time by the product of the numbers of their
     * components.
     *
     * @param left whether this one wins where both cannot; exactly one of the two is the left one
     * @throws MalformedException if what one of them says it removes does not fit the other one: for two operations that are
     *     as {@link #withDeleted} makes them for one document, it always does
     */
    public JsonOperation transform(JsonOperation other, boolean left) {
        return new JsonOperation(Diamond.transform(TYPE, components, other.components, left));
    }

    /** The edit that does what this one and, after it, the next one do. */
    public JsonOperation compose(JsonOperation next) {
        JsonEdits both = new JsonEdits(components);
        next.components.forEach(both::append);
        return new JsonOperation(both.list());
    }

    /**
     * This edit, saying truly what it removes: only then can {@link #invert} bring it back, and can every other edit of the
     * document be transformed by it.
     *
     * @param before the document that it is made for
     * @throws MalformedException if it does not fit that
     */
    public JsonOperation withDeleted(@Nullable JsonNode before) {
        WorkingCopy copy = new WorkingCopy(before);
        return new JsonOperation(components.stream().map(copy::apply).toList());
    }

    /** The edit that takes this one back, as far as this one says truly what it removes. */
    public JsonOperation invert() {
        return new JsonOperation(
                components.reversed().stream().map(JsonComponent::invert).toList());
    }

    /** The edit that takes this one back, after this one was applied to the document. */
    public JsonOperation invert(@Nullable JsonNode before) {
        return withDeleted(before).invert();
    }

    /** The operation in the form that {@link #parse} reads. */
    public JsonNode json() {
        ArrayNode array = Operations.NODES.arrayNode(components.size());
        components.forEach(component -> array.add(component.json()));
        return array;
    }

    @Override
    public boolean equals(@Nullable Object other) {
        return other instanceof JsonOperation operation && components.equals(operation.components);
    }

    @Override
    public int hashCode() {
        return components.hashCode();
    }

    @Override
    public String toString() {
        return json().toString();
    }
}
