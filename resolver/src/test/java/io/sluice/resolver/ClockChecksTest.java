package io.sluice.resolver;

import static io.sluice.resolver.FoldedContext.assertRejected;
import static io.sluice.resolver.FoldedContext.based;
import static io.sluice.resolver.FoldedContext.clock;
import static io.sluice.resolver.FoldedContext.event;
import static io.sluice.resolver.States.patch;
import static org.assertj.core.api.Assertions.assertThat;

import io.sluice.resolver.Resolution.Applied;
import io.sluice.resolver.Resolution.Duplicate;
import io.sluice.resolver.Resolution.Merged;
import io.sluice.resolver.Resolution.Reason;
import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** What an event claims to have seen, and whether that is still known. */
class ClockChecksTest {

    private static final Duration DAY = Duration.ofDays(1);

    private final FoldedContext context = new FoldedContext(Policies.NONE);

    private static ContextEvent named(String eventId, String clock, Change change) {
        return Histories.event("a", eventId, States.START, clock(clock), change);
    }

    @Test
    void aClockNamesItsWriter() {
        assertRejected(context.fold(named("1", "b=1", patch("{}"))), Reason.CLOCK_WITHOUT_WRITER);
    }

    @Test
    void aDotIsUsedForOneChange() {
        context.fold(named("1", "a=1", patch("{\"x\":1}")));
        assertRejected(context.fold(named("2", "a=1", patch("{\"x\":2}"))), Reason.DOT_REUSED);
        assertThat(context.fold(named("3", "a=1", patch("{\"x\":1}")))).isInstanceOf(Duplicate.class);
        assertThat(context.version()).isEqualTo(1);
    }

    @Test
    void aDotIsKnownWhenItsIdentityNoLongerIs() {
        context.fold(named("0", "a=1", patch("{\"x\":1}")));
        for (int i = 2; i < 300; i++) {
            context.fold(named("e" + i, "a=" + i, patch("{\"y\":" + i + "}")));
        }
        assertThat(context.fold(named("0", "a=1", patch("{\"x\":1}")))).isInstanceOf(Duplicate.class);
        assertRejected(context.fold(named("0", "a=1", patch("{\"x\":2}"))), Reason.DOT_REUSED);
    }

    @Test
    void theCurrentVersionAsBaseIsAfterEverything() {
        context.fold("a", "a=1", "{\"x\":1}");
        context.fold("b", "b=1", "{\"x\":2}");
        assertThat(context.fold(based("1", 2, patch("{\"x\":3}")))).isInstanceOf(Applied.class);
        context.assertShows("{\"x\":3}");
        assertThat(context.conflicts()).isEmpty();
    }

    @Test
    void anOlderBaseIsConcurrentWithWhatCameAfterIt() {
        context.fold(States.event("1", patch("{\"x\":1,\"y\":1}")));
        context.fold(States.event("2", patch("{\"x\":2}")));
        assertThat(context.fold(based("3", 1, patch("{\"x\":3}")))).isInstanceOf(Merged.class);
        context.assertConflict("/x", "event-id", "3", "2");
        assertThat(context.fold(based("4", 1, patch("{\"y\":4}")))).isInstanceOf(Applied.class);
        context.assertShows("{\"x\":3,\"y\":4}");
    }

    @Test
    void aBaseIsOneOfTheLatest64Versions() {
        for (int i = 1; i <= 70; i++) {
            context.fold(States.event("e" + i, patch("{\"x\":" + i + "}")));
        }
        assertThat(context.version()).isEqualTo(70);
        assertRejected(context.fold(based("1", 71, patch("{\"y\":1}"))), Reason.BASE_VERSION_UNKNOWN);
        assertRejected(context.fold(based("2", 6, patch("{\"y\":1}"))), Reason.BASE_VERSION_UNKNOWN);
        assertThat(context.fold(based("3", 7, patch("{\"y\":1}")))).isInstanceOf(Applied.class);
    }

    @Test
    void nothingIsAtAVersionOfAContextThatDoesNotExist() {
        assertRejected(context.fold(based("1", 1, patch("{\"y\":1}"))), Reason.BASE_VERSION_UNKNOWN);
    }

    @Test
    void aLateEventOfTheLifeBeforeIsTooLate() {
        context.fold(event("a", "a=1", patch("{\"x\":1}")), Duration.ZERO);
        context.fold(event("b", "a=2 b=1", Change.DELETE), DAY);
        assertThat(context.fold(event("c", "c=1", patch("{\"z\":1}")), DAY.multipliedBy(9)))
                .isInstanceOf(Applied.class);
        assertThat(context.state().revision()).isEqualTo(new Revision(2, 1));

        assertRejected(context.fold(event("a", "a=2", patch("{\"x\":2}")), DAY.multipliedBy(9)), Reason.TOO_LATE);
        assertThat(context.fold(event("a", "a=1", patch("{\"x\":1}")), DAY.multipliedBy(9)))
                .isInstanceOf(Duplicate.class);
        assertThat(context.fold(event("a", "a=3", patch("{\"x\":3}")), DAY.multipliedBy(9)))
                .isInstanceOf(Applied.class);
        context.assertShows("{\"x\":3,\"z\":1}");
    }

    private static FoldedContext remembersOneDay() {
        return new FoldedContext(new Bounds(1 << 20, DAY.multipliedBy(7), DAY, Duration.ofMinutes(1)), Policies.NONE);
    }

    @Test
    void behindTheHorizonALateEventThatOthersHadSeenIsTooLateAndAnUnseenOneLands() {
        FoldedContext one = remembersOneDay();
        one.fold(event("a", "a=2", patch("{\"x\":1,\"w\":1}")), Duration.ZERO);
        one.fold(event("c", "c=1", patch("{\"y\":1}")), DAY.multipliedBy(2));
        assertRejected(one.fold(event("a", "a=1", patch("{\"x\":0}")), DAY.multipliedBy(2)), Reason.TOO_LATE);
        assertThat(one.fold(event("d", "d=1", patch("{\"x\":9}")), DAY.multipliedBy(2)))
                .isInstanceOf(Applied.class);
        one.assertShows("{\"x\":9,\"w\":1,\"y\":1}");
    }

    @Test
    void withinTheHorizonTheSameEventsFindTheirPlaces() {
        FoldedContext one = remembersOneDay();
        one.fold(event("a", "a=2", patch("{\"x\":1}")), Duration.ZERO);
        one.fold(event("c", "c=1", patch("{\"y\":1}")), DAY.minusHours(1));
        assertThat(one.fold(event("a", "a=1", patch("{\"x\":0}")), DAY.minusHours(1)))
                .isInstanceOf(Resolution.Superseded.class);
        assertThat(one.fold(event("d", "d=1", patch("{\"x\":9}")), DAY.minusHours(1)))
                .isInstanceOf(Merged.class);
    }

    @Test
    void anOpenConflictIsKeptBehindTheHorizonUntilItIsSettled() {
        FoldedContext one = remembersOneDay();
        one.fold(event("a", "a=1", patch("{\"x\":1}")), Duration.ZERO);
        one.fold(event("b", "b=1", patch("{\"x\":2}")), Duration.ZERO);
        one.fold(event("c", "c=1", patch("{\"y\":1}")), DAY.multipliedBy(5));
        one.assertConflict("/x", "writer", "b=1", "a=1");
        one.fold(event("d", "d=1", patch("{\"x\":3}")), DAY.multipliedBy(5));
        one.assertConflict("/x", "writer", "d=1", "b=1", "a=1");
        one.fold(event("e", "a=1 b=1 d=1 e=1", patch("{\"x\":4}")), DAY.multipliedBy(6));
        assertThat(one.conflicts()).isEmpty();
    }

    @Test
    void anEventTimeFarAheadOfTheLogWinsNoLongerThanTheSkew() {
        Policies first = FoldedContext.policies(Map.of());
        FoldedContext one = new FoldedContext(first);
        one.fold(event("a", "a=1", patch("{\"x\":1}"), States.START.plus(DAY.multipliedBy(900))), Duration.ZERO);
        one.fold(event("b", "b=1", patch("{\"x\":2}"), States.START.plus(DAY)), DAY);
        one.assertConflict("/x", "time", "b=1", "a=1");
    }
}
