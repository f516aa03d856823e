package io.sluice.gateway.feed;

import dev.cel.common.values.NullValue;
import java.util.AbstractList;
import java.util.AbstractMap;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * JSON as the Common Expression Language has it: only what an expression asks for is converted. Numbers are whole where they
 * can be.
 */
final class CelJson {

    private CelJson() {}

    static Object of(JsonNode json) {
        return switch (json) {
            case ObjectNode object -> new Members(object);
            case ArrayNode array -> new Elements(array);
            default -> scalar(json);
        };
    }

    private static Object scalar(JsonNode json) {
        return switch (json.getNodeType()) {
            case STRING -> json.asString();
            case BOOLEAN -> json.asBoolean();
            case NUMBER ->
                json.isIntegralNumber() && json.canConvertToLong()
                        ? (Object) json.longValue()
                        : (Object) json.decimalValue().doubleValue();
            default -> NullValue.NULL_VALUE;
        };
    }

    private static final class Members extends AbstractMap<String, Object> {

        private final ObjectNode object;

        Members(ObjectNode object) {
            this.object = object;
        }

        @Override
        public boolean containsKey(@Nullable Object name) {
            return name instanceof String text && object.has(text);
        }

        @Override
        public @Nullable Object get(@Nullable Object name) {
            JsonNode member = name instanceof String text ? object.get(text) : null;
            return member == null ? null : of(member);
        }

        @Override
        public int size() {
            return object.size();
        }

        @Override
        public Set<Map.Entry<String, Object>> entrySet() {
            Map<String, Object> all = new LinkedHashMap<>();
            object.forEachEntry((name, member) -> all.put(name, of(member)));
            return all.entrySet();
        }
    }

    private static final class Elements extends AbstractList<Object> {

        private final ArrayNode array;

        Elements(ArrayNode array) {
            this.array = array;
        }

        @Override
        public Object get(int index) {
            return of(array.get(index));
        }

        @Override
        public int size() {
            return array.size();
        }
    }
}
