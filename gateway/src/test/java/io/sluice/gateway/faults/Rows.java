package io.sluice.gateway.faults;

import io.sluice.backpressure.Outcome;
import io.sluice.resolver.Causality;
import io.sluice.resolver.Cause;
import io.sluice.resolver.ContextState;
import io.sluice.resolver.ContextUpdate;
import io.sluice.resolver.Document;
import io.sluice.resolver.Json;
import io.sluice.resolver.LogPosition;
import io.sluice.resolver.Marks;
import io.sluice.resolver.MarksJson;
import io.sluice.resolver.RegistersJson;
import io.sluice.resolver.Remembered;
import io.sluice.resolver.Resolution;
import java.nio.charset.StandardCharsets;
import java.time.OffsetDateTime;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** Rows of the tables as JSON objects: as they are, and as they have to be. JSON in a column is a tree, times are instants. */
final class Rows {

    private static final Set<String> TREES =
            Set.of("document", "delta", "conflicts", "operations", "marks", "registers");
    private static final Set<String> TIMES = Set.of("log_time", "event_time");

    private Rows() {}

    /** @param row as {@code row_to_json} gives it */
    static ObjectNode stored(String row) {
        ObjectNode json = Json.TRUSTED.object(row.getBytes(StandardCharsets.UTF_8));
        json.properties().forEach(column -> {
            String text = column.getValue().asString("");
            if (TREES.contains(column.getKey()) && !text.isEmpty()) {
                column.setValue(tree(text));
            } else if (TIMES.contains(column.getKey())) {
                column.setValue(
                        json.stringNode(OffsetDateTime.parse(text).toInstant().toString()));
            }
        });
        return json;
    }

    /** What the journal has to have of an event. */
    static ObjectNode journal(Outcome outcome) {
        ObjectNode row = Json.newObject();
        ContextState after = outcome.after();
        ContextUpdate update = outcome.update();
        put(
                row,
                outcome.event().key().tenant(),
                outcome.event().key().type(),
                outcome.event().key().id());
        put(row, outcome.position());
        put(row, outcome.event().cause());
        row.put("resolution", outcome.resolution().kind());
        boolean rejected = outcome.resolution() instanceof Resolution.Rejected;
        row.put(
                "reason",
                rejected ? ((Resolution.Rejected) outcome.resolution()).reason().code() : null);
        row.put("detail", rejected ? ((Resolution.Rejected) outcome.resolution()).detail() : null);
        row.put("change", outcome.event().change().kind());
        row.put("causality", causality(outcome.event().causality()));
        row.put("content", outcome.event().content().toString());
        row.put("waiter", outcome.waiter());
        put(row, after, outcome.isAnnounced());
        row.set("delta", update == null ? null : again(update.delta()));
        ObjectNode more = Json.newObject();
        if (update != null) {
            MarksJson.putConflicts(more, update.conflicts());
            MarksJson.putOperations(more, update.operations());
        }
        row.set("conflicts", again(more.get("conflicts")));
        row.set("operations", again(more.get("ops")));
        return row;
    }

    /** What the table of states has to have of a context. */
    static ObjectNode state(String tenant, String type, String id, Remembered remembered) {
        ObjectNode row = Json.newObject();
        ContextState state = remembered.state();
        Document document = state == null ? null : state.document();
        put(row, tenant, type, id);
        row.set(
                "registers",
                Json.TRUSTED.value(
                        RegistersJson.bytes(remembered.registers(), document == null ? null : document.tree())));
        if (state == null) {
            // There is nothing to see of it; only what was seen is remembered.
            return row.put("version", 0);
        }
        put(row, state, true);
        put(row, state.position());
        put(row, state.cause());
        return row;
    }

    /** The columns that are not as they have to be, with both values. Columns that are not expected may be anything. */
    static List<String> differences(ObjectNode expected, ObjectNode found) {
        List<String> differences = new ArrayList<>();
        for (String column : new TreeSet<>(expected.propertyNames())) {
            JsonNode one = expected.get(column);
            JsonNode other = found.get(column);
            boolean same = one.isNull()
                    ? other == null || other.isNull()
                    : one.isIntegralNumber() && other != null && other.isIntegralNumber()
                            ? one.asLong() == other.asLong()
                            : one.equals(other);
            if (!same) {
                differences.add(column + ": " + shown(other) + " (expected: " + shown(one) + ")");
            }
        }
        return differences;
    }

    private static String shown(@Nullable JsonNode value) {
        String text = String.valueOf(value);
        return text.length() < 300 ? text : text.substring(0, 300) + "...";
    }

    private static void put(ObjectNode row, String tenant, String type, String id) {
        row.put("tenant", tenant).put("type", type).put("id", id);
    }

    private static void put(ObjectNode row, LogPosition position) {
        row.put("topic", position.topic())
                .put("partition", position.partition())
                .put("source_offset", position.offset())
                .put("log_time", position.time().toString());
    }

    private static void put(ObjectNode row, Cause cause) {
        row.put("writer", cause.identity().writer())
                .put("event_id", cause.identity().eventId())
                .put("event_type", cause.eventType())
                .put("event_time", cause.time().toString())
                .put("correlation_id", cause.correlationId())
                .put("causation_id", cause.causationId())
                .put("traceparent", cause.traceparent());
    }

    private static void put(ObjectNode row, @Nullable ContextState state, boolean whole) {
        if (state == null) {
            for (String column : List.of("incarnation", "version", "clock", "document", "marks")) {
                row.putNull(column);
            }
            return;
        }
        row.put("incarnation", state.revision().incarnation())
                .put("version", state.revision().version())
                .put("clock", state.clock().toString());
        Document document = whole ? state.document() : null;
        row.set("document", document == null ? null : tree(new String(document.json(), StandardCharsets.UTF_8)));
        row.set("marks", marks(state.marks()));
    }

    private static @Nullable JsonNode marks(Marks marks) {
        if (marks.isEmpty()) {
            return null;
        }
        ObjectNode json = Json.newObject();
        MarksJson.put(json, marks);
        return again(json);
    }

    private static @Nullable String causality(Causality causality) {
        return switch (causality) {
            case Causality.Unstated unstated -> null;
            case Causality.Clock clock -> clock.seen().toString();
            case Causality.BaseVersion base -> "version " + base.version();
        };
    }

    /** As it comes out when it is read. */
    private static @Nullable JsonNode again(@Nullable JsonNode json) {
        return json == null ? null : Json.TRUSTED.value(Json.bytes(json));
    }

    private static JsonNode tree(String text) {
        return Json.TRUSTED.value(text.getBytes(StandardCharsets.UTF_8));
    }
}
