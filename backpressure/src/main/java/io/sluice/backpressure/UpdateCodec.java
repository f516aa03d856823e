package io.sluice.backpressure;

import io.sluice.resolver.Cause;
import io.sluice.resolver.ClockText;
import io.sluice.resolver.ContextException;
import io.sluice.resolver.ContextKey;
import io.sluice.resolver.ContextState;
import io.sluice.resolver.ContextUpdate;
import io.sluice.resolver.Document;
import io.sluice.resolver.Identity;
import io.sluice.resolver.Json;
import io.sluice.resolver.LogPosition;
import io.sluice.resolver.MalformedException;
import io.sluice.resolver.MarksJson;
import io.sluice.resolver.Resolution;
import io.sluice.resolver.Revision;
import io.sluice.resolver.VersionVector;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** Writes outcomes as records of the updates topics (CloudEvents, binary mode), and reads them. Stateless. */
final class UpdateCodec {

    private static final String UPDATED = "io.sluice.updated";
    private static final String DELETED = "io.sluice.deleted";
    private static final String OUTCOME = "io.sluice.outcome";

    private UpdateCodec() {}

    static OutRecord write(Outcome outcome, ContextType type) {
        ContextUpdate update = outcome.update();
        ContextKey key = outcome.event().key();
        Headers.Builder headers = Headers.builder()
                .add("content-type", "application/json")
                .add("ce_specversion", "1.0")
                .add("ce_id", id(outcome))
                .add("ce_source", "/sluice")
                .add("ce_subject", key.path())
                .add("ce_type", update == null ? OUTCOME : update.state().isDeleted() ? DELETED : UPDATED)
                .add("ce_time", outcome.position().time())
                .add(RecordHeaders.SOURCE, outcome.position())
                .add(RecordHeaders.RESOLUTION, outcome.resolution().kind())
                .add(RecordHeaders.WAIT, outcome.waiter());
        if (outcome.after() != null) {
            headers.add(RecordHeaders.CLOCK, outcome.after().clock());
        }
        if (!key.tenant().equals(ContextKey.DEFAULT_TENANT)) {
            headers.add(RecordHeaders.TENANT, key.tenant());
        }
        if (outcome.resolution() instanceof Resolution.Rejected rejected) {
            headers.add(RecordHeaders.REASON, rejected.reason().code()).add(RecordHeaders.DETAIL, rejected.detail());
        }
        return new OutRecord(
                type.updatesTopic(),
                outcome.position().partition(),
                key.id().getBytes(StandardCharsets.UTF_8),
                value(outcome),
                headers.build());
    }

    private static String id(Outcome outcome) {
        if (outcome.update() == null) {
            return outcome.position().toString();
        }
        Revision revision = outcome.update().revision();
        return outcome.event().key().path() + "/" + revision.incarnation() + "/" + revision.version();
    }

    private static byte[] value(Outcome outcome) {
        ContextUpdate update = outcome.update();
        ContextState after = outcome.after();
        ObjectNode more = Json.newObject();
        if (update == null) {
            more.put("resolution", outcome.resolution().kind());
            more.put("eventId", outcome.event().identity().eventId());
            update = after == null ? null : new ContextUpdate(after, null, List.of());
        } else {
            if (update.delta() != null) {
                more.set("delta", update.delta());
            }
            if (update.replaced() != null) {
                more.set("replaced", update.replaced());
            }
        }
        if (after != null && !after.marks().isEmpty()) {
            MarksJson.put(more.putObject("open"), after.marks());
        }
        return update == null
                ? Json.bytes(more.put("key", outcome.event().key().path()))
                : UpdateJson.update(update, more);
    }

    /**
     * Reads the headers only.
     *
     * @return null if the record is nothing that this codec wrote
     * @throws MalformedException if it says that it is, and cannot be read
     */
    static @Nullable Announced read(LogRecord record, ContextType type) {
        String kind = record.headers().text("ce_type");
        String source = record.headers().text(RecordHeaders.SOURCE);
        byte[] value = record.value();
        if (kind == null || source == null || value == null) {
            return null;
        }
        return new Announced(
                position(source, record, type),
                key(record, type),
                !kind.equals(OUTCOME),
                told(record),
                record.position(),
                new Announced.Unread(value, record.headers().text(RecordHeaders.CLOCK)));
    }

    private static ContextKey key(LogRecord record, ContextType type) {
        byte[] id = record.key();
        String tenant = record.headers().text(RecordHeaders.TENANT);
        return new ContextKey(
                tenant == null ? ContextKey.DEFAULT_TENANT : tenant,
                type.name(),
                id == null ? "" : new String(id, StandardCharsets.UTF_8));
    }

    /**
     * Reads what was announced.
     *
     * @throws MalformedException if it is not what this codec wrote
     */
    static Announced.Body body(Announced announced, Announced.Unread unread) {
        try {
            ObjectNode object = Json.TRUSTED.object(unread.value());
            if (!announced.isVisible() && !object.has("version")) {
                return Announced.Body.NOTHING;
            }
            ContextState state = state(object, announced, unread.clock());
            return new Announced.Body(state, announced.isVisible() ? update(state, object) : null);
        } catch (ContextException e) {
            throw e;
        } catch (RuntimeException e) {
            throw new MalformedException(
                    "malformed-update", "announcement: " + e.getMessage() + " (expected: what Sluice wrote)", e);
        }
    }

    private static Announced.@Nullable Told told(LogRecord record) {
        Headers headers = record.headers();
        String waiter = headers.text(RecordHeaders.WAIT);
        String resolution = headers.text(RecordHeaders.RESOLUTION);
        return waiter == null || resolution == null
                ? null
                : new Announced.Told(
                        waiter, resolution, headers.text(RecordHeaders.REASON), headers.text(RecordHeaders.DETAIL));
    }

    private static ContextUpdate update(ContextState state, ObjectNode object) {
        JsonNode delta = object.get("delta");
        return new ContextUpdate(
                state,
                delta instanceof ObjectNode patch ? patch : null,
                MarksJson.conflicts(object.get("conflicts")),
                MarksJson.operations(object.get("ops")),
                object.get("replaced"));
    }

    private static ContextState state(ObjectNode object, Announced announced, @Nullable String clock) {
        LogPosition source = announced.source();
        JsonNode document = object.get("state");
        return new ContextState(
                announced.key(),
                new Revision(
                        object.path("incarnation").asLong(),
                        object.path("version").asLong()),
                document instanceof ObjectNode tree ? Document.of(tree) : null,
                clock == null ? VersionVector.EMPTY : ClockText.parse(clock),
                cause(object.path("cause")),
                new LogPosition(source.topic(), source.partition(), source.offset(), instant(object.path("time"))),
                MarksJson.marks(object.path("open")));
    }

    private static Cause cause(JsonNode cause) {
        return new Cause(
                new Identity(
                        cause.path("writer").asString(), cause.path("eventId").asString()),
                cause.path("type").asString(),
                instant(cause.path("time")),
                text(cause, "correlationId"),
                text(cause, "causationId"),
                text(cause, "traceparent"),
                text(cause, "schemaVersion"));
    }

    private static LogPosition position(String source, LogRecord record, ContextType type) {
        try {
            long offset = Long.parseLong(source, source.lastIndexOf('@') + 1, source.length(), 10);
            return new LogPosition(
                    type.topic(),
                    record.position().partition(),
                    offset,
                    record.position().time());
        } catch (NumberFormatException e) {
            throw new MalformedException(
                    "malformed-update",
                    RecordHeaders.SOURCE + ": \"" + source + "\" (expected: topic-partition@offset)",
                    e);
        }
    }

    private static Instant instant(JsonNode node) {
        return Instant.parse(node.asString());
    }

    private static @Nullable String text(JsonNode node, String name) {
        JsonNode value = node.get(name);
        return value == null || value.isNull() ? null : value.asString();
    }
}
