package io.sluice.resolver;

import java.util.ArrayList;
import java.util.IdentityHashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;

/**
 * Writers and events by number, as stored registers name them. A clock is told as pairs of a writer and its counter that are not
 * the same in the clock before; a counter of 0: the writer is not in it.
 */
final class EventTable {

    private final Map<String, Integer> writerNumbers = new LinkedHashMap<>();
    private final List<String> writers = new ArrayList<>();
    private final Map<Stamp, Integer> eventNumbers = new IdentityHashMap<>();
    private final List<Stamp> stamps = new ArrayList<>();
    private final ArrayNode events = Json.newArray();
    private VersionVector last = VersionVector.EMPTY;

    /** To be written. */
    EventTable() {}

    /** As it was written. */
    EventTable(JsonNode writers, JsonNode events) {
        writers.forEach(writer -> this.writers.add(writer.asString()));
        events.forEach(event -> stamps.add(read(event)));
    }

    int writer(String writer) {
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
        events.add(write(stamp));
        return stamps.size() - 1;
    }

    Stamp stamp(int number) {
        return stamps.get(number);
    }

    ArrayNode events() {
        return events;
    }

    ArrayNode writers() {
        ArrayNode json = Json.newArray();
        writers.forEach(json::add);
        return json;
    }

    private ArrayNode write(Stamp stamp) {
        ArrayNode json = Json.newArray()
                .add(writer(stamp.writer()))
                .add(stamp.counter())
                .add(writer(stamp.identity().writer()))
                .add(stamp.identity().eventId())
                .add(RegistersJson.micros(stamp.time()))
                .add(RegistersJson.micros(stamp.logTime()));
        json.add(difference(last, stamp.clock()));
        last = stamp.clock();
        if (stamp.content() != null) {
            json.add(stamp.content().toString());
        }
        return json;
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

    ArrayNode difference(VersionVector from, VersionVector to) {
        ArrayNode json = Json.newArray();
        to.forEach((writer, counter) -> {
            if (from.counter(writer) != counter) {
                json.add(writer(writer)).add(counter);
            }
        });
        from.forEach((writer, counter) -> {
            if (to.counter(writer) == 0) {
                json.add(writer(writer)).add(0);
            }
        });
        return json;
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
