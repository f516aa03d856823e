package io.sluice.resolver;

import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JsonGenerator;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * The tree of registers as JSON beside the document that is seen of it.
 *
 * <p>A node with one write, whose value is the one that is visible, is the number of its event. Any other is an object: {@code c}
 * the writes of the whole, {@code n} the events that wrote beneath, {@code i} additions, {@code s} elements of a set, {@code k} the
 * children. A write of the whole is the number of its event, if it says what is visible; {@code [event]}, if it removes;
 * {@code [event, value]}; or {@code [event, values, removed]}, by pointer, where it says something else than what is visible.
 */
final class RegisterTreeJson {

    private final EventTable events;

    RegisterTreeJson(EventTable events) {
        this.events = events;
    }

    void write(RegisterNode node, @Nullable JsonNode visible, JsonGenerator json) {
        List<Cover> covers =
                node.covers().stream().map(write -> cover(write, node, visible)).toList();
        if (covers.size() == 1
                && covers.getFirst().isVisible()
                && node.ensures().isEmpty()
                && !node.isTyped()
                && node.children().isEmpty()) {
            json.writeNumber(covers.getFirst().event());
            return;
        }
        json.writeStartObject();
        if (!covers.isEmpty()) {
            json.writeName("c");
            json.writeStartArray();
            covers.forEach(cover -> cover.write(json));
            json.writeEndArray();
        }
        if (!node.ensures().isEmpty()) {
            json.writeName("n");
            json.writeStartArray();
            node.ensures().forEach(stamp -> json.writeNumber(events.number(stamp)));
            json.writeEndArray();
        }
        if (!node.increments().isEmpty()) {
            json.writeName("i");
            json.writeStartArray();
            node.increments().all().forEach(increment -> write(increment, json));
            json.writeEndArray();
        }
        if (!node.elements().isEmpty()) {
            json.writeName("s");
            json.writeStartObject();
            node.elements().forEach((text, writes) -> {
                json.writeName(text);
                write(writes, json);
            });
            json.writeEndObject();
        }
        if (!node.children().isEmpty()) {
            json.writeName("k");
            json.writeStartObject();
            node.children().forEach((name, child) -> {
                json.writeName(name);
                write(child, visible instanceof ObjectNode object ? object.get(name) : null, json);
            });
            json.writeEndObject();
        }
        json.writeEndObject();
    }

    /**
     * A write of the whole.
     *
     * @param more what it says beyond its event; null: what is visible
     */
    private record Cover(int event, @Nullable List<JsonNode> more) {

        boolean isVisible() {
            return more == null;
        }

        void write(JsonGenerator json) {
            if (more == null) {
                json.writeNumber(event);
            } else {
                json.writeStartArray();
                json.writeNumber(event);
                more.forEach(json::writeTree);
                json.writeEndArray();
            }
        }
    }

    private Cover cover(Write write, RegisterNode node, @Nullable JsonNode visible) {
        int event = events.number(write.stamp());
        JsonNode value = write.value();
        if (value == null) {
            return new Cover(event, List.of());
        }
        if (!(value instanceof ObjectNode) || !(visible instanceof ObjectNode)) {
            return new Cover(event, value.equals(visible) ? null : List.of(left(value, node, write.stamp())));
        }
        ObjectNode others = Json.newObject();
        SortedSet<String> removed = new TreeSet<>();
        Differences differences = new Differences(write.stamp(), others, removed);
        differences.add(Pointer.ROOT, value, visible, node);
        if (others.isEmpty() && removed.isEmpty()) {
            return new Cover(event, null);
        }
        ArrayNode paths = Json.newArray();
        removed.forEach(paths::add);
        return new Cover(event, List.of(others, paths));
    }

    /**
     * What a write says, without what is superseded beneath: that is never asked for again, and whoever has read the write from the
     * store has something else there. So what is stored depends on the events only.
     */
    private static JsonNode left(JsonNode value, RegisterNode node, Stamp stamp) {
        if (!(value instanceof ObjectNode object) || node.children().isEmpty()) {
            return value;
        }
        ObjectNode left = Json.newObject();
        object.forEachEntry((name, member) -> {
            RegisterNode child = node.child(name);
            if (!child.isSuperseded(stamp)) {
                left.set(name, left(member, child, stamp));
            }
        });
        return left;
    }

    /** Where a write says something else than what is visible, and somebody may still want to know. */
    private record Differences(Stamp stamp, ObjectNode others, SortedSet<String> removed) {

        void add(Pointer path, @Nullable JsonNode value, @Nullable JsonNode visible, RegisterNode node) {
            if (value instanceof ObjectNode object && visible instanceof ObjectNode seen) {
                if (object == seen && node.children().isEmpty()) {
                    return;
                }
                object.properties().forEach(member -> member(path, member.getKey(), object, seen, node));
                seen.propertyNames().stream()
                        .filter(name -> !object.has(name))
                        .forEach(name -> member(path, name, object, seen, node));
            } else if (value == null) {
                if (visible != null) {
                    removed.add(path.toString());
                }
            } else if (!value.equals(visible)) {
                others.set(path.toString(), left(value, node, stamp));
            }
        }

        private void member(Pointer path, String name, ObjectNode value, ObjectNode visible, RegisterNode node) {
            RegisterNode child = node.child(name);
            // What is superseded there is never asked for again.
            if (!child.isSuperseded(stamp)) {
                add(path.child(name), value.get(name), visible.get(name), child);
            }
        }
    }

    private void write(Increment increment, JsonGenerator json) {
        json.writeStartArray();
        json.writeNumber(events.writer(increment.writer()));
        json.writeNumber(increment.from());
        json.writeNumber(increment.to());
        json.writeString(increment.amount().toString());
        json.writeNumber(RegistersJson.micros(increment.last()));
        json.writeEndArray();
    }

    private void write(List<Write> element, JsonGenerator json) {
        json.writeStartArray();
        for (Write write : element) {
            int event = events.number(write.stamp());
            if (write.value() == null) {
                json.writeStartArray();
                json.writeNumber(event);
                json.writeEndArray();
            } else {
                json.writeNumber(event);
            }
        }
        json.writeEndArray();
    }

    RegisterNode read(JsonNode json, @Nullable JsonNode visible) {
        if (json.isNumber()) {
            Write write = new Write(events.stamp(json.asInt()), visible);
            return RegisterNode.EMPTY.covered(write, true);
        }
        if (json.isEmpty()) {
            return RegisterNode.EMPTY;
        }
        List<Write> covers = new ArrayList<>();
        json.path("c").forEach(cover -> covers.add(readCover(cover, visible)));
        List<Stamp> ensures = new ArrayList<>();
        json.path("n").forEach(event -> ensures.add(events.stamp(event.asInt())));
        List<Increment> increments = new ArrayList<>();
        json.path("i").forEach(increment -> increments.add(readIncrement(increment)));
        SortedMap<String, List<Write>> elements = new TreeMap<>();
        json.path("s").forEachEntry((text, writes) -> elements.put(text, readElement(text, writes)));
        Map<String, RegisterNode> children = new LinkedHashMap<>();
        json.path("k")
                .forEachEntry((name, child) -> children.put(
                        name, read(child, visible instanceof ObjectNode object ? object.get(name) : null)));
        return new RegisterNode(
                List.copyOf(covers), List.copyOf(ensures), Increments.of(increments), elements, children);
    }

    private Write readCover(JsonNode json, @Nullable JsonNode visible) {
        if (json.isNumber()) {
            return new Write(events.stamp(json.asInt()), visible);
        }
        Stamp stamp = events.stamp(json.get(0).asInt());
        return switch (json.size()) {
            case 1 -> new Write(stamp, null);
            case 2 -> new Write(stamp, json.get(1));
            default -> new Write(stamp, differing(visible, json.get(1), json.get(2)));
        };
    }

    private static @Nullable JsonNode differing(@Nullable JsonNode visible, JsonNode others, JsonNode removed) {
        JsonNode[] value = {visible};
        others.forEachEntry((path, other) -> value[0] = Pointer.with(value[0], Pointer.names(path), other));
        removed.forEach(path -> value[0] = Pointer.with(value[0], Pointer.names(path.asString()), null));
        return value[0];
    }

    private Increment readIncrement(JsonNode json) {
        return new Increment(
                events.writer(json.get(0).asInt()),
                json.get(1).asLong(),
                json.get(2).asLong(),
                new BigDecimal(json.get(3).asString()),
                RegistersJson.instant(json.get(4).asLong()));
    }

    private List<Write> readElement(String text, JsonNode json) {
        JsonNode element = CanonicalJson.parse(text);
        List<Write> writes = new ArrayList<>();
        for (JsonNode write : json) {
            writes.add(
                    write.isArray()
                            ? new Write(events.stamp(write.get(0).asInt()), null)
                            : new Write(events.stamp(write.asInt()), element));
        }
        return List.copyOf(writes);
    }
}
