package io.sluice.resolver;

import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JsonGenerator;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * Registers as JSON, to be stored beside the state that they belong to. What the document says is not said again: most writes are
 * one number, that of their event. Clocks are told as what changed since the one before; of a version, by how much the counter of
 * its writer rose, if nothing else did, and the version before was of the same writer. So the size grows with the tracked
 * paths, the tracked events, and the writers that come up between two of them.
 *
 * <p>Members: {@code f} the format, {@code w} the writers, {@code e} the events, {@code t} the tree (see
 * {@link RegisterTreeJson}), {@code d} the documents that are edited, and of the past {@code dots}, {@code h} the horizon,
 * {@code v} the versions, {@code seen}, {@code n} the numbers.
 */
public final class RegistersJson {

    private static final int FORMAT = 2;

    /** Had no steps among its versions, and is read as well. */
    private static final int WITHOUT_STEPS = 1;

    private RegistersJson() {}

    /** @param visible the document of the state; null: there is none */
    public static byte[] bytes(Registers registers, @Nullable ObjectNode visible) {
        EventTable events = new EventTable();
        // Before all else, since it is what gives the events their numbers.
        byte[] tree = Json.bytes(json -> new RegisterTreeJson(events).write(registers.root(), visible, json));
        byte[] others = Json.bytes(json -> {
            json.writeStartObject();
            json.writeNumberProperty("f", FORMAT);
            if (!registers.documents().isEmpty()) {
                ObjectNode documents = Json.newObject();
                registers.documents().forEach((path, document) -> documents.set(path, write(path, document, visible)));
                json.writeName("d");
                json.writeTree(documents);
            }
            write(registers.past(), events, json);
            json.writeName("e");
            events.writeEvents(json);
            json.writeName("w");
            events.writeWriters(json);
            json.writeEndObject();
        });
        return Json.with(others, "t", tree);
    }

    private static void write(Registers.Past past, EventTable events, JsonGenerator json) {
        json.writeName("dots");
        write(past.dots(), events, json);
        json.writeName("h");
        events.writeDifference(VersionVector.EMPTY, past.horizon(), json);
        json.writeName("v");
        VersionVector last = writeVersions(past.versions(), events, json);
        json.writeName("seen");
        events.writeDifference(last, past.seen(), json);
        json.writeName("n");
        json.writeStartArray();
        json.writeNumber(past.writes());
        json.writeNumber(past.sweepAt());
        json.writeNumber(micros(past.swept()));
        json.writeEndArray();
    }

    /** What {@link #bytes} wrote beside that document. */
    public static Registers parse(byte[] bytes, @Nullable ObjectNode visible) {
        ObjectNode json = Json.TRUSTED.object(bytes);
        int format = json.path("f").asInt();
        if (format != FORMAT && format != WITHOUT_STEPS) {
            throw new MalformedException(
                    "malformed-registers",
                    "format: " + json.path("f") + " (expected: " + WITHOUT_STEPS + " or " + FORMAT + ")");
        }
        EventTable events = new EventTable(json.path("w"), json.path("e"));
        RegisterNode root = new RegisterTreeJson(events).read(json.path("t"), visible);
        SortedMap<String, SharedDocument> documents = new TreeMap<>();
        json.path("d").forEachEntry((path, document) -> documents.put(path, readDocument(path, document, visible)));
        return new Registers(root, documents, past(json, events));
    }

    private static Registers.Past past(ObjectNode json, EventTable events) {
        List<VersionVector> versions = readVersions(json.path("v"), events);
        VersionVector last = versions.isEmpty() ? VersionVector.EMPTY : versions.getLast();
        JsonNode numbers = json.path("n");
        return new Registers.Past(
                readDots(json.path("dots"), events),
                events.after(last, json.path("seen")),
                events.after(VersionVector.EMPTY, json.path("h")),
                versions,
                numbers.get(0).asInt(),
                numbers.get(1).asInt(),
                instant(numbers.get(2).asLong()));
    }

    /** @return the last of them */
    private static VersionVector writeVersions(List<VersionVector> versions, EventTable events, JsonGenerator json) {
        json.writeStartArray();
        VersionVector last = VersionVector.EMPTY;
        String writer = null;
        for (VersionVector version : versions) {
            String stepped = last.stepTo(version);
            if (stepped != null && stepped.equals(writer)) {
                json.writeNumber(version.counter(stepped) - last.counter(stepped));
            } else {
                events.writeDifference(last, version, json);
            }
            last = version;
            writer = stepped;
        }
        json.writeEndArray();
        return last;
    }

    private static List<VersionVector> readVersions(JsonNode json, EventTable events) {
        List<VersionVector> versions = new ArrayList<>();
        VersionVector last = VersionVector.EMPTY;
        String writer = "";
        for (JsonNode version : json) {
            if (version.isNumber()) {
                last = last.with(writer, last.counter(writer) + version.asLong());
            } else {
                last = events.after(last, version);
                writer = version.isEmpty() ? "" : events.writer(version.get(0).asInt());
            }
            versions.add(last);
        }
        return List.copyOf(versions);
    }

    private static void write(Dots dots, EventTable events, JsonGenerator json) {
        json.writeStartArray();
        dots.ofWriters().forEach((writer, ranges) -> {
            json.writeStartArray();
            json.writeNumber(events.writer(writer));
            json.writeNumber(ranges.floor());
            for (long end : ranges.ends()) {
                json.writeNumber(end);
            }
            json.writeEndArray();
        });
        json.writeEndArray();
    }

    private static Dots readDots(JsonNode json, EventTable events) {
        SortedMap<String, CounterRanges> ofWriters = new TreeMap<>();
        for (JsonNode of : json) {
            long[] ends = new long[of.size() - 2];
            for (int i = 0; i < ends.length; i++) {
                ends[i] = of.get(i + 2).asLong();
            }
            ofWriters.put(
                    events.writer(of.get(0).asInt()), CounterRanges.of(of.get(1).asLong(), ends));
        }
        return ofWriters.isEmpty() ? Dots.NONE : new Dots(ofWriters);
    }

    /** Kind, revision, edits; and the value where it is not the one that is visible: none, or one. */
    private static ArrayNode write(String path, SharedDocument document, @Nullable ObjectNode visible) {
        ArrayNode json = Json.newArray().add(document.kind().label()).add(document.revision());
        ArrayNode edits = json.addArray();
        document.recent().forEach(edit -> edits.add(edit.operation()));
        JsonNode seen = Pointer.value(visible, Pointer.names(path));
        JsonNode value = document.value();
        if (value == null ? seen != null : !value.equals(seen)) {
            ArrayNode other = json.addArray();
            if (value != null) {
                other.add(value);
            }
        }
        return json;
    }

    private static SharedDocument readDocument(String path, JsonNode json, @Nullable ObjectNode visible) {
        List<SharedDocument.Edit> edits = new ArrayList<>();
        json.get(2).forEach(edit -> edits.add(SharedDocument.Edit.of(edit)));
        JsonNode other = json.get(3);
        JsonNode value = other == null ? Pointer.value(visible, Pointer.names(path)) : other.get(0);
        return new SharedDocument(
                Policy.Kind.of(json.get(0).asString()), value, json.get(1).asLong(), List.copyOf(edits));
    }

    static long micros(Instant time) {
        return ChronoUnit.MICROS.between(Instant.EPOCH, time);
    }

    static Instant instant(long micros) {
        return Instant.EPOCH.plus(micros, ChronoUnit.MICROS);
    }
}
