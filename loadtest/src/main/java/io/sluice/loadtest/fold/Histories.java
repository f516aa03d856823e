package io.sluice.loadtest.fold;

import io.sluice.resolver.Bounds;
import io.sluice.resolver.Causality;
import io.sluice.resolver.Cause;
import io.sluice.resolver.Change;
import io.sluice.resolver.Condition;
import io.sluice.resolver.ContextEvent;
import io.sluice.resolver.ContextKey;
import io.sluice.resolver.Identity;
import io.sluice.resolver.Json;
import io.sluice.resolver.Operation;
import io.sluice.resolver.Policies;
import io.sluice.resolver.Policy;
import io.sluice.resolver.Resolver;
import io.sluice.resolver.VersionVector;
import io.sluice.resolver.WriterOrder;
import java.math.BigDecimal;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import tools.jackson.databind.node.ObjectNode;

/** Histories of one order: sections of five fields, as many as come to a size. */
final class Histories {

    private static final int EVENTS = 2_000;
    private static final int FIELDS = 5;
    private static final ContextKey KEY = new ContextKey(ContextKey.DEFAULT_TENANT, "order", "4711");
    private static final Instant START = Instant.parse("2026-01-31T12:00:00Z");
    private static final Resolver RESOLVER = Resolver.of(
            new Bounds(1 << 20, Duration.ofDays(7)),
            new Policies(
                    new WriterOrder(Map.of(), List.of("a", "b", "c")),
                    Policies.Deletion.PRIORITY,
                    Map.of("/visits", Policy.of(Policy.Kind.COUNTER), "/note", Policy.of(Policy.Kind.TEXT))));

    private Histories() {}

    static ObjectNode document(int bytes) {
        ObjectNode document = Json.newObject().put("visits", 0).put("note", "hello");
        for (int i = 0; Json.bytes(document).length < bytes; i++) {
            ObjectNode section = document.putObject("section" + i);
            for (int k = 0; k < FIELDS; k++) {
                section.put("field" + k, "value " + i + " of " + k);
            }
        }
        return document;
    }

    /** A patch of one field. */
    static ObjectNode patch(int bytes, int number) {
        int sections = Math.max(1, document(bytes).size() - 2);
        return patchOf(sections, number, "new value " + number);
    }

    private static ObjectNode patchOf(int sections, int number, String value) {
        ObjectNode patch = Json.newObject();
        patch.putObject("section" + number % sections).put("field" + number % FIELDS, value);
        return patch;
    }

    /** Nobody states a clock. */
    static History sequentialPatches(int bytes) {
        ObjectNode document = document(bytes);
        List<ContextEvent> events = beginning(document);
        for (int i = 1; i < EVENTS; i++) {
            events.add(
                    event("w", i, Causality.UNSTATED, new Change.Patch(patchOf(document.size() - 2, i, "new " + i))));
        }
        return new History(RESOLVER, events);
    }

    /** Rounds of three writers, who write the same field and had not seen each other in the round, but all before it. */
    static History concurrentWrites(int bytes) {
        ObjectNode document = document(bytes);
        VersionVector round = VersionVector.EMPTY.with("a", 1);
        List<ContextEvent> events = new ArrayList<>();
        events.add(event("a", 0, new Causality.Clock(round), new Change.Replace(document)));
        List<String> writers = List.of("a", "b", "c");
        for (int i = 1; i < EVENTS; i += writers.size()) {
            VersionVector seen = round;
            for (String writer : writers) {
                VersionVector clock = seen.with(writer, seen.counter(writer) + 1);
                Change change = new Change.Patch(patchOf(document.size() - 2, i, "of " + writer + i));
                events.add(event(writer, i, new Causality.Clock(clock), change));
                round = round.merge(clock);
            }
        }
        return new History(RESOLVER, events);
    }

    static History counters(int bytes) {
        List<ContextEvent> events = beginning(document(bytes));
        for (int i = 1; i < EVENTS; i++) {
            Operation add = new Operation.Add("/visits", BigDecimal.ONE);
            events.add(event("w", i, Causality.UNSTATED, new Change.Operate(List.of(add))));
        }
        return new History(RESOLVER, events);
    }

    /** Somebody types a character and takes it back, each at the latest revision. */
    static History textOperations(int bytes) {
        List<ContextEvent> events = beginning(document(bytes));
        for (int i = 1; i < EVENTS; i++) {
            String edit = i % 2 == 1 ? "[5,\"x\"]" : "[5,{\"d\":1}]";
            Operation operation = new Operation.Edit(
                    "/note",
                    Policy.Kind.TEXT,
                    Json.TRUSTED.value(edit.getBytes(java.nio.charset.StandardCharsets.UTF_8)),
                    i);
            events.add(event("w", i, Causality.UNSTATED, new Change.Operate(List.of(operation))));
        }
        return new History(RESOLVER, events);
    }

    private static List<ContextEvent> beginning(ObjectNode document) {
        List<ContextEvent> events = new ArrayList<>();
        events.add(event("w", 0, Causality.UNSTATED, new Change.Replace(document)));
        return events;
    }

    private static ContextEvent event(String writer, int number, Causality causality, Change change) {
        Cause cause = new Cause(
                new Identity(writer, "event-" + number),
                "io.sluice.order.changed",
                START.plusMillis(number),
                null,
                null,
                null);
        return new ContextEvent(KEY, cause, causality, Condition.NONE, change);
    }
}
