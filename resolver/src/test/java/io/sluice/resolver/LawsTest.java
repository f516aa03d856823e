package io.sluice.resolver;

import static org.assertj.core.api.Assertions.assertThat;

import java.math.BigDecimal;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.NullNode;
import tools.jackson.databind.node.ObjectNode;
import tools.jackson.databind.node.StringNode;

/** What holds of every history of four writers, by definitions that know nothing of registers. */
class LawsTest {

    private static final List<String> FIELDS = List.of("a", "b", "c");
    private static final List<String> TAGS = List.of("t0", "t1", "t2");
    private static final Resolver RESOLVER = Resolver.of(
            new Bounds(1 << 20, Duration.ofDays(7)),
            new Policies(ConvergenceTest.CUSTOMERS, Policies.Deletion.PRIORITY, ConvergenceTest.POLICIES));

    /** Patches of single fields, additions, and insertions and removals, by writers that see what they happen to. */
    private static List<ContextEvent> history(Random random) {
        Map<String, VersionVector> seen = new HashMap<>();
        List<ContextEvent> events = new ArrayList<>();
        for (int i = random.nextInt(12) + 1; i > 0; i--) {
            String writer = Histories.WRITERS.get(random.nextInt(4));
            VersionVector clock = seen.getOrDefault(writer, VersionVector.EMPTY);
            for (ContextEvent other : events) {
                if (random.nextInt(4) == 0) {
                    clock = clock.merge(Histories.clockOf(other));
                }
            }
            clock = clock.with(writer, clock.counter(writer) + 1 + random.nextInt(2));
            seen.put(writer, clock);
            events.add(Histories.event(
                    writer, "e" + i, States.START.minusSeconds(random.nextInt(9)), clock, change(random)));
        }
        return events;
    }

    private static Change change(Random random) {
        StringNode tag = StringNode.valueOf(TAGS.get(random.nextInt(3)));
        return switch (random.nextInt(5)) {
            case 0 ->
                new Change.Operate(List.of(new Operation.Add("/visits", BigDecimal.valueOf(random.nextInt(9) - 4))));
            case 1 -> new Change.Operate(List.of(new Operation.Elements("/tags", List.of(tag), List.of())));
            case 2 -> new Change.Operate(List.of(new Operation.Elements("/tags", List.of(), List.of(tag))));
            default -> {
                ObjectNode patch = Json.newObject();
                for (String field : FIELDS) {
                    if (random.nextInt(2) == 0) {
                        patch.set(field, random.nextInt(4) == 0 ? NullNode.getInstance() : value(random));
                    }
                }
                yield new Change.Patch(patch);
            }
        };
    }

    private static JsonNode value(Random random) {
        return StringNode.valueOf("v" + random.nextInt(4));
    }

    private static boolean hasSeen(ContextEvent one, ContextEvent other) {
        String writer = other.identity().writer();
        return one != other
                && Histories.clockOf(one).counter(writer)
                        >= Histories.clockOf(other).counter(writer);
    }

    private static void forAllHistories(String name, Seeds.Property<ContextEvent> property) {
        Seeds.forAll(name, 5_000, LawsTest::history, property, Histories::shown);
    }

    private static Histories.Folded folded(List<ContextEvent> events, long seed) {
        return Histories.fold(RESOLVER, Histories.shuffled(events, new Random(seed)));
    }

    @Test
    void whatNobodyHasSeenIsVisibleOrNamedAndWhatSomebodyHasIsGone() {
        forAllHistories("registers", (events, seed) -> {
            Histories.Folded folded = folded(events, seed);
            for (String field : FIELDS) {
                Set<JsonNode> left = new HashSet<>();
                for (ContextEvent event : writing(events, field)) {
                    if (writing(events, field).stream().noneMatch(other -> hasSeen(other, event))) {
                        left.add(((Change.Patch) event.change()).patch().get(field));
                    }
                }
                Set<JsonNode> shown = new HashSet<>();
                if (!writing(events, field).isEmpty()) {
                    JsonNode visible = folded.document().get(field);
                    shown.add(visible == null ? NullNode.getInstance() : visible);
                }
                if (folded.conflicts().get("/" + field) instanceof Conflict conflict) {
                    shown.add(valueOf(conflict.winner()));
                    conflict.losers().forEach(loser -> shown.add(valueOf(loser)));
                }
                assertThat(shown).as(field).isEqualTo(left);
            }
        });
    }

    private static JsonNode valueOf(Conflict.Candidate candidate) {
        return candidate.value() == null ? NullNode.getInstance() : candidate.value();
    }

    private static List<ContextEvent> writing(List<ContextEvent> events, String field) {
        return events.stream()
                .filter(event -> event.change() instanceof Change.Patch patch
                        && patch.patch().has(field))
                .toList();
    }

    @Test
    void aCounterIsTheSumOfWhatWasAdded() {
        forAllHistories("counters", (events, seed) -> {
            long sum = 0;
            for (ContextEvent event : events) {
                sum += event.change() instanceof Change.Operate operate
                                && operate.operations().getFirst() instanceof Operation.Add add
                        ? add.amount().longValueExact()
                        : 0;
            }
            assertThat(folded(events, seed).document().path("visits").asLong(0)).isEqualTo(sum);
        });
    }

    @Test
    void aSetHasWhatWasInsertedAndNotRemovedByOneWhoHadSeenThat() {
        forAllHistories("sets", (events, seed) -> {
            Set<String> expected = new HashSet<>();
            for (String tag : TAGS) {
                boolean there = elements(events, tag, true).stream()
                        .anyMatch(inserted ->
                                elements(events, tag, false).stream().noneMatch(removed -> hasSeen(removed, inserted)));
                if (there) {
                    expected.add(tag);
                }
            }
            Set<String> found = new HashSet<>();
            folded(events, seed).document().path("tags").forEach(tag -> found.add(tag.asString()));
            assertThat(found).isEqualTo(expected);
        });
    }

    private static List<ContextEvent> elements(List<ContextEvent> events, String tag, boolean inserted) {
        return events.stream()
                .filter(event -> event.change() instanceof Change.Operate operate
                        && operate.operations().getFirst() instanceof Operation.Elements elements
                        && (inserted ? elements.insert() : elements.remove()).contains(StringNode.valueOf(tag)))
                .toList();
    }

    @Test
    void theVersionRisesByOneWithEachVisibleChangeAndNotOtherwise() {
        Map<String, Integer> met = new TreeMap<>();
        forAllHistories("versions", (events, seed) -> {
            Remembered known = Remembered.NOTHING;
            long version = 0;
            long offset = 0;
            for (ContextEvent event : Histories.shuffled(events, new Random(seed))) {
                Resolved resolved = RESOLVER.resolve(known, event, States.position(offset++));
                met.merge(resolved.resolution().kind(), 1, Integer::sum);
                if (resolved.resolution() instanceof Resolution.Visible visible) {
                    version++;
                    assertThat(visible.next()).isEqualTo(resolved.after().state());
                } else if (resolved.resolution() instanceof Resolution.Rejected) {
                    assertThat(resolved.after()).isSameAs(known);
                }
                ContextState state = resolved.after().state();
                assertThat(state == null ? 0 : state.revision().version()).isEqualTo(version);
                known = resolved.after();
            }
        });
        System.out.println("outcomes met: " + met);
        assertThat(met).containsOnlyKeys("applied", "merged", "superseded", "unchanged", "duplicate");
    }
}
