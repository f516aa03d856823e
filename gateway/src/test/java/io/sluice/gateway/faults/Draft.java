package io.sluice.gateway.faults;

import io.sluice.resolver.Json;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.node.ObjectNode;

/**
 * An event that somebody is about to write, in whatever way.
 *
 * @param change as the header {@code sluice-change} names it
 * @param body null: none
 * @param ifMatch an ETag, {@code *}, or null @param ifNoneMatch whether the context may not be there
 */
record Draft(
        String type,
        String id,
        String writer,
        String eventId,
        String change,
        @Nullable String body,
        @Nullable String clock,
        @Nullable String baseVersion,
        @Nullable String ifMatch,
        boolean ifNoneMatch) {

    String key() {
        return type + "/" + id;
    }

    static String path(String key) {
        int slash = key.indexOf('/');
        String id = URLEncoder.encode(key.substring(slash + 1), StandardCharsets.UTF_8)
                .replace("+", "%20");
        return "/v1/contexts/" + key.substring(0, slash) + "/" + id;
    }

    String method() {
        return switch (change) {
            case "replace" -> "PUT";
            case "delete" -> "DELETE";
            default -> "PATCH";
        };
    }

    /** For a request to its context. */
    List<String> httpHeaders() {
        List<String> headers = new ArrayList<>(List.of("Sluice-Writer", writer, "Idempotency-Key", eventId));
        add(headers, "Sluice-Clock", clock);
        add(headers, "Sluice-Base-Version", baseVersion);
        add(headers, "If-Match", ifMatch);
        add(headers, "If-None-Match", ifNoneMatch ? "*" : null);
        if (body != null) {
            headers.add("Content-Type");
            headers.add(change.equals("ops") ? "application/vnd.sluice.ops+json" : "application/json");
        }
        return headers;
    }

    /** For a record in the topic of its type. */
    List<String> kafkaHeaders() {
        List<String> headers = new ArrayList<>(List.of("sluice-writer", writer, "sluice-event-id", eventId));
        add(headers, "sluice-clock", clock);
        add(headers, "sluice-base-version", baseVersion);
        add(headers, "sluice-change", body == null ? null : change);
        return headers;
    }

    /** As a structured CloudEvent, in one line. */
    String cloudEvent() {
        ObjectNode event = Json.newObject()
                .put("specversion", "1.0")
                .put("id", eventId)
                .put("source", writer)
                .put("type", "io.sluice.faults")
                .put("subject", key())
                .put("change", change);
        if (clock != null) {
            event.put("vectorclock", clock);
        }
        if (baseVersion != null) {
            event.put("baseversion", baseVersion);
        }
        if (body != null) {
            event.set("data", Json.TRUSTED.value(body.getBytes(StandardCharsets.UTF_8)));
        }
        return new String(Json.bytes(event), StandardCharsets.UTF_8);
    }

    private static void add(List<String> headers, String name, @Nullable String value) {
        if (value != null) {
            headers.add(name);
            headers.add(value);
        }
    }
}
