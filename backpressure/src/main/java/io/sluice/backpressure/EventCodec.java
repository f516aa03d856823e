package io.sluice.backpressure;

import io.sluice.resolver.Causality;
import io.sluice.resolver.Cause;
import io.sluice.resolver.Change;
import io.sluice.resolver.ClockText;
import io.sluice.resolver.Condition;
import io.sluice.resolver.ContextEvent;
import io.sluice.resolver.ContextKey;
import io.sluice.resolver.Identity;
import io.sluice.resolver.Json;
import io.sluice.resolver.MalformedException;
import io.sluice.resolver.OperationsJson;
import io.sluice.resolver.Partition;
import io.sluice.resolver.Revision;
import io.sluice.resolver.Texts;
import io.sluice.resolver.VersionVector;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.temporal.ChronoUnit;
import java.util.Arrays;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * Reads records of the log as events, whoever wrote them: CloudEvents (binary and structured) or plain JSON. Writes what came
 * over HTTP as a plain record. Safe for use by several threads.
 */
public final class EventCodec {

    /** Times that may come. */
    static final Instant EARLIEST = Instant.parse("0001-01-01T00:00:00Z");

    static final Instant LATEST = Instant.parse("9999-12-31T23:59:59Z");

    private final Json json;

    /** @param maxDepth of the JSON that is read */
    public EventCodec(int maxDepth) {
        this.json = Json.strict(maxDepth);
    }

    /**
     * @throws MalformedException with what is wrong: the record is for the dead letters
     * @throws WrongPartitionException if that is all that is wrong
     */
    public ContextEvent read(LogRecord record, ContextType type) {
        String contentType = record.headers().text(RecordHeaders.CONTENT_TYPE);
        ContextEvent event;
        if (contentType != null && contentType.toLowerCase(Locale.ROOT).startsWith("application/cloudevents")) {
            event = structured(record, type, contentType);
        } else if (record.headers().text(RecordHeaders.CE_PREFIX + "specversion") != null) {
            event = binary(record, type, contentType);
        } else {
            event = plain(record, type);
        }
        storable(RecordHeaders.WAIT, waiter(record));
        if (type.partitionOf(event.key().id()).number() != record.position().partition()) {
            throw new WrongPartitionException(
                    event.key().id(), record.position().partition(), type);
        }
        return event;
    }

    /** Who waits for the outcome of that record, if anybody. */
    static @Nullable String waiter(LogRecord record) {
        return record.headers().text(RecordHeaders.WAIT);
    }

    /** An event as a plain record in the partition of its key. */
    public OutRecord write(ContextEvent event, ContextType type, @Nullable String waiter) {
        Cause cause = event.cause();
        Headers.Builder headers = Headers.builder()
                .add(RecordHeaders.EVENT_ID, cause.identity().eventId())
                .add(RecordHeaders.WRITER, cause.identity().writer())
                .add(RecordHeaders.CHANGE, event.change().kind())
                .add(RecordHeaders.EVENT_TYPE, cause.eventType())
                .add(RecordHeaders.EVENT_TIME, cause.time())
                .add(RecordHeaders.CORRELATION_ID, cause.correlationId())
                .add(RecordHeaders.CAUSATION_ID, cause.causationId())
                .add(RecordHeaders.TRACEPARENT, cause.traceparent())
                .add(RecordHeaders.SCHEMA_VERSION, cause.schemaVersion())
                .add(RecordHeaders.WAIT, waiter);
        if (!event.key().tenant().equals(ContextKey.DEFAULT_TENANT)) {
            headers.add(RecordHeaders.TENANT, event.key().tenant());
        }
        writeCausality(headers, event.causality());
        writeCondition(headers, event.condition());
        Partition partition = type.partitionOf(event.key().id());
        byte[] key = event.key().id().getBytes(StandardCharsets.UTF_8);
        return new OutRecord(type.topic(), partition.number(), key, value(event.change()), headers.build());
    }

    private static void writeCausality(Headers.Builder headers, Causality causality) {
        switch (causality) {
            case Causality.Unstated unstated -> {}
            case Causality.Clock clock -> headers.add(RecordHeaders.CLOCK, clock.seen());
            case Causality.BaseVersion base -> headers.add(RecordHeaders.BASE_VERSION, base.version());
        }
    }

    private static void writeCondition(Headers.Builder headers, Condition condition) {
        switch (condition) {
            case Condition.None none -> {}
            case Condition.Exists exists -> headers.add(RecordHeaders.IF_MATCH, "*");
            case Condition.Absent absent -> headers.add(RecordHeaders.IF_NONE_MATCH, "*");
            case Condition.At at ->
                headers.add(
                        RecordHeaders.IF_MATCH,
                        at.revisions().stream().sorted().map(Revision::toString).collect(Collectors.joining(",")));
        }
    }

    private static byte @Nullable [] value(Change change) {
        return switch (change) {
            case Change.Patch patch -> Json.bytes(patch.patch());
            case Change.Replace replace -> Json.bytes(replace.document());
            case Change.Delete delete -> null;
            case Change.Operate operate -> Json.bytes(OperationsJson.json(operate.operations()));
        };
    }

    private ContextEvent structured(LogRecord record, ContextType type, String contentType) {
        byte[] value = record.value();
        if (value == null || !contentType.toLowerCase(Locale.ROOT).startsWith(CloudEvent.STRUCTURED)) {
            throw new MalformedException(
                    "malformed-cloudevent",
                    "content-type: \"" + Texts.shown(contentType) + "\" (expected: " + CloudEvent.STRUCTURED
                            + " with one event)");
        }
        return fromKafka(CloudEvent.structured(value, json), record, type);
    }

    private ContextEvent binary(LogRecord record, ContextType type, @Nullable String contentType) {
        Map<String, String> attributes = new TreeMap<>();
        record.headers().withPrefix(RecordHeaders.CE_PREFIX).forEach(pair -> attributes.put(pair[0], pair[1]));
        return fromKafka(CloudEvent.binary(attributes, contentType, record.value(), json), record, type);
    }

    private ContextEvent fromKafka(CloudEvent event, LogRecord record, ContextType type) {
        String subject = event.attribute("subject");
        String prefix = type.name() + "/";
        String subjectId = subject != null && subject.startsWith(prefix) ? subject.substring(prefix.length()) : subject;
        String id = record.key() == null ? subjectId : id(record);
        if (id == null) {
            throw new MalformedException("malformed-key", "record key: none, and no subject (expected: the entity id)");
        }
        if (subject != null && !id.equals(subjectId) && !id.equals(subject)) {
            throw new MalformedException(
                    "key-mismatch",
                    "record key \"" + Texts.shown(id) + "\" and subject \"" + Texts.shown(subject)
                            + "\" disagree (expected: the same entity)");
        }
        return event(event, new ContextKey(tenant(record), type.name(), id), Moves.time(record));
    }

    /** The event that a CloudEvent stands for, whichever way it came. */
    public ContextEvent event(CloudEvent event, ContextKey key, Instant now) {
        Cause cause = new Cause(
                new Identity(event.required("source"), event.required("id")),
                orElse(storable("type", event.required("type")), ""),
                time(event.attribute("time"), now),
                storable("correlationid", event.attribute("correlationid")),
                storable("causationid", event.attribute("causationid")),
                storable("traceparent", event.attribute("traceparent")),
                schemaVersion(event));
        Change change = change(event.attribute("change"), event.data());
        return new ContextEvent(
                key,
                cause,
                causality(event.attribute("vectorclock"), event.attribute("baseversion")),
                Condition.NONE,
                change);
    }

    /** What says so in a word of ours, else the schema that the CloudEvent names. */
    private static @Nullable String schemaVersion(CloudEvent event) {
        String version = event.attribute("schemaversion");
        return version == null
                ? storable("dataschema", event.attribute("dataschema"))
                : storable("schemaversion", version);
    }

    private ContextEvent plain(LogRecord record, ContextType type) {
        Headers headers = record.headers();
        ContextKey key = new ContextKey(tenant(record), type.name(), id(record));
        Causality causality = causality(headers.text(RecordHeaders.CLOCK), headers.text(RecordHeaders.BASE_VERSION));
        String writer = orElse(headers.text(RecordHeaders.WRITER), "kafka");
        String eventId = headers.text(RecordHeaders.EVENT_ID);
        Cause cause = new Cause(
                new Identity(writer, eventId == null ? ownId(causality, writer, record) : eventId),
                orElse(storable(headers, RecordHeaders.EVENT_TYPE), defaultEventType(type.name())),
                time(headers.text(RecordHeaders.EVENT_TIME), Moves.time(record)),
                storable(headers, RecordHeaders.CORRELATION_ID),
                storable(headers, RecordHeaders.CAUSATION_ID),
                storable(headers, RecordHeaders.TRACEPARENT),
                storable(headers, RecordHeaders.SCHEMA_VERSION));
        byte[] value = record.value();
        Change change = value == null ? Change.DELETE : change(headers.text(RecordHeaders.CHANGE), json.value(value));
        return new ContextEvent(key, cause, causality, condition(headers), change);
    }

    public static String defaultEventType(String type) {
        return "io.sluice." + type + ".changed";
    }

    /** An event with a clock is its dot; any other is its place in the log. */
    private static String ownId(Causality causality, String writer, LogRecord record) {
        String place = Moves.place(record);
        if (!(causality instanceof Causality.Clock clock)) {
            return place;
        }
        String dot = dotId(clock.seen(), writer);
        return dot == null ? place : dot;
    }

    /** {@code <writer>:<counter>}, the id of an event that has a clock and no id; null if the clock does not name its writer. */
    public static @Nullable String dotId(VersionVector clock, String writer) {
        long counter = clock.counter(writer);
        return counter == 0 ? null : writer + ":" + counter;
    }

    private static @Nullable String storable(Headers headers, String name) {
        return storable(name, headers.text(name));
    }

    /** PostgreSQL has no text with a NUL in it: what got that far would be refused for ever. */
    private static @Nullable String storable(String name, @Nullable String text) {
        if (text != null && text.indexOf(0) >= 0) {
            throw new MalformedException(
                    "malformed-header", name + ": \"" + Texts.shown(text) + "\" (expected: no NUL character)");
        }
        return text;
    }

    private static Condition condition(Headers headers) {
        String match = headers.text(RecordHeaders.IF_MATCH);
        if (match != null) {
            return match.equals("*") ? new Condition.Exists() : new Condition.At(revisions(match));
        }
        return headers.text(RecordHeaders.IF_NONE_MATCH) == null ? Condition.NONE : new Condition.Absent();
    }

    private static Set<Revision> revisions(String list) {
        return Arrays.stream(list.split(",", -1)).map(Revision::parse).collect(Collectors.toSet());
    }

    /** @param kind null: a patch */
    public static Change change(@Nullable String kind, @Nullable JsonNode data) {
        String word = kind == null ? "patch" : kind;
        if (word.equals("delete")) {
            return Change.DELETE;
        }
        if (word.equals("ops")) {
            return new Change.Operate(OperationsJson.parse(data));
        }
        if (!word.equals("patch") && !word.equals("replace")) {
            throw new MalformedException(
                    "malformed-change",
                    "change: \"" + Texts.shown(word) + "\" (expected: patch, replace, delete or ops)");
        }
        if (!(data instanceof ObjectNode object)) {
            throw new MalformedException("malformed-json", "data: no JSON object (expected: an object, {...})");
        }
        return word.equals("patch") ? new Change.Patch(object) : new Change.Replace(object);
    }

    /** @throws MalformedException unless there is at most one of the two, and it can be read */
    public static Causality causality(@Nullable String clock, @Nullable String baseVersion) {
        if (clock != null && baseVersion != null) {
            throw new MalformedException(
                    "malformed-causality",
                    "clock and base version: \"" + Texts.shown(clock) + "\" and \"" + Texts.shown(baseVersion)
                            + "\" (expected: one of them)");
        }
        if (clock != null) {
            return new Causality.Clock(ClockText.parse(clock));
        }
        if (baseVersion == null) {
            return Causality.UNSTATED;
        }
        try {
            return new Causality.BaseVersion(Long.parseLong(baseVersion.strip()));
        } catch (NumberFormatException e) {
            throw new MalformedException(
                    "malformed-base-version",
                    "base version: \"" + Texts.shown(baseVersion) + "\" (expected: a whole number >= 1)",
                    e);
        }
    }

    /** @throws MalformedException unless the text is a time of RFC 3339 */
    public static Instant time(@Nullable String text, Instant otherwise) {
        if (text == null) {
            return otherwise;
        }
        try {
            Instant time = OffsetDateTime.parse(text.strip()).toInstant().truncatedTo(ChronoUnit.MICROS);
            if (time.isBefore(EARLIEST) || time.isAfter(LATEST)) {
                throw new DateTimeException("out of range");
            }
            return time;
        } catch (DateTimeException e) {
            throw new MalformedException(
                    "malformed-time",
                    "time: \"" + Texts.shown(text) + "\" (expected: RFC 3339, such as 2026-01-31T12:00:00Z)",
                    e);
        }
    }

    private static String tenant(LogRecord record) {
        return orElse(record.headers().text(RecordHeaders.TENANT), ContextKey.DEFAULT_TENANT);
    }

    private static String id(LogRecord record) {
        byte[] key = record.key();
        if (key == null) {
            throw new MalformedException("malformed-key", "record key: none (expected: the entity id, as UTF-8)");
        }
        try {
            return StandardCharsets.UTF_8
                    .newDecoder()
                    .decode(ByteBuffer.wrap(key))
                    .toString();
        } catch (CharacterCodingException e) {
            throw new MalformedException(
                    "malformed-key", "record key: not UTF-8 (expected: the entity id, as UTF-8)", e);
        }
    }

    private static String orElse(@Nullable String text, String otherwise) {
        return text == null ? otherwise : text;
    }
}
