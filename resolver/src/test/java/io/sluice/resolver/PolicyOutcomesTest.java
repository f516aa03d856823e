package io.sluice.resolver;

import static io.sluice.resolver.FoldedContext.event;
import static io.sluice.resolver.FoldedContext.orders;
import static io.sluice.resolver.States.START;
import static io.sluice.resolver.States.patch;
import static org.assertj.core.api.Assertions.assertThat;

import io.sluice.resolver.Resolution.Merged;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** What each policy shows of concurrent writes, in every order in which they come. */
class PolicyOutcomesTest {

    private static final Instant EARLY = START.minusSeconds(60);

    private static Policies at(String path, Policy policy) {
        return FoldedContext.policies(Map.of(path, policy));
    }

    private static Policies at(String path, Policy.Kind kind) {
        return at(path, Policy.of(kind));
    }

    private static ContextEvent x(String writer, String value, Instant time) {
        return event(writer, writer + "=1", patch("{\"x\":" + value + "}"), time);
    }

    /** @param candidates writers, the winner first */
    private static void assertDecided(
            Policies policies, String shown, String rule, List<String> candidates, ContextEvent... events) {
        for (List<ContextEvent> order : orders(List.of(events))) {
            FoldedContext one = new FoldedContext(policies);
            order.forEach(one::fold);
            one.assertShows(shown);
            one.assertConflict(
                    "/x", rule, candidates.stream().map(writer -> writer + "=1").toArray(String[]::new));
        }
    }

    private static final ContextEvent[] NUMBERS = {x("a", "5", START), x("b", "7", EARLY), x("c", "-1", START)};

    @Test
    void maxShowsTheGreatestValue() {
        assertDecided(at("/x", Policy.Kind.MAX), "{\"x\":7}", "max", List.of("b", "c", "a"), NUMBERS);
    }

    @Test
    void minShowsTheLeastValue() {
        assertDecided(at("/x", Policy.Kind.MIN), "{\"x\":-1}", "min", List.of("c", "a", "b"), NUMBERS);
    }

    @Test
    void aValueBeatsARemovalUnderMaxAndMin() {
        ContextEvent[] events = {x("a", "5", START), x("b", "null", START)};
        assertDecided(at("/x", Policy.Kind.MAX), "{\"x\":5}", "max", List.of("a", "b"), events);
        assertDecided(at("/x", Policy.Kind.MIN), "{\"x\":5}", "min", List.of("a", "b"), events);
    }

    @Test
    void firstShowsTheEarliest() {
        assertDecided(at("/x", Policy.Kind.FIRST), "{\"x\":7}", "first", List.of("b", "c", "a"), NUMBERS);
    }

    @Test
    void manualShowsWhatPriorityWould() {
        assertDecided(at("/x", Policy.Kind.MANUAL), "{\"x\":-1}", "manual", List.of("c", "a", "b"), NUMBERS);
    }

    @Test
    void withoutClassesTheLaterTimeWinsThenTheWritersName() {
        assertDecided(at("/x", Policy.Kind.PRIORITY), "{\"x\":-1}", "writer", List.of("c", "a", "b"), NUMBERS);
        assertDecided(Policies.NONE, "{\"x\":1}", "time", List.of("a", "b"), x("a", "1", START), x("b", "2", EARLY));
    }

    @Test
    void aRuleChoosesAmongTheCandidatesInTheOrderOfPriority() {
        Rule second = candidates -> {
            assertThat(candidates).extracting(Rule.Candidate::writer).isSubsetOf("a", "b", "c");
            return 1;
        };
        assertDecided(
                at("/x", new Policy(Policy.Kind.CEL, second)), "{\"x\":5}", "cel", List.of("a", "c", "b"), NUMBERS);
    }

    private static void assertFallsBack(Rule rule, String failed) {
        FoldedContext one = new FoldedContext(at("/x", new Policy(Policy.Kind.CEL, rule)));
        one.fold(NUMBERS[0]);
        one.fold(NUMBERS[1]);
        one.assertShows("{\"x\":5}");
        one.assertConflict("/x", "time", "a=1", "b=1");
        assertThat(one.conflicts().getFirst().failed()).contains(failed);
    }

    @Test
    void aRuleThatFailsIsNamedAndThePriorityDecides() {
        assertFallsBack(
                candidates -> {
                    throw new IllegalStateException("no such field");
                },
                "no such field");
        assertFallsBack(candidates -> 2, "index: 2 (expected: 0 to 1)");
        assertFallsBack(candidates -> -1, "index: -1 (expected: 0 to 1)");
    }

    private static FoldedContext deletedWhileWritten(Policies.Deletion deletion, boolean deletionFirst) {
        WriterOrder order = new WriterOrder(Map.of(), List.of());
        FoldedContext one = new FoldedContext(new Policies(order, deletion, Map.of()));
        one.fold("a", "a=1", "{\"p\":1}");
        ContextEvent removal = event("x", "a=1 x=1", Change.DELETE);
        ContextEvent write = event("y", "a=1 y=1", patch("{\"q\":2}"));
        one.fold(deletionFirst ? removal : write);
        assertThat(one.fold(deletionFirst ? write : removal)).isInstanceOf(Merged.class);
        return one;
    }

    @Test
    void deletionByDeleteRemovesWhatSomebodyWritesMeanwhile() {
        for (boolean first : new boolean[] {true, false}) {
            FoldedContext one = deletedWhileWritten(Policies.Deletion.DELETE, first);
            assertThat(one.state().isDeleted()).isTrue();
            one.assertConflict("", "deletion", "x=1", "y=1");
        }
    }

    @Test
    void deletionByPatchKeepsWhatSomebodyWritesMeanwhileAndNothingElse() {
        for (boolean first : new boolean[] {true, false}) {
            FoldedContext one = deletedWhileWritten(Policies.Deletion.PATCH, first);
            one.assertShows("{\"q\":2}");
            one.assertConflict("", "deletion", "y=1", "x=1");
        }
    }

    @Test
    void deletionOfAMemberIsDecidedTheSameWay() {
        ContextEvent[] events = {x("a", "5", START), x("b", "null", EARLY)};
        Policies delete = new Policies(WriterOrder.NONE, Policies.Deletion.DELETE, Map.of());
        Policies patch = new Policies(WriterOrder.NONE, Policies.Deletion.PATCH, Map.of());
        assertDecided(delete, "{}", "deletion", List.of("b", "a"), events);
        assertDecided(patch, "{\"x\":5}", "deletion", List.of("a", "b"), events);
    }

    @Test
    void aPathWithAPolicyIsOneRegister() {
        FoldedContext one = new FoldedContext(at("/address", Policy.Kind.PRIORITY));
        one.fold("a", "a=1", "{\"address\":{\"street\":1,\"city\":1}}");
        one.fold("a", "a=2", "{\"address\":{\"city\":2}}");
        one.assertShows("{\"address\":{\"street\":1,\"city\":2}}");

        one.fold("b", "a=2 b=1", "{\"address\":{\"street\":3}}");
        one.fold("c", "a=2 c=1", States.replace("{\"address\":{\"city\":4}}"));
        one.assertShows("{\"address\":{\"city\":4}}");
        one.assertConflict("/address", "writer", "c=1", "b=1");
    }

    @Test
    void withoutAPolicyWritesToDifferentMembersBothLand() {
        FoldedContext one = new FoldedContext(Policies.NONE);
        one.fold("b", "b=1", "{\"address\":{\"street\":3}}");
        one.fold("c", "c=1", "{\"address\":{\"city\":4}}");
        one.assertShows("{\"address\":{\"street\":3,\"city\":4}}");
        assertThat(one.conflicts()).isEmpty();
    }

    @Test
    void aChangedPolicyDecidesWithTheNextWriteToThePath() {
        FoldedContext one = new FoldedContext(at("/x", Policy.Kind.MAX));
        one.fold(NUMBERS[0]);
        one.fold(NUMBERS[1]);
        one.resolver = Resolver.of(FoldedContext.BOUNDS, at("/x", Policy.Kind.MIN));
        one.fold("d", "d=1", "{\"y\":1}");
        one.assertShows("{\"x\":7,\"y\":1}");
        one.assertConflict("/x", "max", "b=1", "a=1");

        one.fold("e", "e=1", "{\"x\":6}");
        one.assertShows("{\"x\":5,\"y\":1}");
        one.assertConflict("/x", "min", "a=1", "e=1", "b=1");
    }
}
