package io.sluice.resolver;

import static io.sluice.resolver.JsonTrees.object;
import static io.sluice.resolver.States.event;
import static io.sluice.resolver.States.patch;
import static io.sluice.resolver.States.position;
import static io.sluice.resolver.States.replace;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.InstanceOfAssertFactories.type;
import static org.quicktheories.QuickTheory.qt;

import io.sluice.resolver.Resolution.Applied;
import io.sluice.resolver.Resolution.Duplicate;
import io.sluice.resolver.Resolution.Reason;
import io.sluice.resolver.Resolution.Rejected;
import io.sluice.resolver.Resolution.Unchanged;
import io.sluice.resolver.Resolution.Visible;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.quicktheories.core.Gen;
import tools.jackson.databind.node.ObjectNode;

/** Events that state no clock: they count in the order of the log. */
class LogOrderTest {

    private static final Duration RETENTION = Duration.ofDays(7);

    private final Resolver resolver = Resolver.of(new Bounds(200, RETENTION), Policies.NONE);

    private Remembered known = Remembered.NOTHING;
    private long offset;

    /** Folds the event at the next offset. */
    private Resolution fold(ContextEvent event) {
        return fold(event, position(offset));
    }

    private Resolution fold(ContextEvent event, LogPosition position) {
        offset = position.offset() + 1;
        Resolved resolved = resolver.resolve(known, event, position);
        known = resolved.after();
        return resolved.resolution();
    }

    private Resolution fold(String eventId, Change change) {
        return fold(event(eventId, change));
    }

    private ContextState state() {
        return Objects.requireNonNull(known.state());
    }

    private static void assertRejected(Resolution resolution, Reason reason) {
        assertThat(resolution).asInstanceOf(type(Rejected.class)).satisfies(rejected -> {
            assertThat(rejected.reason()).isEqualTo(reason);
            assertThat(rejected.detail()).contains("expected");
        });
    }

    @Test
    void theFirstEventMakesTheFirstVersionAndSaysNoDelta() {
        ContextEvent first = event("1", patch("{\"a\":1,\"b\":null}"));
        Resolution resolution = fold(first);

        assertThat(resolution).asInstanceOf(type(Applied.class)).satisfies(applied -> {
            assertThat(applied.delta()).isNull();
            assertThat(applied.next().revision()).isEqualTo(Revision.FIRST);
            assertThat(applied.next().document()).isEqualTo(Document.of(object("{\"a\":1}")));
            assertThat(applied.next().cause()).isEqualTo(first.cause());
            assertThat(applied.next().position()).isEqualTo(position(0));
        });
    }

    @Test
    void theDeltaMakesTheNewDocumentOfTheOldOne() {
        fold("1", replace("{\"a\":1,\"b\":{\"c\":2}}"));
        Visible visible = (Visible) fold("2", replace("{\"b\":{\"c\":3}}"));

        assertThat(visible.delta()).isEqualTo(object("{\"a\":null,\"b\":{\"c\":3}}"));
        assertThat(((Visible) fold("3", replace("{\"b\":null}"))).delta()).isNull();
    }

    @Test
    void whatAsksForWhatIsSoIsUnchanged() {
        assertThat(fold("1", Change.DELETE)).isInstanceOf(Unchanged.class);
        assertThat(known.state()).isNull();
        fold("2", replace("{\"a\":1,\"b\":2}"));
        assertThat(fold("3", patch("{}"))).isInstanceOf(Unchanged.class);
        assertThat(fold("4", patch("{\"a\":1,\"c\":null}"))).isInstanceOf(Unchanged.class);
        assertThat(fold("5", replace("{\"b\":2,\"a\":1}"))).isInstanceOf(Unchanged.class);
        assertThat(state().revision()).isEqualTo(Revision.FIRST);
    }

    @Test
    void anEmptyPatchCreatesAContextThatIsNotThere() {
        assertThat(fold("1", patch("{}"))).isInstanceOf(Applied.class);
        assertThat(state().document()).isEqualTo(Document.of(Json.newObject()));
    }

    @Test
    void aRepeatIsADuplicateThatTellsTheRevisionItMade() {
        fold("1", patch("{\"a\":1}"));
        fold("2", patch("{\"a\":2}"));

        assertThat(fold("1", patch("{\"a\":1}"))).isEqualTo(new Duplicate(new Revision(1, 1)));
        assertThat(state().document()).isEqualTo(Document.of(object("{\"a\":2}")));
    }

    @Test
    void aRepeatWithItsMembersInAnotherOrderIsADuplicate() {
        fold("1", patch("{\"a\":1,\"b\":2}"));

        assertThat(fold("1", patch("{\"b\":2,\"a\":1}"))).isInstanceOf(Duplicate.class);
    }

    @Test
    void aRepeatOfWhatChangedNothingIsADuplicateToo() {
        fold("1", Change.DELETE);

        assertThat(fold("1", Change.DELETE)).isEqualTo(new Duplicate(null));
    }

    @Test
    void anIdentityThatComesWithOtherContentIsRejected() {
        fold("1", patch("{\"a\":1}"));

        assertRejected(fold("1", patch("{\"a\":2}")), Reason.IDENTITY_REUSED);
        assertRejected(fold("1", replace("{\"a\":1}")), Reason.IDENTITY_REUSED);
        assertRejected(fold("1", Change.DELETE), Reason.IDENTITY_REUSED);
        assertThat(state().revision()).isEqualTo(Revision.FIRST);
    }

    @Test
    void aRepeatIsRecognisedBeforeItsConditionIsAsked() {
        fold(event("1", patch("{\"a\":1}"), Causality.UNSTATED, new Condition.Absent()));

        assertThat(fold(event("1", patch("{\"a\":1}"), Causality.UNSTATED, new Condition.Absent())))
                .isEqualTo(new Duplicate(Revision.FIRST));
    }

    @Test
    void aRejectedEventIsJudgedAnewWhenItComesAgain() {
        ContextEvent conditional = event("1", patch("{\"a\":1}"), Causality.UNSTATED, new Condition.Exists());
        assertRejected(fold(conditional), Reason.CONDITION_NOT_MET);
        assertThat(known).isEqualTo(Remembered.NOTHING);

        fold("2", patch("{\"a\":0}"));
        assertThat(fold(conditional)).isInstanceOf(Applied.class);
    }

    @Test
    void aRepeatIsKnownAmongTheLast256Events() {
        fold("first", patch("{\"n\":-1}"));
        for (int i = 0; i < 255; i++) {
            fold("e" + i, patch("{\"n\":" + i + "}"));
        }
        assertThat(fold("first", patch("{\"n\":-1}"))).isInstanceOf(Duplicate.class);

        fold("one more", patch("{\"n\":-2}"));
        assertThat(fold("first", patch("{\"n\":-1}"))).isInstanceOf(Applied.class);
    }

    @Test
    void aDuplicateDoesNotPushOthersOutOfTheWindow() {
        fold("first", patch("{\"n\":-1}"));
        fold("second", patch("{\"n\":0}"));
        for (int i = 0; i < 1_000; i++) {
            assertThat(fold("second", patch("{\"n\":0}"))).isInstanceOf(Duplicate.class);
        }
        assertThat(fold("first", patch("{\"n\":-1}"))).isInstanceOf(Duplicate.class);
    }

    @Test
    void aRepeatIsKnownFor24HoursOfLogTime() {
        fold(event("1", patch("{\"a\":1}")), position(0, Duration.ZERO));

        assertThat(fold(event("1", patch("{\"a\":1}")), position(1, Duration.ofHours(24))))
                .isInstanceOf(Duplicate.class);
        assertRejected(fold(event("1", patch("{\"a\":2}")), position(2, Duration.ofHours(24))), Reason.IDENTITY_REUSED);
        assertThat(fold(
                        event("1", patch("{\"a\":2}")),
                        position(3, Duration.ofHours(24).plusMillis(1))))
                .isInstanceOf(Applied.class);
    }

    @Test
    void aConditionHoldsAtTheFoldOrTheEventIsRejected() {
        Condition first = new Condition.At(Set.of(Revision.FIRST, new Revision(7, 7)));
        assertRejected(fold(event("1", patch("{}"), Causality.UNSTATED, first)), Reason.CONDITION_NOT_MET);
        assertRejected(
                fold(event("2", patch("{}"), Causality.UNSTATED, new Condition.Exists())), Reason.CONDITION_NOT_MET);
        assertThat(fold(event("3", patch("{}"), Causality.UNSTATED, new Condition.Absent())))
                .isInstanceOf(Applied.class);
        assertRejected(
                fold(event("4", patch("{\"a\":1}"), Causality.UNSTATED, new Condition.Absent())),
                Reason.CONDITION_NOT_MET);
        assertThat(fold(event("5", patch("{\"a\":1}"), Causality.UNSTATED, first)))
                .isInstanceOf(Applied.class);
        assertRejected(fold(event("6", patch("{\"a\":2}"), Causality.UNSTATED, first)), Reason.CONDITION_NOT_MET);
        assertRejected(
                fold(event("7", patch("{}"), Causality.UNSTATED, new Condition.At(Set.of()))),
                Reason.CONDITION_NOT_MET);
    }

    @Test
    void aDeletedContextIsAbsentAndItsRevisionCanBeNamed() {
        fold("1", patch("{}"));
        fold("2", Change.DELETE);
        assertRejected(
                fold(event("3", patch("{}"), Causality.UNSTATED, new Condition.Exists())), Reason.CONDITION_NOT_MET);
        assertThat(fold(event("4", patch("{}"), Causality.UNSTATED, new Condition.At(Set.of(new Revision(1, 2))))))
                .isInstanceOf(Applied.class);
        fold("5", Change.DELETE);
        assertThat(fold(event("6", patch("{}"), Causality.UNSTATED, new Condition.Absent())))
                .isInstanceOf(Applied.class);
    }

    @Test
    void aDeletionIsAVersionAndASecondOneIsNot() {
        fold("1", patch("{\"a\":1}"));
        Visible deletion = (Visible) fold("2", Change.DELETE);

        assertThat(deletion.next().isDeleted()).isTrue();
        assertThat(deletion.next().revision()).isEqualTo(new Revision(1, 2));
        assertThat(deletion.delta()).isNull();
        assertThat(fold("3", Change.DELETE)).isInstanceOf(Unchanged.class);
    }

    @Test
    void whatIsWrittenWithinTheRetentionGoesOnAndLaterBeginsANewLife() {
        fold(event("1", patch("{\"a\":1}")), position(0, Duration.ZERO));
        fold(event("2", Change.DELETE), position(1, Duration.ofHours(1)));
        fold(event("3", patch("{\"b\":1}")), position(2, RETENTION.plusHours(1)));
        assertThat(state().revision()).isEqualTo(new Revision(1, 3));
        assertThat(state().document()).isEqualTo(Document.of(object("{\"b\":1}")));

        fold(event("4", Change.DELETE), position(3, RETENTION.plusHours(2)));
        fold(event("5", Change.DELETE), position(4, RETENTION.plusHours(2).plus(RETENTION)));
        fold(
                event("6", patch("{}")),
                position(5, RETENTION.plusHours(2).plus(RETENTION).plusMillis(1)));
        assertThat(state().revision()).isEqualTo(new Revision(2, 1));
    }

    @Test
    void aDocumentThatWouldBeTooLargeIsRejectedAndLeavesNoTrace() {
        assertThat(fold("1", patch("{\"a\":\"" + "x".repeat(192) + "\"}"))).isInstanceOf(Applied.class);
        Remembered before = known;

        assertRejected(fold("2", patch("{\"a\":\"" + "x".repeat(193) + "\"}")), Reason.TOO_LARGE);
        assertRejected(fold("3", patch("{\"b\":1}")), Reason.TOO_LARGE);
        assertThat(known).isEqualTo(before);
        assertThat(fold("2", Change.DELETE)).isInstanceOf(Applied.class);
    }

    @Test
    void aClockThatWouldNameTooManyWritersIsRejected() {
        TreeMap<String, Long> counters = new TreeMap<>();
        for (int i = 0; i < 255; i++) {
            counters.put(i == 0 ? "w" : "w" + i, 1L);
        }
        Causality most = new Causality.Clock(new VersionVector(counters));
        assertThat(fold(event("1", patch("{\"a\":1}"), most, Condition.NONE))).isInstanceOf(Applied.class);

        assertThat(fold("2", patch("{\"a\":2}"))).isInstanceOf(Applied.class);
        counters.put("w", 2L);
        counters.put("*sluice.customer-events.2", 2L);
        Causality next = new Causality.Clock(new VersionVector(counters));
        assertThat(fold(event("3", patch("{\"a\":3}"), next, Condition.NONE))).isInstanceOf(Applied.class);

        Causality more = new Causality.Clock(VersionVector.EMPTY.with("w", 3).with("other", 1));
        assertRejected(fold(event("4", patch("{\"a\":4}"), more, Condition.NONE)), Reason.TOO_LARGE);
        assertThat(fold("5", Change.DELETE)).isInstanceOf(Applied.class);
    }

    @Test
    void theClockKnowsWhatTheWritersSaidAndEachEventWithoutOne() {
        Causality stated = new Causality.Clock(VersionVector.EMPTY.with("w", 4).with("x", 2));
        fold("1", patch("{\"a\":1}"));
        fold(event("2", patch("{\"b\":2}"), stated, Condition.NONE));
        fold("3", patch("{\"a\":3}"));

        assertThat(state().clock().toString()).isEqualTo("*sluice.customer-events.2=3, w=4, x=2");
    }

    /** A step of a random history: which event id, what it wants, and whether something is asked first. */
    private record Step(int id, Change change, Condition condition, int secondsLater) {}

    private static Gen<List<Step>> histories() {
        Gen<ObjectNode> documents = JsonTrees.objects();
        return random -> {
            List<Step> steps = new ArrayList<>();
            int count = JsonTrees.number(random, 40);
            for (int i = 0; i < count; i++) {
                Change change = switch (JsonTrees.number(random, 5)) {
                    case 0 -> Change.DELETE;
                    case 1 -> new Change.Replace(documents.generate(random));
                    case 2 -> patch("{\"a\":" + JsonTrees.number(random, 2) + "}");
                    default -> new Change.Patch(documents.generate(random));
                };
                Condition condition = switch (JsonTrees.number(random, 9)) {
                    case 0 -> new Condition.Exists();
                    case 1 -> new Condition.Absent();
                    case 2 -> new Condition.At(Set.of(new Revision(1, 1 + JsonTrees.number(random, 5))));
                    default -> Condition.NONE;
                };
                int later = JsonTrees.number(random, 15) == 15 ? 4 * 86_400 : 60;
                steps.add(new Step(JsonTrees.number(random, 60), change, condition, later));
            }
            return steps;
        };
    }

    @Test
    void versionsAreDenseAndWhatChangesNothingLeavesTheState() {
        Resolver unbounded = Resolver.of(new Bounds(1 << 20, RETENTION), Policies.NONE);
        qt().withExamples(2_000).forAll(histories()).checkAssert(history -> check(unbounded, history));
    }

    @Test
    void theSameHistoryGivesTheSameOutcomes() {
        Resolver one = Resolver.of(new Bounds(100, RETENTION), Policies.NONE);
        Resolver other = Resolver.of(new Bounds(100, RETENTION), Policies.NONE);
        qt().withExamples(500)
                .forAll(histories())
                .checkAssert(history -> assertThat(check(one, history)).isEqualTo(check(other, history)));
    }

    private static List<Resolution> check(Resolver resolver, List<Step> history) {
        Remembered known = Remembered.NOTHING;
        Map<String, Fingerprint> accepted = new HashMap<>();
        List<Resolution> all = new ArrayList<>();
        Duration time = Duration.ZERO;
        long offset = 0;
        for (Step step : history) {
            time = time.plusSeconds(step.secondsLater());
            LogPosition position = position(offset++, time);
            ContextEvent event = event("e" + step.id(), step.change(), Causality.UNSTATED, step.condition());
            Resolved resolved = resolver.resolve(known, event, position);
            Resolution resolution = resolved.resolution();
            Remembered next = resolved.after();
            ContextState before = known.state();
            ContextState after = next.state();
            if (resolution instanceof Visible visible) {
                assertThat(after).isEqualTo(visible.next());
                assertDense(before, visible.next(), position);
                assertThat(visible.next().document()).isNotEqualTo(before == null ? null : before.document());
                assertDelta(before, visible);
                accepted.put("e" + step.id(), event.content());
            } else {
                assertThat(after).isSameAs(before);
                if (resolution instanceof Unchanged) {
                    accepted.put("e" + step.id(), event.content());
                } else if (resolution instanceof Duplicate) {
                    assertThat(accepted).containsEntry("e" + step.id(), event.content());
                } else if (resolution instanceof Rejected rejected && rejected.reason() == Reason.IDENTITY_REUSED) {
                    assertThat(accepted.get("e" + step.id())).isNotNull().isNotEqualTo(event.content());
                }
            }
            known = next;
            all.add(resolution);
        }
        return all;
    }

    private static void assertDense(ContextState before, ContextState after, LogPosition position) {
        if (before == null) {
            assertThat(after.revision()).isEqualTo(Revision.FIRST);
        } else if (after.revision().incarnation() == before.revision().incarnation()) {
            assertThat(after.revision().version()).isEqualTo(before.revision().version() + 1);
        } else {
            assertThat(after.revision()).isEqualTo(before.revision().nextLife());
            assertThat(before.isDeleted()).isTrue();
            assertThat(Duration.between(before.position().time(), position.time()))
                    .isGreaterThan(RETENTION);
        }
        assertThat(after.clock().compare(before == null ? VersionVector.EMPTY : before.clock()))
                .isEqualTo(VersionVector.Order.AFTER);
    }

    private static void assertDelta(ContextState before, Visible visible) {
        Document old = before == null ? null : before.document();
        Document now = visible.next().document();
        if (visible.delta() != null) {
            assertThat(Document.of(MergePatch.apply(Objects.requireNonNull(old).tree(), visible.delta())))
                    .isEqualTo(now);
        } else if (old != null && now != null) {
            assertThat(MergePatch.between(old.tree(), now.tree())).isEmpty();
        }
        assertReplaced(old, visible);
    }

    private static void assertReplaced(Document old, Visible visible) {
        ContextUpdate update = new ContextUpdate(
                visible.next(), visible.delta(), visible.conflicts(), visible.operations(), visible.replaced());
        Document now = visible.next().document();
        if (update.knowsBefore()) {
            assertThat(update.before()).isEqualTo(old);
        } else {
            assertThat(MergePatch.between(
                            now == null ? Json.newObject() : now.tree(),
                            Objects.requireNonNull(old).tree()))
                    .isEmpty();
        }
    }
}
