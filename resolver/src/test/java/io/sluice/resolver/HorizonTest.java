package io.sluice.resolver;

import static org.assertj.core.api.Assertions.assertThat;

import io.sluice.resolver.Resolution.Applied;
import io.sluice.resolver.Resolution.Reason;
import io.sluice.resolver.Resolution.Rejected;
import java.time.Duration;
import java.util.Objects;
import org.junit.jupiter.api.Test;

/** What is no longer tracked, and what becomes of those who come after that. */
class HorizonTest {

    private static final Duration HORIZON = Duration.ofHours(1);
    private static final Duration RETENTION = Duration.ofDays(7);

    private final Resolver resolver =
            Resolver.of(new Bounds(1 << 20, RETENTION, HORIZON, Duration.ofMinutes(1)), Policies.NONE);

    private Remembered known = Remembered.NOTHING;
    private long offset;

    private Resolution fold(ContextEvent event, Duration later) {
        Resolved resolved = resolver.resolve(known, event, States.position(offset++, later));
        known = resolved.after();
        return resolved.resolution();
    }

    private Resolution write(String writer, String clock, String json, Duration later) {
        return fold(
                Histories.event(
                        writer, writer + offset, States.START.plus(later), ClockText.parse(clock), States.patch(json)),
                later);
    }

    private Document document() {
        return Objects.requireNonNull(Objects.requireNonNull(known.state()).document());
    }

    private static Reason reason(Resolution resolution) {
        return ((Rejected) resolution).reason();
    }

    @Test
    void whatWasSeenLongAgoIsTooLateAndWhatNobodyHasSeenStillLands() {
        write("bob", "bob=1, carol=1", "{\"x\":\"bob\"}", Duration.ZERO);
        write("eve", "eve=1", "{\"y\":\"eve\"}", HORIZON.multipliedBy(2));
        assertThat(document()).isEqualTo(Document.of(JsonTrees.object("{\"x\":\"bob\",\"y\":\"eve\"}")));

        assertThat(reason(write("carol", "carol=1", "{\"z\":1}", HORIZON.multipliedBy(2))))
                .isEqualTo(Reason.TOO_LATE);
        assertThat(write("dave", "dave=1", "{\"x\":\"dave\"}", HORIZON.multipliedBy(2)))
                .isInstanceOf(Applied.class);
        assertThat(document()).isEqualTo(Document.of(JsonTrees.object("{\"x\":\"dave\",\"y\":\"eve\"}")));
    }

    @Test
    void withinTheHorizonALateWriteLandsWhereNobodyOverwroteIt() {
        write("bob", "bob=1, carol=1", "{\"x\":\"bob\"}", Duration.ZERO);

        assertThat(write("carol", "carol=1", "{\"x\":\"carol\",\"z\":1}", HORIZON.dividedBy(2)))
                .isInstanceOf(Applied.class);
        assertThat(document()).isEqualTo(Document.of(JsonTrees.object("{\"x\":\"bob\",\"z\":1}")));
    }

    @Test
    void aRepeatFromBehindTheHorizonIsStillADuplicate() {
        write("bob", "bob=1", "{\"x\":1}", Duration.ZERO);
        write("eve", "eve=1", "{\"y\":1}", Duration.ofDays(3));

        assertThat(write("bob", "bob=1", "{\"x\":1}", Duration.ofDays(3))).isInstanceOf(Resolution.Duplicate.class);
    }

    @Test
    void anOpenConflictStaysBehindTheHorizon() {
        write("bob", "bob=1", "{\"x\":1}", Duration.ZERO);
        write("eve", "eve=1", "{\"x\":2}", Duration.ZERO);
        write("bob", "bob=2", "{\"y\":1}", Duration.ofDays(3));

        assertThat(Objects.requireNonNull(known.state()).marks().conflicts()).hasSize(1);
        assertThat(known.registers().root().child("x").covers()).hasSize(2);
    }

    @Test
    void soManyMayDisagreeAboutOnePathAndWhoHasSeenThemSettlesIt() {
        StringBuilder seen = new StringBuilder();
        for (int i = 0; i < DocumentView.MAX_SIBLINGS; i++) {
            write("w" + i, "w" + i + "=1", "{\"x\":" + i + "}", Duration.ZERO);
            seen.append(", w").append(i).append("=1");
        }
        assertThat(reason(write("late", "late=1", "{\"x\":-1}", Duration.ZERO))).isEqualTo(Reason.TOO_LARGE);

        assertThat(write("last", "last=1" + seen, "{\"x\":-2}", Duration.ZERO)).isInstanceOf(Applied.class);
        assertThat(Objects.requireNonNull(known.state()).marks().conflicts()).isEmpty();
        assertThat(write("late", "late=2", "{\"x\":-1}", Duration.ZERO)).isInstanceOf(Resolution.Merged.class);
    }

    @Test
    void ofVeryManyEventsTheOldestAreNoLongerTrackedAndTheirValuesStay() {
        int fields = 3 * Registers.MAX_EVENTS;
        for (int i = 0; i < fields; i++) {
            fold(States.event("e" + i, States.patch("{\"f" + i + "\":" + i + "}")), Duration.ofMillis(i));
        }

        assertThat(document().tree().size()).isEqualTo(fields);
        assertThat(known.registers().root().children().size()).isLessThanOrEqualTo(2 * Registers.MAX_EVENTS);
        byte[] stored = RegistersJson.bytes(known.registers(), document().tree());
        assertThat(RegistersJson.parse(stored, document().tree()).root())
                .isEqualTo(known.registers().root());
    }

    @Test
    void ofAContextOfWhichOnlyTheClockIsKnownEverythingInItIsTooLate() {
        write("bob", "bob=3", "{\"x\":1}", Duration.ZERO);
        ContextState state = Objects.requireNonNull(known.state());
        known = new Remembered(state, Registers.behind(state.clock()), RecentIdentities.NONE);

        assertThat(reason(write("bob", "bob=2", "{\"x\":2}", Duration.ZERO))).isEqualTo(Reason.TOO_LATE);
        assertThat(fold(States.event("next", States.patch("{\"y\":1}")), Duration.ZERO))
                .isInstanceOf(Applied.class);
        assertThat(Objects.requireNonNull(known.state()).clock().counter("bob")).isEqualTo(3);
        assertThat(document()).isEqualTo(Document.of(JsonTrees.object("{\"x\":1,\"y\":1}")));
    }

    @Test
    void inTheNextLifeTheLastOneIsTooLate() {
        write("bob", "bob=1, carol=1", "{\"x\":1}", Duration.ZERO);
        fold(
                Histories.event("bob", "gone", States.START, ClockText.parse("bob=2, carol=1"), Change.DELETE),
                Duration.ofHours(2));
        Duration later = RETENTION.plusHours(3);

        assertThat(reason(write("carol", "carol=1", "{\"x\":2}", later))).isEqualTo(Reason.TOO_LATE);
        write("eve", "eve=1", "{\"y\":1}", later);
        assertThat(Objects.requireNonNull(known.state()).revision()).isEqualTo(new Revision(2, 1));
        assertThat(document()).isEqualTo(Document.of(JsonTrees.object("{\"y\":1}")));
    }
}
