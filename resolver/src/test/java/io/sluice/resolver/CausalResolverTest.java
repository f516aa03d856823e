package io.sluice.resolver;

import static io.sluice.resolver.FoldedContext.assertRejected;
import static io.sluice.resolver.FoldedContext.event;
import static io.sluice.resolver.FoldedContext.orders;
import static io.sluice.resolver.FoldedContext.priority;
import static io.sluice.resolver.States.patch;
import static org.assertj.core.api.Assertions.assertThat;

import io.sluice.resolver.Resolution.Applied;
import io.sluice.resolver.Resolution.Duplicate;
import io.sluice.resolver.Resolution.Merged;
import io.sluice.resolver.Resolution.Reason;
import io.sluice.resolver.Resolution.Superseded;
import io.sluice.resolver.Resolution.Unchanged;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** Events that state clocks, by example. */
class CausalResolverTest {

    private final FoldedContext context = new FoldedContext(Policies.NONE);

    @Test
    void theSupportAgentWinsOverSelfServiceOverMarketingInWhateverOrderTheyCome() {
        List<ContextEvent> events = List.of(
                event("support-agent", "support-agent=1", patch("{\"plan\":\"premium\"}")),
                event("self-service", "self-service=1", patch("{\"plan\":\"basic\"}")),
                event("marketing-automation", "marketing-automation=1", patch("{\"plan\":\"trial\"}")));
        for (List<ContextEvent> order : orders(events)) {
            FoldedContext one = new FoldedContext(priority("support-agent", "self-service", "marketing-automation"));
            assertThat(one.fold(order.get(0))).isInstanceOf(Applied.class);
            for (int i = 1; i < 3; i++) {
                assertThat(one.fold(order.get(i))).isInstanceOf(Merged.class);
                assertThat(one.version()).isEqualTo(i + 1);
            }
            one.assertShows("{\"plan\":\"premium\"}");
            one.assertConflict("/plan", "priority", "support-agent=1", "self-service=1", "marketing-automation=1");
        }
    }

    @Test
    void aLoserIsMergedAndNamedWithItsValue() {
        FoldedContext one = new FoldedContext(priority("strong", "weak"));
        one.fold("strong", "strong=1", "{\"plan\":1}");
        Resolution lost = one.fold("weak", "weak=1", "{\"plan\":2,\"other\":3}");

        assertThat(lost).isInstanceOf(Merged.class);
        assertThat(((Merged) lost).delta()).isEqualTo(JsonTrees.object("{\"other\":3}"));
        assertThat(((Merged) lost).conflicts()).isEqualTo(one.conflicts());
        assertThat(one.conflicts().getFirst().losers().getFirst().value()).isEqualTo(JsonTrees.value("2"));
        assertThat(one.version()).isEqualTo(2);
    }

    @Test
    void causalityAndPriorityThatAreNotTransitiveGiveTheSameInEveryOrder() {
        List<ContextEvent> events = List.of(
                event("a", "a=1", patch("{\"x\":\"A\"}")),
                event("b", "a=1 b=1", patch("{\"x\":\"B\"}")),
                event("c", "c=1", patch("{\"x\":\"C\"}")));
        for (List<ContextEvent> order : orders(events)) {
            FoldedContext one = new FoldedContext(priority("a", "c", "b"));
            order.forEach(one::fold);
            one.assertShows("{\"x\":\"C\"}");
            one.assertConflict("/x", "priority", "c=1", "b=1");
        }
    }

    @Test
    void whoHasSeenTheOtherWinsWithoutAConflict() {
        FoldedContext one = new FoldedContext(priority("strong", "weak"));
        one.fold("strong", "strong=1", "{\"x\":1}");
        assertThat(one.fold("weak", "strong=1 weak=1", "{\"x\":2}")).isInstanceOf(Applied.class);
        one.assertShows("{\"x\":2}");
        assertThat(one.conflicts()).isEmpty();
    }

    @Test
    void whatWasWrittenAnewByWhoHadSeenItIsSuperseded() {
        context.fold("b", "a=1 b=1", "{\"x\":2}");
        assertThat(context.fold("a", "a=1", "{\"x\":1}")).isInstanceOf(Superseded.class);
        context.assertShows("{\"x\":2}");
        assertThat(context.version()).isEqualTo(1);
        assertThat(context.conflicts()).isEmpty();
    }

    @Test
    void concurrentWritersThatSayTheSameAreNoConflict() {
        context.fold("a", "a=1", "{\"x\":1}");
        assertThat(context.fold("b", "b=1", "{\"x\":1}")).isInstanceOf(Unchanged.class);
        assertThat(context.conflicts()).isEmpty();
        assertThat(context.state().clock().toString()).isEqualTo("a=1, b=1");
    }

    @Test
    void anEventBeforeItsCauseTwiceAndTheCauseLongAfter() {
        ContextEvent cause = event("a", "a=1", patch("{\"x\":1,\"y\":1}"));
        ContextEvent effect = event("b", "a=1 b=1", patch("{\"x\":2}"));
        context.fold(effect);
        assertThat(context.fold(effect)).isInstanceOf(Duplicate.class);
        assertThat(context.fold(effect, Duration.ofDays(3))).isInstanceOf(Duplicate.class);
        assertThat(context.fold(cause, Duration.ofDays(6))).isInstanceOf(Applied.class);
        context.assertShows("{\"x\":2,\"y\":1}");
        assertThat(context.fold(cause, Duration.ofDays(6))).isInstanceOf(Duplicate.class);
        assertThat(context.version()).isEqualTo(2);
    }

    @Test
    void aLateWriteLandsWhereNobodyElseWrote() {
        context.fold("b", "a=3 b=1", "{\"x\":2}");
        assertThat(context.fold("a", "a=2", "{\"z\":{\"deep\":1}}")).isInstanceOf(Applied.class);
        assertThat(context.fold("a", "a=3", "{\"x\":0}")).isInstanceOf(Superseded.class);
        context.assertShows("{\"x\":2,\"z\":{\"deep\":1}}");
    }

    @Test
    void aReplacementIsAWriteOfWhatItLeavesOut() {
        context.fold("a", "a=2", States.replace("{\"x\":1}"));
        assertThat(context.fold("a", "a=1", "{\"y\":1}")).isInstanceOf(Superseded.class);
        context.assertShows("{\"x\":1}");
    }

    @Test
    void gapsInCountersMayBeFilledLater() {
        context.fold("a", "a=1", "{\"x\":1}");
        context.fold("a", "a=5", "{\"x\":5}");
        assertThat(context.fold("a", "a=3", "{\"x\":3}")).isInstanceOf(Superseded.class);
        assertThat(context.fold("a", "a=4", "{\"y\":4}")).isInstanceOf(Applied.class);
        assertThat(context.fold("a", "a=2", "{\"y\":2}")).isInstanceOf(Superseded.class);
        context.assertShows("{\"x\":5,\"y\":4}");
    }

    @Test
    void aRemovedPathStaysRemovedWhenAnOlderWriteComesLate() {
        context.fold("b", "a=1 b=1", "{\"x\":null,\"y\":1}");
        assertThat(context.fold("a", "a=1", "{\"x\":1}")).isInstanceOf(Superseded.class);
        context.assertShows("{\"y\":1}");
    }

    @Test
    void aDeletedContextStaysDeletedWhenAnOlderWriteComesLate() {
        context.fold("c", "c=1", "{\"y\":1}");
        context.fold("b", "a=1 b=1 c=1", Change.DELETE);
        assertThat(context.fold("a", "a=1", "{\"x\":1}")).isInstanceOf(Superseded.class);
        assertThat(context.state().isDeleted()).isTrue();
    }

    @Test
    void aWriteThatHasSeenAllSettlesAConflict() {
        FoldedContext one = new FoldedContext(FoldedContext.policies(Map.of("/x", Policy.of(Policy.Kind.MANUAL))));
        one.fold("a", "a=1", "{\"x\":1}");
        one.fold("b", "b=1", "{\"x\":2}");
        one.fold("c", "c=1", "{\"x\":3}");
        one.assertConflict("/x", "manual", "c=1", "b=1", "a=1");

        VersionVector settled = one.state().clock().with("d", 1);
        ContextEvent settling = Histories.event("d", "d=1", States.START, settled, patch("{\"x\":1}"));
        assertThat(one.fold(settling)).isInstanceOf(Applied.class);
        one.assertShows("{\"x\":1}");
        assertThat(one.conflicts()).isEmpty();
        assertThat(one.version()).isEqualTo(4);
    }

    @Test
    void settlingWithTheWinnersValueIsAVersionToo() {
        context.fold("a", "a=1", "{\"x\":1}");
        context.fold("b", "b=1", "{\"x\":2}");
        context.assertConflict("/x", "writer", "b=1", "a=1");
        assertThat(context.fold("c", "a=1 b=1 c=1", "{\"x\":2}")).isInstanceOf(Applied.class);
        assertThat(context.conflicts()).isEmpty();
        assertThat(context.version()).isEqualTo(3);
    }

    @Test
    void moreThan32SiblingsAreTooMany() {
        for (int i = 0; i < DocumentView.MAX_SIBLINGS; i++) {
            assertThat(context.fold("w" + i, "w" + i + "=1", "{\"x\":" + i + "}"))
                    .isInstanceOf(i == 0 ? Applied.class : Merged.class);
        }
        assertRejected(context.fold("z", "z=1", "{\"x\":-1}"), Reason.TOO_LARGE);
        assertThat(context.fold("z", "z=1", "{\"y\":-1}")).isInstanceOf(Applied.class);
    }

    @Test
    void openConflictsThatWouldBeTooLargeAreRejected() {
        FoldedContext one = new FoldedContext(new Bounds(200, Duration.ofDays(7)), Policies.NONE);
        String value = "v".repeat(100);
        one.fold("a", "a=1", "{\"x\":\"" + value + "\"}");
        assertRejected(one.fold("b", "b=1", "{\"x\":\"w" + value + "\"}"), Reason.TOO_LARGE);
        assertThat(one.fold("b", "a=1 b=1", "{\"x\":\"w" + value + "\"}")).isInstanceOf(Applied.class);
    }
}
