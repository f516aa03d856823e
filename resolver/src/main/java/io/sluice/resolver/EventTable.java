package io.sluice.resolver;

import java.util.ArrayList;
import java.util.IdentityHashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JsonGenerator;
import tools.jackson.databind.JsonNode;

/**
 * Writers and events by number, as stored registers name them. A clock is told as pairs of a writer and its counter that are not
 * the same in the clock before; a counter of 0: the writer is not in it.
 */
final class EventTable {

    private final Map<String, Integer> writerNumbers = new LinkedHashMap<>();
    private final List<String> writers = new ArrayList<>();
    private final Map<Stamp, Integer> eventNumbers = new IdentityHashMap<>();
    private final List<Stamp> stamps = new ArrayList<>();
    private VersionVector last = VersionVector.EMPTY;

    /** Most that is written one after the other is of the same. */
    private @Nullable String lastWriter;

    private int lastNumber;

    /** To be written. */
    EventTable() {}

    /** As it was written. */
    EventTable(JsonNode writers, JsonNode events) {
        writers.forEach(writer -> this.writers.add(writer.asString()));
        events.forEach(event -> stamps.add(read(event)));
    }

    int writer(String writer) {
        if (writer == lastWriter) {
            return lastNumber;
        }
        lastWriter = writer;
        lastNumber = number(writer);
        return lastNumber;
    }

    private int number(String writer) {
        Integer known = writerNumbers.putIfAbsent(writer, writers.size());
        if (known != null) {
            return known;
        }
        writers.add(writer);
        return writers.size() - 1;
    }

    String writer(int number) {
        return writers.get(number);
    }

    /** The number of an event, under which it is written. */
    int number(Stamp stamp) {
        Integer known = eventNumbers.putIfAbsent(stamp, stamps.size());
        if (known != null) {
            return known;
        }
        stamps.add(stamp);
        return stamps.size() - 1;
    }

    Stamp stamp(int number) {
        return stamps.get(number);
    }

    void writeEvents(JsonGenerator json) {
        json.writeStartArray();
        VersionVector before = VersionVector.EMPTY;
        for (Stamp stamp : stamps) {
            json.writeStartArray();
            json.writeNumber(writer(stamp.writer()));
            json.writeNumber(stamp.counter());
            json.writeNumber(writer(stamp.identity().writer()));
            json.writeString(stamp.identity().eventId());
            json.writeNumber(RegistersJson.micros(stamp.time()));
            json.writeNumber(RegistersJson.micros(stamp.logTime()));
            writeDifference(before, stamp.clock(), json);
            before = stamp.clock();
            if (stamp.content() != null) {
                json.writeString(stamp.content().toString());
            }
            json.writeEndArray();
        }
        json.writeEndArray();
    }

    void writeWriters(JsonGenerator json) {
        json.writeStartArray();
        writers.forEach(json::writeString);
        json.writeEndArray();
    }

    private Stamp read(JsonNode json) {
        last = after(last, json.get(6));
        JsonNode content = json.get(7);
        return new Stamp(
                writer(json.get(0).asInt()),
                json.get(1).asLong(),
                new Identity(writer(json.get(2).asInt()), json.get(3).asString()),
                RegistersJson.instant(json.get(4).asLong()),
                RegistersJson.instant(json.get(5).asLong()),
                last,
                content == null ? null : fingerprint(content));
    }

    private static @Nullable Fingerprint fingerprint(JsonNode content) {
        return Fingerprint.parse(content.asString());
    }

    void writeDifference(VersionVector from, VersionVector to, JsonGenerator json) {
        json.writeStartArray();
        from.forEachOther(to, (writer, counter) -> {
            json.writeNumber(writer(writer));
            json.writeNumber(counter);
        });
        json.writeEndArray();
    }

    VersionVector after(VersionVector from, JsonNode difference) {
        if (difference.isEmpty()) {
            return from;
        }
        Map<String, Long> counters = new LinkedHashMap<>();
        from.forEach(counters::put);
        for (int i = 0; i < difference.size(); i += 2) {
            counters.put(
                    writer(difference.get(i).asInt()), difference.get(i + 1).asLong());
        }
        return new VersionVector(counters);
    }
}
