package io.sluice.gateway.faults;

import io.sluice.backpressure.ContextTypes;
import io.sluice.backpressure.LogRecord;
import io.sluice.backpressure.Outcome;
import io.sluice.gateway.faults.Ledger.Answer;
import io.sluice.gateway.faults.Ledger.Read;
import io.sluice.gateway.faults.Ledger.Sent;
import io.sluice.gateway.faults.Truth.Fate;
import io.sluice.resolver.ContextKey;
import io.sluice.resolver.Identity;
import io.sluice.resolver.Partition;
import io.sluice.resolver.Revision;
import java.util.Collection;
import java.util.HashSet;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.node.ObjectNode;

/**
 * Compares everything with what has to have become of the log. What it is given is data only, so it can be given a history that
 * is wrong, too. {@link #journal} comes first, for each partition.
 */
final class Oracle {

    private final Anomalies anomalies;
    private final Truth truth;
    private final Laws laws;

    Oracle(ContextTypes types, Anomalies anomalies) {
        this.anomalies = anomalies;
        this.truth = new Truth(types);
        this.laws = new Laws(anomalies);
    }

    Truth truth() {
        return truth;
    }

    /** @param log of one partition, all of it @param rows of the journal, of that partition, in order */
    void journal(Iterator<LogRecord> log, Iterator<ObjectNode> rows) {
        ObjectNode row = next(rows);
        while (log.hasNext()) {
            LogRecord record = log.next();
            Outcome outcome = truth.fold(record);
            if (outcome != null) {
                laws.check(outcome);
            }
            while (row != null && offset(row) < record.position().offset()) {
                anomalies.add("journal: of no event", "%s", row);
                row = next(rows);
            }
            boolean there = row != null && offset(row) == record.position().offset();
            if (there && outcome != null) {
                List<String> differences = Rows.differences(Rows.journal(outcome), Objects.requireNonNull(row));
                if (!differences.isEmpty()) {
                    anomalies.add("journal: differs", "%s: %s", record.position(), differences);
                }
            } else if (there != (outcome != null)) {
                anomalies.add(there ? "journal: of no event" : "journal: misses", "%s", record.position());
            }
            row = there ? next(rows) : row;
        }
        for (; row != null; row = next(rows)) {
            anomalies.add("journal: of no event", "%s", row);
        }
    }

    private static @Nullable ObjectNode next(Iterator<ObjectNode> rows) {
        return rows.hasNext() ? rows.next() : null;
    }

    private static long offset(ObjectNode row) {
        return row.path("source_offset").asLong();
    }

    /** @param rows of the table of states, all of them */
    void states(Iterator<ObjectNode> rows) {
        Set<ContextKey> missing = new HashSet<>(truth.stored());
        while (rows.hasNext()) {
            ObjectNode row = rows.next();
            ContextKey key = new ContextKey(
                    row.path("tenant").asString(),
                    row.path("type").asString(),
                    row.path("id").asString());
            if (!missing.remove(key)) {
                anomalies.add("state: of no context", "%s", key.path());
                continue;
            }
            List<String> differences =
                    Rows.differences(Rows.state(key.tenant(), key.type(), key.id(), truth.remembered(key)), row);
            if (!differences.isEmpty()) {
                anomalies.add("state: differs", "%s: %s", key.path(), differences);
            }
        }
        missing.forEach(key -> anomalies.add("state: misses", "%s", key.path()));
    }

    /** A record of a topic of updates. @param source the offset of the event @param revision null: nothing that can be seen has changed */
    record Announcement(long source, String key, @Nullable Revision revision, long digest) {}

    /** @param announced in a partition, in order. Repeats are allowed, and skipped as a reader of the topic has to */
    void announced(Partition partition, Iterator<Announcement> announced) {
        Iterator<Version> expected = truth.visible(partition).iterator();
        Version due = expected.hasNext() ? expected.next() : null;
        long seen = -1;
        while (announced.hasNext()) {
            Announcement next = announced.next();
            if (next.revision() != null && !isSo(next)) {
                anomalies.add("announced: was never so", "%s: %s", partition, next);
            }
            if (next.source() > seen) {
                seen = next.source();
                while (due != null && due.offset() < seen) {
                    anomalies.add("announced: misses", "%s: %s", partition, due);
                    due = expected.hasNext() ? expected.next() : null;
                }
                if (due != null && due.offset() == seen) {
                    due = expected.hasNext() ? expected.next() : null;
                }
            }
        }
        if (due != null) {
            anomalies.add("announced: misses", "%s: %s", partition, due);
        }
        expected.forEachRemaining(left -> anomalies.add("announced: misses", "%s: %s", partition, left));
    }

    private boolean isSo(Announcement announced) {
        Version version = truth.version(announced.key(), Objects.requireNonNull(announced.revision()));
        return version != null && version.digest() == announced.digest() && version.offset() == announced.source();
    }

    /** @param sources of the records among the dead letters, at least once each */
    void deadLetters(Collection<String> sources) {
        Set<String> missing = new TreeSet<>(truth.deadLetters());
        missing.removeAll(Set.copyOf(sources));
        missing.forEach(source -> anomalies.add("dead letter: misses", "%s", source));
        Set<String> more = new TreeSet<>(sources);
        more.removeAll(truth.deadLetters());
        more.forEach(source -> anomalies.add("dead letter: of no such event", "%s", source));
    }

    /** What Redis says of a partition: all changes in [from, to) have gone there. */
    record Mark(long from, long to) {}

    /**
     * An entry in Redis.
     *
     * @param digest null: it may not be used, and cannot be seen
     * @param asOf the source position up to which it was current
     * @param ttl in milliseconds; negative: for ever
     */
    record Entry(String key, Revision revision, @Nullable Long digest, long asOf, long ttl) {}

    /** @param mark null: there is none @param stored the next offset of that partition @param longest that an entry may live, in milliseconds */
    void cached(Partition partition, @Nullable Mark mark, Collection<Entry> entries, long stored, long longest) {
        if (mark != null && mark.to() > stored) {
            anomalies.add("cache: ahead of the store", "%s: %s (expected: at most %d)", partition, mark, stored);
        }
        for (Entry entry : entries) {
            Version last = truth.last(entry.key());
            Version version = truth.version(entry.key(), entry.revision());
            if (version == null || entry.digest() != null && version.digest() != entry.digest()) {
                anomalies.add("cache: was never so", "%s: %s", partition, entry);
            } else if (mark != null && mark.to() >= stored && entry.asOf() >= mark.from() && !version.equals(last)) {
                anomalies.add("cache: old and in use", "%s: %s, mark %s (expected: %s)", partition, entry, mark, last);
            }
            if (entry.ttl() < 0 || entry.ttl() > longest) {
                anomalies.add("cache: lives too long", "%s: %s (expected: at most %d ms)", partition, entry, longest);
            }
        }
    }

    void ledger(Ledger ledger) {
        ledger.sent().forEach(this::acknowledged);
        for (Identity identity : truth.identities()) {
            if (ledger.of(identity) == null) {
                anomalies.add("log: nobody sent", "%s", identity);
            }
        }
        ledger.ordered().forEach(this::inOrder);
        ledger.reads().forEach(this::read);
    }

    private void acknowledged(Sent sent) {
        Answer answer = sent.answer;
        Fate fate = truth.fate(sent.identity);
        if (answer == null) {
            return;
        }
        if (answer instanceof Answer.Unreadable(String position)) {
            if (!truth.unreadable().contains(position)) {
                anomalies.add("acknowledged and lost", "%s", sent);
            }
            return;
        }
        if (fate == null) {
            anomalies.add("acknowledged and lost", "%s", sent);
            return;
        }
        boolean told = switch (answer) {
            case Answer.Accepted accepted -> fate.effects > 0 || !fate.rejections.isEmpty();
            case Answer.Rejected rejected -> fate.rejections.stream().anyMatch(rejected.reason()::equals);
            case Answer.Resolved resolved -> isSo(sent.key, resolved, fate);
            case Answer.Unreadable unreadable -> true;
        };
        if (!told) {
            anomalies.add(
                    "told otherwise",
                    "%s (expected: %s %s, rejections %s)",
                    sent,
                    fate.resolution,
                    fate.after,
                    fate.rejections);
        }
    }

    /** A repeat is answered with what there was when it came. */
    private boolean isSo(String key, Answer.Resolved answer, Fate fate) {
        Revision revision = answer.revision();
        Version version = revision == null ? null : truth.version(key, revision);
        boolean wasSo =
                revision == null || version != null && (answer.digest() == null || answer.digest() == version.digest());
        return answer.resolution().equals("duplicate")
                ? wasSo && fate.effects > 0 && (fate.after == null || revision != null && !fate.after.isAfter(revision))
                : wasSo && answer.resolution().equals(fate.resolution) && Objects.equals(revision, fate.after);
    }

    private void inOrder(List<Identity> identities) {
        long last = -1;
        for (Identity identity : identities) {
            Fate fate = truth.fate(identity);
            if (fate != null && fate.firstOffset <= last) {
                anomalies.add("log: out of the order of the request", "%s", identities);
            }
            last = fate == null ? last : fate.firstOffset;
        }
    }

    private void read(Read read) {
        Version version = read.version() == null ? null : truth.version(read.key(), read.version());
        if (read.version() != null && (version == null || version.digest() != read.digest())) {
            anomalies.add("read: was never so", "%s", read);
        } else if (read.at() != null) {
            Version then = truth.at(read.key(), read.at());
            if (!Objects.equals(then, version)) {
                anomalies.add("read: of another time", "%s (expected: %s)", read, then);
            }
        } else if (read.atLeast() != null && (version == null || read.atLeast().isAfter(version.revision()))) {
            anomalies.add("read: older than what was told", "%s", read);
        }
    }

    /** What a node shows of a context in the end. @param revision null: nothing, or not any more */
    record Shown(@Nullable Revision revision, long digest) {}

    /** @param shown by key: of each that ever was */
    void shown(String who, Map<String, Shown> shown) {
        shown.forEach((key, now) -> {
            Version last = truth.last(key);
            Shown expected =
                    new Shown(last == null ? null : last.revision(), last == null ? Version.DELETED : last.digest());
            if (!expected.equals(now)) {
                anomalies.add("shown: differs", "%s: %s %s (expected: %s)", who, key, now, expected);
            }
        });
    }

    void watched(Watch watch) {
        watch.check(truth, anomalies);
    }

    /**
     * A context to which only changes were written that set a member of their own, each; the resolver has no part in this.
     *
     * @param members that it has in the end
     */
    void tally(String key, long version, Set<String> members, Ledger ledger) {
        Set<String> lost = new TreeSet<>();
        Set<String> invented = new TreeSet<>(members);
        events(key, ledger).forEach(sent -> {
            String member = member(sent.identity);
            invented.remove(member);
            if (sent.answer != null && !members.contains(member)) {
                lost.add(member);
            }
        });
        if (!lost.isEmpty() || !invented.isEmpty() || version != members.size()) {
            anomalies.add(
                    "tally",
                    "%s at version %d with %d members: lost %s, never sent %s",
                    key,
                    version,
                    members.size(),
                    lost,
                    invented);
        }
    }

    private static List<Sent> events(String key, Ledger ledger) {
        return ledger.sent().stream()
                .filter(sent -> sent.key.equals(key) && !(sent.answer instanceof Answer.Unreadable))
                .toList();
    }

    static String member(Identity identity) {
        return identity.writer() + " " + identity.eventId();
    }

    /** A counter to which only one was added, each time. */
    void counter(String key, long value, Ledger ledger) {
        long least = 0;
        long most = 0;
        for (Sent sent : events(key, ledger)) {
            least += sent.answer == null ? 0 : 1;
            most++;
        }
        if (value < least || value > most) {
            anomalies.add("counter", "%s: %d (expected: %d to %d)", key, value, least, most);
        }
    }
}
