package io.sluice.gateway.faults;

import static org.assertj.core.api.Assertions.assertThat;

import io.sluice.backpressure.ContextTypes;
import io.sluice.backpressure.EventCodec;
import io.sluice.backpressure.LogRecord;
import io.sluice.backpressure.OutRecord;
import io.sluice.backpressure.Outcome;
import io.sluice.gateway.faults.Ledger.Answer;
import io.sluice.gateway.faults.Ledger.Read;
import io.sluice.gateway.faults.Ledger.Sent;
import io.sluice.gateway.faults.Oracle.Announcement;
import io.sluice.gateway.faults.Oracle.Entry;
import io.sluice.gateway.faults.Oracle.Mark;
import io.sluice.gateway.faults.Oracle.Shown;
import io.sluice.gateway.faults.Watch.Kind;
import io.sluice.gateway.faults.Watch.Told;
import io.sluice.resolver.Causality;
import io.sluice.resolver.Cause;
import io.sluice.resolver.Change;
import io.sluice.resolver.Condition;
import io.sluice.resolver.ContextEvent;
import io.sluice.resolver.ContextKey;
import io.sluice.resolver.Identity;
import io.sluice.resolver.Json;
import io.sluice.resolver.LogPosition;
import io.sluice.resolver.Partition;
import io.sluice.resolver.Resolution;
import io.sluice.resolver.Revision;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.node.ObjectNode;

/** The oracle finds no fault with a history that has none, and each fault that is put into it. */
class OracleTest {

    private static final ContextTypes TYPES = Types.configured();
    private static final Instant BEGIN = Instant.parse("2026-01-31T12:00:00Z");
    private static final String ONE = "customer/one";
    private static final String TWO = "customer/" + sibling("one");
    private static final Partition PARTITION =
            TYPES.named("customer").orElseThrow().partitionOf("one");

    private final EventCodec codec = new EventCodec(64);
    private final List<LogRecord> log = new ArrayList<>();
    private final Ledger ledger = new Ledger();
    private final Anomalies anomalies = new Anomalies();
    private final Oracle oracle = new Oracle(TYPES, anomalies);
    private final Map<String, ObjectNode> states = new TreeMap<>();
    private List<ObjectNode> journal = new ArrayList<>();

    /** Another id in the same partition. */
    private static String sibling(String id) {
        var type = TYPES.named("customer").orElseThrow();
        return Stream.iterate(0, i -> i + 1)
                .map(i -> "other" + i)
                .filter(other -> type.partitionOf(other).equals(type.partitionOf(id)))
                .findFirst()
                .orElseThrow();
    }

    /** Two contexts: one is written, changed, repeated, refused a condition and deleted; the other is written. */
    @BeforeEach
    void history() {
        write(ONE, "e1", "{\"a\":1}", Condition.NONE);
        write(TWO, "e2", "{\"b\":1}", Condition.NONE);
        write(ONE, "e3", "{\"a\":2}", new Condition.At(Set.of(new Revision(1, 1))));
        repeat(0);
        write(ONE, "e4", "{\"a\":3}", new Condition.Absent());
        append(ONE, "e5", Change.DELETE, Condition.NONE);
        fold();
    }

    private void write(String key, String id, String patch, Condition condition) {
        append(key, id, new Change.Patch(Json.TRUSTED.object(patch.getBytes(StandardCharsets.UTF_8))), condition);
    }

    private void append(String key, String id, Change change, Condition condition) {
        ContextEvent event = new ContextEvent(
                new ContextKey("default", "customer", key.substring("customer/".length())),
                new Cause(new Identity("ada", id), "changed", BEGIN, null, null, null),
                Causality.UNSTATED,
                condition,
                change);
        OutRecord record = codec.write(event, TYPES.named("customer").orElseThrow(), "somebody");
        log.add(new LogRecord(position(log.size()), record.key(), record.value(), record.headers()));
        Sent sent = ledger.begin(key, "ada", id);
        sent.tries = 1;
        sent.answer = new Answer.Accepted();
    }

    private void repeat(int offset) {
        LogRecord again = log.get(offset);
        log.add(new LogRecord(position(log.size()), again.key(), again.value(), again.headers()));
    }

    private static LogPosition position(int offset) {
        return new LogPosition(PARTITION.topic(), PARTITION.number(), offset, BEGIN.plusSeconds(offset));
    }

    private void fold() {
        Truth truth = new Truth(TYPES);
        journal = new ArrayList<>();
        for (LogRecord record : log) {
            journal.add(Rows.journal(Objects.requireNonNull(truth.fold(record))));
        }
        states.clear();
        truth.stored()
                .forEach(key ->
                        states.put(key.path(), Rows.state(key.tenant(), key.type(), key.id(), truth.remembered(key))));
    }

    private void judge() {
        oracle.journal(log.iterator(), journal.iterator());
        oracle.states(states.values().iterator());
        oracle.ledger(ledger);
    }

    private List<Announcement> announcements() {
        return new ArrayList<>(oracle.truth().visible(PARTITION).stream()
                .map(version -> new Announcement(version.offset(), version.key(), version.revision(), version.digest()))
                .toList());
    }

    private void requireFound(String... kinds) {
        assertThat(anomalies.counts().keySet())
                .as(String.join("\n", anomalies.lines()))
                .containsExactlyInAnyOrder(kinds);
    }

    private long digest(String key, long version) {
        return Objects.requireNonNull(oracle.truth().version(key, new Revision(1, version)))
                .digest();
    }

    @Test
    void aHistoryThatIsAsItHasToBeHasNoAnomalies() {
        judge();
        oracle.announced(PARTITION, announcements().iterator());
        requireFound();
        assertThat(journal.stream().map(row -> row.path("resolution").asString()))
                .containsExactly("applied", "applied", "applied", "duplicate", "rejected", "applied");
    }

    @Test
    void anAcknowledgedEventThatTheLogHasNotIsFound() {
        ledger.begin(ONE, "ada", "lost").answer = new Answer.Accepted();
        ledger.begin(ONE, "ada", "not answered");
        judge();
        requireFound("acknowledged and lost");
    }

    @Test
    void anEventThatNobodySentIsFound() {
        LogRecord second = log.get(1);
        log.set(
                1,
                new LogRecord(
                        second.position(),
                        second.key(),
                        second.value(),
                        log.get(1).headers()));
        Ledger empty = new Ledger();
        oracle.journal(log.iterator(), journal.iterator());
        oracle.ledger(empty);
        requireFound("log: nobody sent");
    }

    @Test
    void anEventThatTheJournalHasNotIsFound() {
        journal.remove(2);
        judge();
        requireFound("journal: misses");
    }

    @Test
    void anEntryOfTheJournalThatIsOfNoEventIsFound() {
        journal.add(journal.getLast().deepCopy().put("source_offset", 17));
        judge();
        requireFound("journal: of no event");
    }

    @Test
    void aVersionThatComesTwiceInTheJournalIsFound() {
        journal.get(2).put("version", 1);
        judge();
        requireFound("journal: differs");
    }

    @Test
    void aDocumentThatIsOtherThanItHasToBeIsFound() {
        journal.get(2).set("document", Json.newObject().put("a", 1));
        states.get(TWO).set("document", Json.newObject().put("b", 2));
        judge();
        requireFound("journal: differs", "state: differs");
    }

    @Test
    void aStateThatIsMissingOrOfNoContextIsFound() {
        ObjectNode more = states.remove(TWO).deepCopy().put("id", "never written");
        states.put("more", more);
        judge();
        requireFound("state: misses", "state: of no context");
    }

    @Test
    void anEventThatCountsTwiceIsFoundWhateverTheResolverSays() {
        Truth truth = new Truth(TYPES);
        Laws laws = new Laws(anomalies);
        log.subList(0, 3).forEach(record -> laws.check(Objects.requireNonNull(truth.fold(record))));
        requireFound();
        Outcome third = Objects.requireNonNull(truth.fold(log.get(3)));
        laws.check(new Outcome(
                third.position(), third.event(), new Resolution.Unchanged(), third.after(), third.waiter()));
        requireFound("counted twice");
    }

    @Test
    void aConditionThatDidNotHoldAndAVersionOutOfLineAreFoundWhateverTheResolverSays() {
        Truth truth = new Truth(TYPES);
        Laws laws = new Laws(anomalies);
        log.subList(0, 4).forEach(record -> laws.check(Objects.requireNonNull(truth.fold(record))));
        Outcome refused = Objects.requireNonNull(truth.fold(log.get(4)));
        laws.check(new Outcome(
                refused.position(), refused.event(), new Resolution.Unchanged(), refused.after(), refused.waiter()));
        requireFound("condition did not hold");
        laws.check(new Outcome(log.get(5).position(), refused.event(), new Resolution.Unchanged(), null, null));
        assertThat(anomalies.counts()).containsKey("version out of line");
    }

    @Test
    void anAnnouncementThatIsMissingOrTooLateIsFoundAndARepeatIsNone() {
        judge();
        List<Announcement> announced = announcements();
        announced.addAll(2, List.copyOf(announced.subList(0, 2)));
        oracle.announced(PARTITION, announced.iterator());
        requireFound();
        List<Announcement> late = announcements();
        late.add(late.remove(1));
        oracle.announced(PARTITION, late.iterator());
        requireFound("announced: misses");
    }

    @Test
    void anAnnouncementOfWhatNeverWasIsFound() {
        judge();
        List<Announcement> announced = announcements();
        announced.set(1, new Announcement(1, TWO, new Revision(1, 1), 17));
        oracle.announced(PARTITION, announced.iterator());
        requireFound("announced: was never so");
    }

    @Test
    void aDeadLetterThatIsMissingOrOfAGoodEventIsFound() {
        judge();
        oracle.deadLetters(List.of(position(0).toString()));
        requireFound("dead letter: of no such event");
    }

    @Test
    void anOldEntryInTheCacheIsFoundIfItMayBeUsedOrLivesForEver() {
        judge();
        Entry old = new Entry(ONE, new Revision(1, 1), digest(ONE, 1), 3, 50);
        oracle.cached(PARTITION, new Mark(4, 6), List.of(old), 6, 100);
        oracle.cached(PARTITION, new Mark(0, 5), List.of(old), 6, 100);
        oracle.cached(PARTITION, null, List.of(old), 6, 100);
        requireFound();
        oracle.cached(PARTITION, new Mark(2, 6), List.of(old), 6, 100);
        requireFound("cache: old and in use");
        oracle.cached(PARTITION, new Mark(4, 6), List.of(old), 6, 20);
        requireFound("cache: old and in use", "cache: lives too long");
    }

    @Test
    void whatTheCacheHasAndTheStoreHasNotIsFound() {
        judge();
        oracle.cached(PARTITION, new Mark(0, 7), List.of(new Entry(ONE, new Revision(1, 4), null, 7, 50)), 6, 100);
        requireFound("cache: ahead of the store", "cache: was never so");
    }

    @Test
    void anAnswerThatSaysOtherwiseIsFound() {
        judge();
        sent("e3").answer = new Answer.Resolved("applied", new Revision(1, 2), digest(ONE, 2));
        sent("e4").answer = new Answer.Rejected("condition-not-met");
        sent("e1").answer = new Answer.Resolved("duplicate", new Revision(1, 2), digest(ONE, 2));
        oracle.ledger(ledger);
        requireFound();
        sent("e3").answer = new Answer.Resolved("applied", new Revision(1, 2), digest(ONE, 1));
        oracle.ledger(ledger);
        requireFound("told otherwise");
    }

    private Sent sent(String id) {
        return Objects.requireNonNull(ledger.of(new Identity("ada", id)));
    }

    @Test
    void eventsThatStandInAnotherOrderThanInTheirRequestAreFound() {
        ledger.inOrder(List.of(new Identity("ada", "e1"), new Identity("ada", "e3")));
        judge();
        requireFound();
        ledger.inOrder(List.of(new Identity("ada", "e3"), new Identity("ada", "e1")));
        oracle.ledger(ledger);
        requireFound("log: out of the order of the request");
    }

    @Test
    void aReadThatIsOlderThanWhatItsNodeHadToldIsFound() {
        judge();
        Revision second = new Revision(1, 2);
        ledger.read(new Read(0, ONE, null, second, digest(ONE, 2), second));
        oracle.ledger(ledger);
        requireFound();
        ledger.read(new Read(0, ONE, null, new Revision(1, 1), digest(ONE, 1), second));
        oracle.ledger(ledger);
        requireFound("read: older than what was told");
    }

    @Test
    void aReadOfAnotherTimeIsFound() {
        judge();
        Revision first = new Revision(1, 1);
        ledger.read(new Read(0, ONE, BEGIN.plusMillis(1_999), first, digest(ONE, 1), null));
        oracle.ledger(ledger);
        requireFound();
        ledger.read(new Read(0, ONE, BEGIN.plusSeconds(2), first, digest(ONE, 1), null));
        oracle.ledger(ledger);
        requireFound("read: of another time");
    }

    @Test
    void aNodeThatShowsSomethingElseIsFound() {
        judge();
        oracle.shown("node 0", Map.of(ONE, new Shown(new Revision(1, 3), Version.DELETED)));
        requireFound();
        oracle.shown("node 1", Map.of(TWO, new Shown(null, Version.DELETED)));
        requireFound("shown: differs");
    }

    @Test
    void aWatcherThatMissedAVersionIsFoundIfItWasToHaveAll() {
        judge();
        watched(true, came(), change(ONE, 1), change(TWO, 1), change(ONE, 2), change(ONE, 3));
        watched(false, came(), change(TWO, 1), change(ONE, 3));
        watched(true, came(), snapshot(TWO, 1), snapshot(ONE, 2), change(ONE, 3));
        requireFound();
        watched(true, came(), snapshot(TWO, 1), snapshot(ONE, 1), change(ONE, 3));
        requireFound("watcher: leaves something out");
    }

    @Test
    void aWatcherThatWasToldLessThanThereIsIsFound() {
        judge();
        watched(false, came(), change(ONE, 1), change(TWO, 1));
        requireFound("watcher ends elsewhere");
    }

    @Test
    void aWatcherThatWasTakenBackIsFound() {
        judge();
        watched(false, came(), change(TWO, 1), change(ONE, 2), change(ONE, 1), change(ONE, 3));
        requireFound("watcher: does not rise");
    }

    @Test
    void aWatcherThatComesBackStandsWhereItsLastPlaceWas() {
        judge();
        Told withoutPlace = new Told(Kind.CHANGE, ONE, new Revision(1, 2), digest(ONE, 2), false);
        Told back = Told.word(Kind.CAME, true);
        watched(true, came(), change(TWO, 1), change(ONE, 1), withoutPlace, back, change(ONE, 2), change(ONE, 3));
        requireFound();
        watched(true, came(), change(TWO, 1), change(ONE, 1), change(ONE, 2), back, change(ONE, 2), change(ONE, 3));
        assertThat(anomalies.counts()).containsKey("watcher: does not rise");
    }

    @Test
    void aWatcherThatBeginsAnewWithSomethingOlderIsFound() {
        judge();
        Told anew = new Told(Kind.RESTART, ONE, null, 0, true);
        watched(false, came(), change(TWO, 1), change(ONE, 2), anew, change(ONE, 2), change(ONE, 3));
        requireFound();
        watched(false, came(), change(TWO, 1), change(ONE, 2), anew, change(ONE, 1), change(ONE, 3));
        requireFound("watcher: takes back what it told, after 1-2");
    }

    @Test
    void aWatcherThatWasToldWhatNeverWasIsFound() {
        judge();
        watched(
                false,
                came(),
                change(TWO, 1),
                new Told(Kind.CHANGE, ONE, new Revision(1, 2), 17, true),
                change(ONE, 3));
        requireFound("watcher: was never so");
    }

    @Test
    void aTallyThatLacksOrInventsAChangeIsFound() {
        judge();
        oracle.tally(TWO, 1, Set.of("ada e2"), ledger);
        oracle.counter(TWO, 1, ledger);
        requireFound();
        oracle.tally(TWO, 1, Set.of("ada e9"), ledger);
        oracle.counter(TWO, 2, ledger);
        requireFound("tally", "counter");
    }

    private void watched(boolean every, Told... told) {
        Watch watch = new Watch("all", key -> key.startsWith("customer/"), every);
        Stream.of(told).forEach(watch::tell);
        oracle.watched(watch);
    }

    private static Told came() {
        return Told.word(Kind.CAME, false);
    }

    private Told change(String key, long version) {
        return new Told(Kind.CHANGE, key, new Revision(1, version), digest(key, version), true);
    }

    private Told snapshot(String key, long version) {
        return new Told(Kind.SNAPSHOT, key, new Revision(1, version), digest(key, version), true);
    }
}
