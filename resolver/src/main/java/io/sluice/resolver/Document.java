package io.sluice.resolver;

import org.jspecify.annotations.Nullable;
import tools.jackson.databind.node.ObjectNode;

/**
 * A resolved JSON object with its encoded form, which is made once, on first use, and shared. Immutable: nobody changes the
 * tree or the bytes. Safe for use by several threads.
 */
public final class Document {

    private final ObjectNode tree;
    private final long atMost;
    private volatile byte @Nullable [] json;

    private Document(ObjectNode tree, long atMost, byte @Nullable [] json) {
        this.tree = tree;
        this.atMost = atMost;
        this.json = json;
    }

    public static Document of(ObjectNode tree) {
        return new Document(tree, Long.MAX_VALUE, null);
    }

    /** @param atMost so many bytes its encoded form has at the most */
    static Document of(ObjectNode tree, long atMost) {
        return new Document(tree, atMost, null);
    }

    /** @throws MalformedException unless the bytes are one JSON object */
    public static Document parse(byte[] json) {
        return new Document(Json.TRUSTED.object(json), json.length, json);
    }

    public ObjectNode tree() {
        return tree;
    }

    /** An upper bound of the length of the encoded form, which is not made for it. */
    long lengthAtMost() {
        byte[] bytes = json;
        return bytes == null ? atMost : bytes.length;
    }

    /** Compact UTF-8. Numbers and the order of members are as they were written. The array is shared. */
    public byte[] json() {
        byte[] bytes = json;
        if (bytes == null) {
            bytes = Json.bytes(tree);
            json = bytes;
        }
        return bytes;
    }

    @Override
    public boolean equals(@Nullable Object other) {
        return other instanceof Document document && tree.equals(document.tree);
    }

    @Override
    public int hashCode() {
        return tree.hashCode();
    }

    @Override
    public String toString() {
        return "Document[" + json().length + " bytes]";
    }
}
