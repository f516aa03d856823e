package io.sluice.gateway.journal;

import io.sluice.backpressure.Folded;
import io.sluice.backpressure.Outcome;
import io.sluice.backpressure.TopicPin;
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
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * What is to be stored, as the arrays that the statements take apart into rows: as many parameters, however many rows, and
 * documents as texts within them, so that the database never parses one.
 */
final class StoreJson {

    /** No text of a clock begins so. */
    private static final String VERSION = "version ";

    private StoreJson() {}

    static JsonRows keys(Collection<ContextKey> keys) {
        JsonRows rows = new JsonRows();
        keys.forEach(key -> putKey(rows.next(), key));
        return rows;
    }

    static JsonRows partitions(Collection<Partition> partitions) {
        JsonRows rows = new JsonRows();
        partitions.forEach(partition -> putPartition(rows.next(), partition));
        return rows;
    }

    /** Of partitions an offset, under that name. */
    static JsonRows offsets(String name, Map<Partition, Long> offsets) {
        JsonRows rows = new JsonRows();
        offsets.forEach(
                (partition, offset) -> putPartition(rows.next(), partition).put(name, offset));
        return rows;
    }

    static JsonRows topics(Collection<TopicPin> topics) {
        JsonRows rows = new JsonRows();
        topics.forEach(topic -> rows.next()
                .put("topic", topic.topic())
                .put("topic_id", topic.id())
                .put("partitions", topic.partitions()));
        return rows;
    }

    /** One row per partition: from where its first batch began to where its last one ends. */
    static JsonRows progress(List<Folded> batches) {
        Map<Partition, List<Folded>> stretches = new LinkedHashMap<>();
        batches.forEach(batch -> stretches
                .computeIfAbsent(batch.partition(), partition -> new ArrayList<>())
                .add(batch));
        JsonRows rows = new JsonRows();
        stretches.forEach((partition, stretch) -> {
            Folded last = stretch.getLast();
            putPartition(rows.next(), partition)
                    .put("epoch", last.epoch())
                    .put("from_offset", stretch.getFirst().from())
                    .put("next_offset", last.next())
                    .put("announced_offset", last.announced());
            stretch.reversed().stream()
                    .map(Folded::time)
                    .filter(Objects::nonNull)
                    .findFirst()
                    .ifPresent(time -> rows.put("log_time", time));
        });
        return rows;
    }

    private static Row putPartition(Row row, Partition partition) {
        return row.put("topic", partition.topic()).put("partition", partition.number());
    }

    static Columns journal(List<Folded> batches) {
        Columns rows = new Columns(Sql.JOURNAL);
        batches.forEach(batch -> batch.outcomes().forEach(outcome -> putOutcome(rows.next(), outcome)));
        return rows;
    }

    /** What is remembered last of each context, once: one statement may touch a row only once. */
    static Columns states(List<Folded> batches) {
        Map<ContextKey, Folded> last = new HashMap<>();
        batches.forEach(batch -> batch.changed().keySet().forEach(key -> last.put(key, batch)));
        Columns rows = new Columns(Sql.STATE);
        last.forEach((key, batch) -> {
            putKey(rows.next(), key);
            putRemembered(rows, Objects.requireNonNull(batch.changed().get(key)), batch);
        });
        return rows;
    }

    private static void putRemembered(Row row, Remembered remembered, Folded batch) {
        ContextState state = remembered.state();
        Document document = state == null ? null : state.document();
        row.put("registers", RegistersJson.bytes(remembered.registers(), document == null ? null : document.tree()));
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
            row.put("event_type", "").put("event_time", Instant.EPOCH).put("log_time", Instant.EPOCH);
            row.put("topic", batch.partition().topic())
                    .put("partition", batch.partition().number());
            row.put("source_offset", batch.from());
        }
    }

    private static void putOutcome(Row row, Outcome outcome) {
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

    private static void putUpdate(Row row, ContextUpdate update) {
        if (update.delta() != null) {
            row.put("delta", Json.bytes(update.delta()));
        }
        ObjectNode json = Json.newObject();
        MarksJson.putConflicts(json, update.conflicts());
        MarksJson.putOperations(json, update.operations());
        json.forEachEntry((name, value) -> row.put(name.equals("ops") ? "operations" : name, Json.bytes(value)));
    }

    private static void putKey(Row row, ContextKey key) {
        row.put("tenant", key.tenant()).put("type", key.type()).put("id", key.id());
    }

    private static void putState(Row row, ContextState state, @Nullable Document document) {
        row.put("incarnation", state.revision().incarnation())
                .put("version", state.revision().version())
                .put("clock", state.clock().toString());
        if (document != null) {
            row.put("document", document.json());
        }
        if (!state.marks().isEmpty()) {
            ObjectNode marks = Json.newObject();
            MarksJson.put(marks, state.marks());
            row.put("marks", Json.bytes(marks));
        }
    }

    private static void putCause(Row row, Cause cause) {
        row.put("writer", cause.identity().writer())
                .put("event_id", cause.identity().eventId())
                .put("event_type", cause.eventType())
                .put("event_time", cause.time())
                .put("correlation_id", cause.correlationId())
                .put("causation_id", cause.causationId())
                .put("traceparent", cause.traceparent())
                .put("schema_version", cause.schemaVersion());
    }

    private static void putPosition(Row row, LogPosition position) {
        row.put("topic", position.topic())
                .put("partition", position.partition())
                .put("source_offset", position.offset())
                .put("log_time", position.time());
    }

    private static @Nullable String causality(Causality causality) {
        return switch (causality) {
            case Causality.Unstated unstated -> null;
            case Causality.Clock clock -> clock.seen().toString();
            case Causality.BaseVersion base -> VERSION + base.version();
        };
    }

    /** What an event stated, as it was written. */
    static Causality causality(@Nullable String text) {
        if (text == null) {
            return Causality.UNSTATED;
        }
        return text.startsWith(VERSION)
                ? new Causality.BaseVersion(Long.parseLong(text, VERSION.length(), text.length(), 10))
                : new Causality.Clock(ClockText.parse(text));
    }

    /** The dot of an event whose causality was written so; null if it stated no clock. */
    static @Nullable Fingerprint dot(JsonNode causality, String writer) {
        String text = causality.isNull() ? VERSION : causality.asString();
        return text.startsWith(VERSION)
                ? null
                : Fingerprint.ofDot(writer, ClockText.parse(text).counter(writer));
    }
}
