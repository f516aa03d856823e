package io.sluice.resolver;

import java.math.BigDecimal;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.IntNode;
import tools.jackson.databind.node.NullNode;
import tools.jackson.databind.node.ObjectNode;
import tools.jackson.databind.node.StringNode;

/**
 * Generated histories of several writers, each of which sees what it happens to have received: clocks are those of real replicas,
 * with gaps in the counters.
 */
final class Histories {

    static final List<String> WRITERS = List.of("support-agent", "self-service", "marketing-automation", "w4", "w5");

    private static final List<String> NAMES = List.of("a", "b", "c");

    private Histories() {}

    /** What a history may hold beside patches. */
    record Shape(boolean replacements, boolean operations, int maxEvents) {}

    /** In an order in which causes come before what they cause. */
    static List<ContextEvent> of(Random random, Shape shape) {
        int count = 1 + pick(random, shape.maxEvents() - 1);
        int writers = 2 + pick(random, WRITERS.size() - 2);
        Map<String, VersionVector> seen = new HashMap<>();
        List<ContextEvent> events = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            String writer = WRITERS.get(pick(random, writers - 1));
            VersionVector clock = seen.getOrDefault(writer, VersionVector.EMPTY);
            // Now and then the writer receives what others wrote, up to some event, causes included.
            for (ContextEvent other : events) {
                if (pick(random, 4) == 0) {
                    clock = clock.merge(clockOf(other));
                }
            }
            clock = clock.with(writer, clock.counter(writer) + 1 + (pick(random, 5) == 0 ? 3 : 0));
            seen.put(writer, clock);
            Instant time = States.START.minus(Duration.ofSeconds(pick(random, 20)));
            events.add(event(writer, "e" + i, time, clock, change(random, shape)));
        }
        return events;
    }

    private static int pick(Random random, int fromZeroTo) {
        return random.nextInt(fromZeroTo + 1);
    }

    static VersionVector clockOf(ContextEvent event) {
        return ((Causality.Clock) event.causality()).seen();
    }

    static ContextEvent event(String writer, String id, Instant time, VersionVector clock, Change change) {
        Cause cause = new Cause(new Identity(writer, id), "io.sluice.customer.changed", time, null, null, null);
        return new ContextEvent(States.KEY, cause, new Causality.Clock(clock), Condition.NONE, change);
    }

    private static Change change(Random random, Shape shape) {
        int kind = pick(random, 9);
        if (shape.replacements() && kind == 0) {
            return Change.DELETE;
        }
        if (shape.replacements() && kind == 1) {
            return new Change.Replace(document(random, 2, shape));
        }
        if (shape.operations() && kind <= 5) {
            return operations(random);
        }
        return new Change.Patch(patch(random, 2, shape));
    }

    private static ObjectNode document(Random random, int depth, Shape shape) {
        ObjectNode object = Json.newObject();
        for (String name : NAMES) {
            if (pick(random, 2) > 0) {
                object.set(name, depth > 1 && pick(random, 2) == 0 ? document(random, depth - 1, shape) : leaf(random));
            }
        }
        addTyped(random, object, depth, shape);
        return object;
    }

    private static ObjectNode patch(Random random, int depth, Shape shape) {
        ObjectNode object = Json.newObject();
        for (String name : NAMES) {
            switch (pick(random, depth > 1 ? 6 : 4)) {
                case 0, 1 -> object.set(name, leaf(random));
                case 2 -> object.set(name, NullNode.getInstance());
                case 5, 6 -> object.set(name, patch(random, depth - 1, shape));
                default -> {}
            }
        }
        addTyped(random, object, depth, shape);
        return object;
    }

    private static void addTyped(Random random, ObjectNode object, int depth, Shape shape) {
        if (!shape.operations() || depth < 2) {
            return;
        }
        if (pick(random, 5) == 0) {
            object.put("visits", pick(random, 5));
        }
        if (pick(random, 5) == 0) {
            var tags = object.putArray("tags");
            for (int i = pick(random, 3); i > 0; i--) {
                tags.add("t" + pick(random, 3));
            }
        }
    }

    private static JsonNode leaf(Random random) {
        int number = pick(random, 5);
        return number < 3 ? IntNode.valueOf(number) : StringNode.valueOf("s" + number);
    }

    private static Change operations(Random random) {
        List<Operation> operations = new ArrayList<>();
        int which = pick(random, 2);
        if (which != 1) {
            operations.add(new Operation.Add("/visits", BigDecimal.valueOf(pick(random, 9) - 4)));
        }
        if (which != 0) {
            List<JsonNode> insert = new ArrayList<>();
            List<JsonNode> remove = new ArrayList<>();
            for (int i = 0; i < 2; i++) {
                StringNode tag = StringNode.valueOf("t" + pick(random, 3));
                if (pick(random, 1) == 0) {
                    insert.add(tag);
                } else {
                    remove.add(tag);
                }
            }
            operations.add(new Operation.Elements("/tags", insert, remove));
        }
        return new Change.Operate(operations);
    }

    /** The same events in another order, some of them more than once. */
    static List<ContextEvent> shuffled(List<ContextEvent> events, Random random) {
        List<ContextEvent> shuffled = new ArrayList<>(events);
        for (ContextEvent event : events) {
            if (random.nextInt(4) == 0) {
                shuffled.add(event);
            }
        }
        Collections.shuffle(shuffled, random);
        return shuffled;
    }

    /** One line for each event. */
    static String shown(List<ContextEvent> events) {
        StringBuilder text = new StringBuilder();
        for (ContextEvent event : events) {
            text.append(event.identity().eventId())
                    .append(" of ")
                    .append(event.identity().writer())
                    .append(" at ")
                    .append(event.cause().time())
                    .append(" {")
                    .append(clockOf(event))
                    .append("} ")
                    .append(event.change())
                    .append('\n');
        }
        return text.toString();
    }

    /** All outcomes, and what is remembered at the end. */
    record Folded(List<Resolution> resolutions, Remembered after) {

        JsonNode document() {
            ContextState state = after.state();
            Document document = state == null ? null : state.document();
            return document == null ? NullNode.getInstance() : document.tree();
        }

        /** By path, in which no order is: those that competed. */
        Map<String, Object> conflicts() {
            Map<String, Object> conflicts = new LinkedHashMap<>();
            ContextState state = after.state();
            (state == null ? List.<Conflict>of() : state.marks().conflicts())
                    .forEach(conflict -> conflicts.put(conflict.path(), conflict));
            return conflicts;
        }
    }

    static Folded fold(Resolver resolver, List<ContextEvent> events) {
        Remembered known = Remembered.NOTHING;
        List<Resolution> resolutions = new ArrayList<>();
        long offset = 0;
        for (ContextEvent event : events) {
            Resolved resolved = resolver.resolve(known, event, States.position(offset, Duration.ofMillis(offset)));
            offset++;
            resolutions.add(resolved.resolution());
            known = resolved.after();
        }
        return new Folded(resolutions, known);
    }
}
