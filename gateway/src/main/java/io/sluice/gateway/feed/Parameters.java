package io.sluice.gateway.feed;

import io.sluice.gateway.web.Problem;
import io.sluice.resolver.Json;
import io.sluice.resolver.Texts;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;

/** What a request says, by name, wherever it says it. */
record Parameters(Map<String, List<String>> values) {

    /** @throws io.sluice.gateway.web.ProblemException unless it can be read */
    static Parameters ofQuery(String uri) {
        int query = uri.indexOf('?');
        Map<String, List<String>> values = new LinkedHashMap<>();
        for (String part : query < 0 ? new String[0] : uri.substring(query + 1).split("&")) {
            if (!part.isEmpty()) {
                int equals = part.indexOf('=');
                String name = decoded(equals < 0 ? part : part.substring(0, equals));
                values.computeIfAbsent(name, any -> new ArrayList<>(1))
                        .add(equals < 0 ? "" : decoded(part.substring(equals + 1)));
            }
        }
        return new Parameters(values);
    }

    /** What is no UTF-8 is said, and not replaced. */
    private static String decoded(String text) {
        try {
            return Texts.unescaped(text.replace('+', ' '), '%');
        } catch (IllegalArgumentException e) {
            throw malformed("query", text, "UTF-8, percent-encoded");
        }
    }

    /**
     * The members of a JSON object: texts, truth values and lists of texts.
     *
     * @throws io.sluice.resolver.MalformedException unless it is one
     * @throws io.sluice.gateway.web.ProblemException if a member is something else
     */
    static Parameters ofBody(byte[] body, Json json) {
        Map<String, List<String>> values = new LinkedHashMap<>();
        json.object(body).forEachEntry((name, value) -> values.put(name, texts(name, value)));
        return new Parameters(values);
    }

    private static List<String> texts(String name, JsonNode value) {
        if (!(value instanceof ArrayNode array)) {
            return List.of(text(name, value));
        }
        List<String> texts = new ArrayList<>(array.size());
        array.forEach(element -> texts.add(text(name, element)));
        return texts;
    }

    private static String text(String name, JsonNode value) {
        if (value.isString() || value.isBoolean()) {
            return value.asString();
        }
        throw malformed(name, value.toString(), "a text, a truth value, or a list of texts");
    }

    /** All of that name, in order. */
    List<String> all(String name) {
        return values.getOrDefault(name, List.of());
    }

    /** @throws io.sluice.gateway.web.ProblemException if it is there more than once */
    @Nullable
    String one(String name) {
        List<String> all = all(name);
        if (all.size() > 1) {
            throw malformed(name, all.get(1), "it once");
        }
        return all.isEmpty() ? null : all.getFirst();
    }

    String one(String name, String absent) {
        String value = one(name);
        return value == null ? absent : value;
    }

    boolean isTrue(String name) {
        String value = one(name, "false");
        if (!value.equals("true") && !value.equals("false")) {
            throw malformed(name, value, "true or false");
        }
        return value.equals("true");
    }

    /** @throws io.sluice.gateway.web.ProblemException if there is another */
    void requireOnly(List<String> some, List<String> more) {
        List<String> known = Stream.concat(some.stream(), more.stream()).toList();
        for (String name : values.keySet()) {
            if (!known.contains(name)) {
                throw malformed("query parameter", name, "one of " + known);
            }
        }
    }

    static RuntimeException malformed(String name, String value, String expected) {
        return Problem.of(
                        Problem.Kind.MALFORMED, name + ": \"" + Texts.shown(value) + "\" (expected: " + expected + ")")
                .exception();
    }
}
