package io.sluice.gateway.journal;

import io.sluice.backpressure.Folded;
import io.sluice.backpressure.Outcome;
import io.sluice.resolver.Causality;
import io.sluice.resolver.Cause;
import io.sluice.resolver.ClockText;
import io.sluice.resolver.ContextKey;
import io.sluice.resolver.ContextState;
import io.sluice.resolver.ContextUpdate;
import io.sluice.resolver.Document;
import io.sluice.resolver.Fingerprint;
import io.sluice.resolver.Json;
import io.sluice.resolver.LogPosition;
import io.sluice.resolver.MarksJson;
import io.sluice.resolver.Partition;
import io.sluice.resolver.RegistersJson;
import io.sluice.resolver.Remembered;
import io.sluice.resolver.Resolution;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * What is to be stored, as the JSON arrays that the statements take apart into rows: three parameters, however many rows, and
 * documents as texts within them, so that the database never parses one.
 */
final class StoreJson {

    /** No text of a clock begins so. */
    private static final String VERSION = "version ";

    private StoreJson() {}

    static String keys(Collection<ContextKey> keys) {
        ArrayNode rows = array();
        keys.forEach(key -> putKey(rows.addObject(), key));
        return text(rows);
    }

    static String partitions(Collection<Partition> partitions) {
        ArrayNode rows = array();
        partitions.forEach(
                partition -> rows.addObject().put("topic", partition.topic()).put("partition", partition.number()));
        return text(rows);
    }

    /** One row per partition: from where its first batch began to where its last one ends. */
    static String progress(List<Folded> batches) {
        Map<Object, ObjectNode> rows = new LinkedHashMap<>();
        for (Folded batch : batches) {
            ObjectNode row = rows.computeIfAbsent(
                    batch.partition(),
                    p -> Json.newObject()
                            .put("topic", batch.partition().topic())
                            .put("partition", batch.partition().number())
                            .put("epoch", batch.epoch())
                            .put("from_offset", batch.from()));
            row.put("next_offset", batch.next()).put("announced_offset", batch.announced());
            Instant time = batch.time();
            if (time != null) {
                row.put("log_time", time.toString());
            }
        }
        ArrayNode array = array();
        rows.values().forEach(array::add);
        return text(array);
    }

    static String journal(List<Folded> batches) {
        ArrayNode rows = array();
        batches.forEach(batch -> batch.outcomes().forEach(outcome -> putOutcome(rows.addObject(), outcome)));
        return text(rows);
    }

    /** What is remembered last of each context, once: one statement may touch a row only once. */
    static String states(List<Folded> batches) {
        Map<ContextKey, ObjectNode> last = new HashMap<>();
        batches.forEach(batch -> batch.changed().forEach((key, remembered) -> {
            ObjectNode row = Json.newObject();
            putKey(row, key);
            putRemembered(row, remembered, batch);
            last.put(key, row);
        }));
        ArrayNode rows = array();
        last.values().forEach(rows::add);
        return text(rows);
    }

    private static void putRemembered(ObjectNode row, Remembered remembered, Folded batch) {
        ContextState state = remembered.state();
        Document document = state == null ? null : state.document();
        row.put("registers", RegistersJson.text(remembered.registers(), document == null ? null : document.tree()));
        if (state != null) {
            putState(row, state, document);
            putCause(row, state.cause());
            putPosition(row, state.position());
        } else {
            // There is nothing to see of it: only what would be too late or concurrent is known.
            row.put("incarnation", 0)
                    .put("version", 0)
                    .put("clock", "")
                    .put("writer", "")
                    .put("event_id", "");
            row.put("event_type", "")
                    .put("event_time", Instant.EPOCH.toString())
                    .put("log_time", Instant.EPOCH.toString());
            row.put("topic", batch.partition().topic())
                    .put("partition", batch.partition().number());
            row.put("source_offset", batch.from());
        }
    }

    private static void putOutcome(ObjectNode row, Outcome outcome) {
        Resolution resolution = outcome.resolution();
        putKey(row, outcome.event().key());
        putPosition(row, outcome.position());
        putCause(row, outcome.event().cause());
        row.put("resolution", resolution.kind());
        row.put("change", outcome.event().change().kind());
        row.put("causality", causality(outcome.event().causality()));
        row.put("content", outcome.event().content().toString());
        row.put("waiter", outcome.waiter());
        if (resolution instanceof Resolution.Rejected rejected) {
            row.put("reason", rejected.reason().code()).put("detail", rejected.detail());
        }
        ContextState after = outcome.after();
        if (after != null) {
            putState(row, after, outcome.isAnnounced() ? after.document() : null);
        }
        ContextUpdate update = outcome.update();
        if (update != null) {
            putUpdate(row, update);
        }
    }

    private static void putUpdate(ObjectNode row, ContextUpdate update) {
        if (update.delta() != null) {
            row.put("delta", text(update.delta()));
        }
        ObjectNode json = Json.newObject();
        MarksJson.putConflicts(json, update.conflicts());
        MarksJson.putOperations(json, update.operations());
        json.forEachEntry((name, value) -> row.put(name.equals("ops") ? "operations" : name, text(value)));
    }

    private static void putKey(ObjectNode row, ContextKey key) {
        row.put("tenant", key.tenant()).put("type", key.type()).put("id", key.id());
    }

    private static void putState(ObjectNode row, ContextState state, @Nullable Document document) {
        row.put("incarnation", state.revision().incarnation())
                .put("version", state.revision().version())
                .put("clock", state.clock().toString());
        if (document != null) {
            row.put("document", new String(document.json(), StandardCharsets.UTF_8));
        }
        if (!state.marks().isEmpty()) {
            ObjectNode marks = Json.newObject();
            MarksJson.put(marks, state.marks());
            row.put("marks", text(marks));
        }
    }

    private static void putCause(ObjectNode row, Cause cause) {
        row.put("writer", cause.identity().writer())
                .put("event_id", cause.identity().eventId())
                .put("event_type", cause.eventType())
                .put("event_time", cause.time().toString())
                .put("correlation_id", cause.correlationId())
                .put("causation_id", cause.causationId())
                .put("traceparent", cause.traceparent());
    }

    private static void putPosition(ObjectNode row, LogPosition position) {
        row.put("topic", position.topic())
                .put("partition", position.partition())
                .put("source_offset", position.offset())
                .put("log_time", position.time().toString());
    }

    private static @Nullable String causality(Causality causality) {
        return switch (causality) {
            case Causality.Unstated unstated -> null;
            case Causality.Clock clock -> clock.seen().toString();
            case Causality.BaseVersion base -> VERSION + base.version();
        };
    }

    /** The dot of an event whose causality was written so; null if it stated no clock. */
    static @Nullable Fingerprint dot(JsonNode causality, String writer) {
        String text = causality.isNull() ? VERSION : causality.asString();
        return text.startsWith(VERSION)
                ? null
                : Fingerprint.ofDot(writer, ClockText.parse(text).counter(writer));
    }

    private static ArrayNode array() {
        return Json.newObject().putArray("rows");
    }

    private static String text(JsonNode node) {
        return new String(Json.bytes(node), StandardCharsets.UTF_8);
    }
}
