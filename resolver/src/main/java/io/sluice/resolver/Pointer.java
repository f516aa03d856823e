package io.sluice.resolver;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** A place in a document, as a JSON Pointer (RFC 6901) names it. Its text is made when it is asked for: most never are. */
record Pointer(@Nullable Pointer parent, String name) {

    /** Documents are not deeper: what is kept beside them is twice as deep, and has to be written and read. */
    static final int MAX_DEPTH = Json.MAX_DEPTH;

    static final Pointer ROOT = new Pointer(null, "");

    Pointer child(String member) {
        return new Pointer(this, member);
    }

    /** The text, if anybody wants it; else null. */
    @Nullable
    String toStringIf(boolean wanted) {
        return wanted ? toString() : null;
    }

    @Override
    public String toString() {
        return parent == null ? "" : parent + "/" + name.replace("~", "~0").replace("/", "~1");
    }

    /** What stands there; null: nothing. Elements of arrays have no place of their own. */
    static @Nullable JsonNode value(@Nullable JsonNode in, List<String> names) {
        JsonNode found = in;
        for (String name : names) {
            found = found instanceof ObjectNode object ? object.get(name) : null;
        }
        return found;
    }

    /** The value with another one there. @param value null: with nothing there */
    static @Nullable JsonNode with(@Nullable JsonNode in, List<String> names, @Nullable JsonNode value) {
        if (names.isEmpty()) {
            return value;
        }
        ObjectNode changed = Json.newObject();
        if (in instanceof ObjectNode object) {
            changed.setAll(object);
        }
        String name = names.getFirst();
        JsonNode member = with(changed.get(name), names.subList(1, names.size()), value);
        if (member == null) {
            changed.remove(name);
        } else {
            changed.set(name, member);
        }
        return changed;
    }

    /** @throws MalformedException unless the text is a JSON Pointer */
    static List<String> names(String text) {
        if (text.isEmpty()) {
            return List.of();
        }
        if (text.charAt(0) != '/' || text.matches("(?s).*~(?![01]).*")) {
            throw new MalformedException(
                    "malformed-path",
                    "path: \"" + Texts.shown(text) + "\" (expected: a JSON Pointer, RFC 6901, such as /plan)");
        }
        if (text.chars().filter(c -> c == '/').limit(MAX_DEPTH + 1L).count() > MAX_DEPTH) {
            throw new MalformedException(
                    "malformed-path",
                    "path: \"" + Texts.shown(text) + "\" (expected: at most " + MAX_DEPTH + " steps)");
        }
        List<String> names = new ArrayList<>();
        for (String segment : text.substring(1).split("/", -1)) {
            names.add(segment.replace("~1", "/").replace("~0", "~"));
        }
        return names;
    }
}
