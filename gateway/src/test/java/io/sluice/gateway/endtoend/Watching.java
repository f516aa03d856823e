package io.sluice.gateway.endtoend;

import java.util.Map;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * What a client watches, and how.
 *
 * @param path of an event stream; for WebSocket the channels, separated by commas
 * @param filter as the path has it
 * @param filtered whether it has one at all
 * @param every whether each change is to be had
 */
record Watching(String path, Predicate<String> keys, Predicate<JsonNode> filter, boolean filtered, boolean every) {

    /** @param version the latest that was heard of; 0: none was told @param state null: deleted, or not in the feed */
    record Held(long version, @Nullable JsonNode state) {
        @Override
        public String toString() {
            String shown = String.valueOf(state);
            return version + " " + (shown.length() < 100 ? shown : shown.substring(0, 100) + "...");
        }
    }

    static Watching of(String path, Predicate<String> keys) {
        return new Watching(path, keys, state -> true, false, path.contains("policy=every"));
    }

    Watching where(Predicate<JsonNode> holds) {
        return new Watching(path, keys, holds, true, false);
    }

    boolean has(String key) {
        return keys.test(key);
    }

    /** What is to be shown in the end. @param all contexts that are not deleted */
    Map<String, Held> of(Map<String, Held> all) {
        return all.entrySet().stream()
                .filter(entry ->
                        has(entry.getKey()) && filter.test(entry.getValue().state()))
                .collect(Collectors.toMap(Map.Entry::getKey, Map.Entry::getValue));
    }

    /** As RFC 7396 says. */
    static JsonNode merged(JsonNode target, JsonNode patch) {
        if (!patch.isObject()) {
            return patch;
        }
        ObjectNode merged = target.isObject()
                ? target.asObject().deepCopy()
                : Api.json("{}").asObject();
        patch.properties().forEach(member -> {
            if (member.getValue().isNull()) {
                merged.remove(member.getKey());
            } else {
                JsonNode before = merged.path(member.getKey());
                merged.set(member.getKey(), merged(before, member.getValue()));
            }
        });
        return merged;
    }

    @Override
    public String toString() {
        return path;
    }
}
