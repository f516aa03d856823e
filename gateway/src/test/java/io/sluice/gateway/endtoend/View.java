package io.sluice.gateway.endtoend;

import io.sluice.gateway.endtoend.Api.Answer;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/** What a gateway shows of a type. @param snapshots what a feed of the type begins with, by key */
record View(Map<String, Shown> contexts, Map<String, JsonNode> snapshots) {

    /** One context. @param open the conflicts that nobody has settled */
    record Shown(
            int status,
            @Nullable JsonNode document,
            long version,
            String etag,
            @Nullable String clock,
            List<JsonNode> open) {}

    Map<String, Long> versions() {
        Map<String, Long> versions = new TreeMap<>();
        contexts.forEach((id, shown) -> {
            if (shown.version() > 0) {
                versions.put(id, shown.version());
            }
        });
        return versions;
    }

    static View of(Gateway gateway, String type, List<String> contexts) {
        String path = "/v1/contexts/" + type;
        Map<String, Shown> shown = contexts.stream()
                .collect(Collectors.toMap(
                        Function.identity(), id -> shown(gateway.api(), path + "/" + id), (a, b) -> a, TreeMap::new));
        try (Feed feed = gateway.watch(path)) {
            feed.awaitReady();
            return new View(
                    shown,
                    feed.events("snapshot").stream().collect(Collectors.toMap(Feed.Event::key, Feed.Event::json)));
        }
    }

    private static Shown shown(Api api, String path) {
        Answer read = api.get(path);
        List<JsonNode> conflicts = api.get(path + "/conflicts")
                .json()
                .path("items")
                .valueStream()
                .filter(item -> item.path("open").asBoolean())
                .toList();
        JsonNode document = read.status() == 200 ? read.json() : null;
        return new Shown(read.status(), document, read.version(), read.etag(), read.header("Sluice-Clock"), conflicts);
    }
}
