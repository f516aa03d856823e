package io.sluice.gateway.repair;

import io.sluice.backpressure.ContextType;
import io.sluice.backpressure.DeadLetters;
import io.sluice.backpressure.EventCodec;
import io.sluice.backpressure.KafkaLogReader.Extent;
import io.sluice.backpressure.LogRecord;
import io.sluice.cache.RedisContents.Held;
import io.sluice.cache.RedisContents.Mark;
import io.sluice.gateway.journal.Audit;
import io.sluice.gateway.journal.Audit.Event;
import io.sluice.gateway.journal.Audit.Reach;
import io.sluice.gateway.journal.Audit.Stated;
import io.sluice.resolver.ContextEvent;
import io.sluice.resolver.ContextException;
import io.sluice.resolver.ContextKey;
import io.sluice.resolver.ContextState;
import io.sluice.resolver.Document;
import io.sluice.resolver.Partition;
import java.io.PrintStream;
import java.util.Arrays;
import java.util.Collection;
import java.util.Collections;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Compares the log with the journal, the journal with the states, and the states with Redis, partition by partition, and names
 * what does not agree. Changes nothing, and may run beside gateways: log, journal and states are compared as they were at one
 * moment, and an entry in Redis only with what its partition's mark says of it.
 */
final class Verify {

    /** Rows that are missing may have a dead letter in their place: so many of them are looked for. */
    private static final int MAX_LOOKED_FOR = 10_000;

    private static final int REPEATS = 2;

    private static final Reach NOTHING = new Reach(0, 0);

    private final Stored stored;
    private final EventCodec codec;
    private final PrintStream out;
    private final Findings findings = new Findings();
    private final Map<String, String> unjournaled = new LinkedHashMap<>();

    Verify(Stored stored, EventCodec codec, PrintStream out) {
        this.stored = stored;
        this.codec = codec;
        this.out = out;
    }

    /** What was compared in one partition. */
    private static final class Tally {
        private final Checksum log = new Checksum();
        private final Checksum journal = new Checksum();
        private final Checksum states = new Checksum();
        private final Checksum expected = new Checksum();
        private final Checksum redis = new Checksum();
        private final Checksum cached = new Checksum();
        private Reach reach = NOTHING;
        private long ahead;
        private long unreadable;
        private long older;
        private long dropped;
        private long unused;
    }

    /** @return how many differences there are */
    long run(Collection<ContextType> types) {
        Checksum all = new Checksum();
        for (ContextType type : types) {
            Map<Integer, Tally> tallies = new TreeMap<>();
            type.allPartitions().forEach(partition -> tallies.put(partition.number(), new Tally()));
            try (Audit audit = Audit.ofOneMoment(stored.database())) {
                Map<Integer, Reach> progress = audit.progress(type.topic());
                for (Partition partition : type.allPartitions()) {
                    Tally tally = of(tallies, partition);
                    tally.reach = progress.getOrDefault(partition.number(), NOTHING);
                    compareLog(audit, type, partition, tally);
                }
                compareStates(audit, type, tallies);
            }
            try (Audit now = Audit.ofNow(stored.database())) {
                type.allPartitions().forEach(partition -> compareCache(now, partition, of(tallies, partition)));
            }
            tallies.forEach((number, tally) -> print(new Partition(type.topic(), number), tally));
            tallies.values().forEach(tally -> all.next(tally.journal.toString()));
        }
        dropDeadLetters();
        unjournaled.forEach((position, what) -> findings.add("The journal misses", position + ": " + what));
        findings.print(out);
        long count = findings.count();
        out.printf(
                "%n%s in %d types, %,d partitions%n",
                count == 0 ? "No differences" : "%,d differences".formatted(count), types.size(), all.count());
        return count;
    }

    private static Tally of(Map<Integer, Tally> tallies, Partition partition) {
        return Objects.requireNonNull(tallies.get(partition.number()));
    }

    private void print(Partition partition, Tally tally) {
        StringBuilder line =
                new StringBuilder("%s up to %,d: log %s, journal %s, states %s, journal's last %s, redis %s, store's %s"
                        .formatted(
                                partition,
                                tally.reach.next(),
                                tally.log,
                                tally.journal,
                                tally.states,
                                tally.expected,
                                tally.redis,
                                tally.cached));
        note(line, tally.unreadable, "unreadable, in the dead letters");
        note(line, tally.older, "in the journal only: the log has dropped them");
        note(line, tally.dropped, "in the log only: the journal has dropped what became of them");
        note(line, tally.unused, "entries in Redis that nobody uses");
        note(line, tally.ahead, "not folded yet");
        out.println(line);
    }

    private static void note(StringBuilder line, long count, String what) {
        if (count > 0) {
            line.append("; %,d %s".formatted(count, what));
        }
    }

    private void compareLog(Audit audit, ContextType type, Partition partition, Tally tally) {
        Extent extent = stored.log().extent(partition);
        if (extent.end() < tally.reach.next()) {
            findings.add(
                    "The log is cut",
                    "%s ends at %d, and events up to %d are stored"
                            .formatted(partition, extent.end(), tally.reach.next()));
        }
        if (extent.begin() > tally.reach.next()) {
            findings.add(
                    "The log has dropped events that were not folded",
                    "%s begins at %d, and events up to %d are stored"
                            .formatted(partition, extent.begin(), tally.reach.next()));
        }
        tally.ahead = Math.max(0, extent.end() - Math.max(tally.reach.next(), extent.begin()));
        long to = Math.min(tally.reach.next(), extent.end());
        long from = Math.max(extent.begin(), tally.reach.keptFrom());
        tally.dropped = Math.min(from, to) - Math.min(extent.begin(), to);
        Iterator<LogRecord> log = from < to ? stored.log().read(partition, from, to) : Collections.emptyIterator();
        Iterator<Event> rows = audit.events(partition);
        Event row = next(rows, partition);
        while (row != null && row.offset() < from) {
            tally.older++;
            row = next(rows, partition);
        }
        while (log.hasNext()) {
            LogRecord record = log.next();
            long offset = record.position().offset();
            while (row != null && row.offset() < offset) {
                ofNoEvent(row, partition, tally);
                row = next(rows, partition);
            }
            if (row != null && row.offset() == offset) {
                compare(record, row, type, tally);
                row = next(rows, partition);
            } else {
                requireUnreadable(record, type, tally);
            }
        }
        while (row != null) {
            ofNoEvent(row, partition, tally);
            row = next(rows, partition);
        }
    }

    private @Nullable Event next(Iterator<Event> rows, Partition partition) {
        if (!rows.hasNext()) {
            return null;
        }
        Event row = rows.next();
        if (row.unstated()) {
            findings.add(
                    "A state is missing", "%s, changed by %s@%d".formatted(name(row.key()), partition, row.offset()));
        }
        return row;
    }

    private void ofNoEvent(Event row, Partition partition, Tally tally) {
        tally.journal.next(text(row));
        findings.add(
                row.offset() < tally.reach.next()
                        ? "The journal has events that the log does not have"
                        : "The journal has events behind those that are stored",
                "%s@%d: %s".formatted(partition, row.offset(), shown(row)));
    }

    private static String text(Event row) {
        return row.offset() + " " + row.key() + " " + row.identity() + " " + row.content();
    }

    private static String shown(Event row) {
        return "event \"%s\" of \"%s\" for %s"
                .formatted(row.identity().eventId(), row.identity().writer(), name(row.key()));
    }

    private void compare(LogRecord record, Event row, ContextType type, Tally tally) {
        ContextEvent event = read(record, type);
        if (event == null) {
            return; // What is read was less strict when it was folded.
        }
        Event expected = event(record, event);
        tally.log.next(text(expected));
        tally.journal.next(text(row));
        if (!text(expected).equals(text(row))) {
            findings.add(
                    "The journal says otherwise than the log",
                    "%s: %s, content %s (the log: %s, content %s)"
                            .formatted(
                                    record.position(), shown(row), row.content(), shown(expected), expected.content()));
        }
    }

    private static Event event(LogRecord record, ContextEvent event) {
        return new Event(
                record.position().offset(),
                event.key(),
                event.identity(),
                event.content().toString(),
                false);
    }

    private void requireUnreadable(LogRecord record, ContextType type, Tally tally) {
        ContextEvent event = read(record, type);
        if (event == null) {
            tally.unreadable++;
            return;
        }
        tally.log.next(text(event(record, event)));
        String what = shown(event(record, event));
        if (unjournaled.size() < MAX_LOOKED_FOR) {
            unjournaled.put(record.position().toString(), what);
        } else {
            findings.add("The journal misses", record.position() + ": " + what);
        }
    }

    /** Null: it cannot be read, and is a dead letter. */
    private @Nullable ContextEvent read(LogRecord record, ContextType type) {
        try {
            return codec.read(record, type);
        } catch (ContextException e) {
            return null;
        }
    }

    /** An event of which PostgreSQL took nothing at all has a dead letter, and no row. */
    private void dropDeadLetters() {
        if (unjournaled.isEmpty()) {
            return;
        }
        Partition letters = new Partition(DeadLetters.TOPIC, 0);
        Extent extent = stored.log().extent(letters);
        Iterator<LogRecord> read = extent.begin() < extent.end()
                ? stored.log().read(letters, extent.begin(), extent.end())
                : Collections.emptyIterator();
        while (read.hasNext()) {
            LogRecord letter = read.next();
            String source = DeadLetters.source(letter);
            if (source != null && DeadLetters.standsAlone(letter)) {
                unjournaled.remove(source);
            }
        }
    }

    private void compareStates(Audit audit, ContextType type, Map<Integer, Tally> tallies) {
        Iterator<Stated> states = audit.states(type.name());
        while (states.hasNext()) {
            Stated state = states.next();
            Tally tally = of(tallies, type.partitionOf(state.key().id()));
            String name = name(state.key());
            if (state.visible()) {
                tally.states.add(name, state.digest().digest());
            }
            if (state.expected() != null) {
                tally.expected.add(name, state.expected().digest());
            }
            if (state.visible() && state.expected() == null && state.offset() < tally.reach.keptFrom()) {
                continue; // The journal has dropped it.
            }
            if (state.visible() && state.expected() == null) {
                findings.add(
                        "A state is of no event", name + " at " + state.digest().revision());
            } else if (state.expected() != null && !state.digest().equals(state.expected())) {
                findings.add(
                        "A state is not what the journal says",
                        "%s at %s (the journal: %s)"
                                .formatted(
                                        name,
                                        state.visible() ? state.digest().revision() : "no version",
                                        state.expected()
                                                        .revision()
                                                        .equals(state.digest().revision())
                                                ? "the same, with another content"
                                                : state.expected().revision()));
            } else if (state.visible() && !state.sameClock()) {
                findings.add("A state has another clock than the journal", name);
            }
        }
    }

    /**
     * What is read first may only be older than what is read later: the mark, then the entries, then the store. So nothing that
     * is stored meanwhile can look like a difference.
     */
    private void compareCache(Audit now, Partition partition, Tally tally) {
        Mark mark = stored.redis().mark(partition);
        long next = now.progress(partition.topic())
                .getOrDefault(partition.number(), NOTHING)
                .next();
        if (mark != null && mark.to() > next) {
            findings.add(
                    "Redis is ahead of PostgreSQL",
                    "the mark of %s is at %d (stored: up to %d)".formatted(partition, mark.to(), next));
        }
        stored.redis().forEach(partition, page -> compareCache(now, partition, mark, page, tally));
    }

    private void compareCache(Audit now, Partition partition, @Nullable Mark mark, List<Held> page, Tally tally) {
        Map<ContextKey, ContextState> states = now.states(keys(page));
        for (Held held : page) {
            ContextState entry = held.state();
            ContextState state = entry == null ? null : states.get(entry.key());
            if (!held.isUsable(mark)) {
                tally.unused++;
            }
            if (entry != null && held.isUsable(mark)) {
                tally.redis.add(name(entry.key()), Arrays.hashCode(json(entry)));
                tally.cached.add(name(entry.key()), state == null ? 0 : Arrays.hashCode(json(state)));
            }
            String difference = difference(held, mark, state);
            if (difference != null) {
                difference = lasting(now, partition, held.key());
            }
            if (difference != null) {
                findings.add("Redis says otherwise than PostgreSQL", held.key() + " " + difference);
            }
        }
    }

    private static List<ContextKey> keys(List<Held> page) {
        return page.stream()
                .map(Held::state)
                .filter(Objects::nonNull)
                .map(ContextState::key)
                .toList();
    }

    private @Nullable String lasting(Audit now, Partition partition, String key) {
        String difference = null;
        for (int i = 0; i < REPEATS; i++) {
            Mark mark = stored.redis().mark(partition);
            Held held = stored.redis().at(partition, key);
            if (held == null) {
                return null;
            }
            difference = difference(
                    held,
                    mark,
                    now.states(keys(List.of(held))).values().stream()
                            .findFirst()
                            .orElse(null));
            if (difference == null) {
                return null;
            }
        }
        return difference;
    }

    /** What is wrong with an entry, as far as it can be known; null: nothing. @param state read after the entry, and that after the mark */
    private static @Nullable String difference(Held held, @Nullable Mark mark, @Nullable ContextState state) {
        ContextState entry = held.state();
        if (entry == null) {
            return null; // No reader takes it.
        }
        if (state == null) {
            return "is at %s (PostgreSQL: nothing)".formatted(entry.revision());
        }
        // However useless it is now: it would never be replaced.
        if (entry.revision().isAfter(state.revision())) {
            return "is at %s (PostgreSQL: only %s)".formatted(entry.revision(), state.revision());
        }
        if (!held.isUsable(mark)) {
            return null;
        }
        if (state.revision().isAfter(entry.revision())) {
            return mark != null && state.position().offset() < mark.to()
                    ? "is still at %s (PostgreSQL: %s, and the mark says that it came here)"
                            .formatted(entry.revision(), state.revision())
                    : null;
        }
        return isSame(entry, state)
                ? null
                : "is at %s, with another content than in PostgreSQL".formatted(entry.revision());
    }

    /** Not by clocks: that of a state may rise with events that nobody sees, and that do not go to Redis. */
    private static boolean isSame(ContextState a, ContextState b) {
        return Arrays.equals(json(a), json(b))
                && a.cause().equals(b.cause())
                && a.position().equals(b.position())
                && a.marks().equals(b.marks());
    }

    private static byte[] json(ContextState state) {
        Document document = state.document();
        return document == null ? new byte[0] : document.json();
    }

    static String name(ContextKey key) {
        return key.tenant().equals(ContextKey.DEFAULT_TENANT) ? key.path() : key.tenant() + ":" + key.path();
    }
}
