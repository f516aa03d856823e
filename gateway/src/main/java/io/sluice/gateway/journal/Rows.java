package io.sluice.gateway.journal;

import io.r2dbc.spi.Readable;
import io.sluice.backpressure.Outcome;
import io.sluice.resolver.AppliedOperation;
import io.sluice.resolver.Causality;
import io.sluice.resolver.Cause;
import io.sluice.resolver.Change;
import io.sluice.resolver.ClockText;
import io.sluice.resolver.Condition;
import io.sluice.resolver.Conflict;
import io.sluice.resolver.ContextEvent;
import io.sluice.resolver.ContextKey;
import io.sluice.resolver.ContextState;
import io.sluice.resolver.ContextUpdate;
import io.sluice.resolver.Document;
import io.sluice.resolver.Fingerprint;
import io.sluice.resolver.Identity;
import io.sluice.resolver.Json;
import io.sluice.resolver.LogPosition;
import io.sluice.resolver.Marks;
import io.sluice.resolver.MarksJson;
import io.sluice.resolver.Registers;
import io.sluice.resolver.RegistersJson;
import io.sluice.resolver.Resolution;
import io.sluice.resolver.Revision;
import io.sluice.resolver.VersionVector;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** Reads rows of the tables as what they stand for. */
final class Rows {

    private Rows() {}

    static ContextState state(Readable row) {
        return new ContextState(
                key(row), revision(row), document(row), clock(row), cause(row), position(row), marks(row));
    }

    /** A row of the journal whose resolution was a visible change. */
    static ContextUpdate update(Readable row) {
        return new ContextUpdate(state(row), delta(row), conflicts(row), operations(row));
    }

    /** A row of the journal as it is told of later. */
    static JournalEntry entry(Readable row) {
        return new JournalEntry(
                position(row),
                row.get("version") == null ? null : revision(row),
                text(row, "resolution"),
                text(row, "change"),
                row.get("reason", String.class),
                row.get("detail", String.class),
                cause(row),
                StoreJson.causality(row.get("causality", String.class)),
                clock(row),
                delta(row),
                document(row),
                conflicts(row),
                operations(row));
    }

    /** A row of the journal as the outcome that has to be announced. */
    static Outcome outcome(Readable row) {
        ContextState after = row.get("incarnation") == null ? null : state(row);
        Resolution resolution = resolution(row, after);
        // Of the change itself nobody asks any more.
        ContextEvent event = new ContextEvent(
                key(row),
                cause(row),
                Causality.UNSTATED,
                Condition.NONE,
                Change.DELETE,
                Fingerprint.parse(text(row, "content")));
        return new Outcome(position(row), event, resolution, after, row.get("waiter", String.class));
    }

    private static Resolution resolution(Readable row, @Nullable ContextState after) {
        return switch (text(row, "resolution")) {
            case "applied" -> new Resolution.Applied(Objects.requireNonNull(after), delta(row), operations(row));
            case "merged" ->
                new Resolution.Merged(Objects.requireNonNull(after), delta(row), conflicts(row), operations(row));
            case "superseded" -> new Resolution.Superseded();
            case "unchanged" -> new Resolution.Unchanged();
            case "duplicate" -> new Resolution.Duplicate(after == null ? null : after.revision());
            case "rejected" ->
                new Resolution.Rejected(
                        Resolution.Reason.valueOf(
                                text(row, "reason").toUpperCase(Locale.ROOT).replace('-', '_')),
                        text(row, "detail"));
            default -> throw new IllegalStateException("resolution: \"" + text(row, "resolution") + "\" is unknown");
        };
    }

    static ContextKey key(Readable row) {
        return key(row, "");
    }

    /** @param prefix of the names of the columns */
    static ContextKey key(Readable row, String prefix) {
        return new ContextKey(text(row, prefix + "tenant"), text(row, prefix + "type"), text(row, prefix + "id"));
    }

    private static Revision revision(Readable row) {
        return new Revision(number(row, "incarnation"), number(row, "version"));
    }

    private static @Nullable Document document(Readable row) {
        String json = row.get("document", String.class);
        return json == null ? null : Document.parse(json.getBytes(StandardCharsets.UTF_8));
    }

    private static @Nullable ObjectNode delta(Readable row) {
        String json = row.get("delta", String.class);
        return json == null ? null : Json.TRUSTED.object(json.getBytes(StandardCharsets.UTF_8));
    }

    private static Marks marks(Readable row) {
        JsonNode marks = json(row, "marks");
        return marks == null ? Marks.NONE : MarksJson.marks(marks);
    }

    private static List<Conflict> conflicts(Readable row) {
        return MarksJson.conflicts(json(row, "conflicts"));
    }

    private static List<AppliedOperation> operations(Readable row) {
        return MarksJson.operations(json(row, "operations"));
    }

    private static @Nullable JsonNode json(Readable row, String column) {
        String json = row.get(column, String.class);
        return json == null ? null : Json.TRUSTED.value(json.getBytes(StandardCharsets.UTF_8));
    }

    /** What the fold knows beside that state. */
    static Registers registers(Readable row, @Nullable ContextState state) {
        String text = row.get("registers", String.class);
        Document document = state == null ? null : state.document();
        if (text == null) {
            // Stored before registers were.
            return state == null ? Registers.NONE : Registers.behind(state.clock());
        }
        return RegistersJson.parse(text.getBytes(StandardCharsets.UTF_8), document == null ? null : document.tree());
    }

    private static VersionVector clock(Readable row) {
        String clock = row.get("clock", String.class);
        return clock == null || clock.isEmpty() ? VersionVector.EMPTY : ClockText.parse(clock);
    }

    private static Cause cause(Readable row) {
        return new Cause(
                new Identity(text(row, "writer"), text(row, "event_id")),
                text(row, "event_type"),
                time(row, "event_time"),
                row.get("correlation_id", String.class),
                row.get("causation_id", String.class),
                row.get("traceparent", String.class),
                row.get("schema_version", String.class));
    }

    static LogPosition position(Readable row) {
        return new LogPosition(
                text(row, "topic"),
                (int) number(row, "partition"),
                number(row, "source_offset"),
                time(row, "log_time"));
    }

    static String text(Readable row, String column) {
        return Objects.requireNonNull(row.get(column, String.class), column);
    }

    static long number(Readable row, String column) {
        return ((Number) Objects.requireNonNull(row.get(column), column)).longValue();
    }

    static Instant time(Readable row, String column) {
        return Objects.requireNonNull(row.get(column, OffsetDateTime.class), column)
                .toInstant();
    }
}
