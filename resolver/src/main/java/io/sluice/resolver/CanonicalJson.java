package io.sluice.resolver;

import java.nio.charset.StandardCharsets;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** One text for each JSON value, whatever the order of its members. Numbers that are written differently differ. */
final class CanonicalJson {

    private CanonicalJson() {}

    static String text(JsonNode value) {
        return new String(Json.bytes(sorted(value)), StandardCharsets.UTF_8);
    }

    /** The value of such a text. */
    static JsonNode parse(String text) {
        return Json.TRUSTED.value(text.getBytes(StandardCharsets.UTF_8));
    }

    /** The value with all members sorted. */
    static JsonNode sorted(JsonNode value) {
        return switch (value) {
            case ObjectNode object -> {
                ObjectNode sorted = Json.newObject();
                object.propertyNames().stream().sorted().forEach(name -> sorted.set(name, sorted(object.get(name))));
                yield sorted;
            }
            case ArrayNode array -> {
                ArrayNode sorted = Json.newArray();
                array.forEach(element -> sorted.add(sorted(element)));
                yield sorted;
            }
            default -> value;
        };
    }
}
