package io.sluice.gateway.repair;

import io.sluice.backpressure.ContextType;
import io.sluice.backpressure.EventCodec;
import io.sluice.backpressure.KafkaAppender;
import io.sluice.backpressure.KafkaLogReader.Extent;
import io.sluice.backpressure.LogRecord;
import io.sluice.backpressure.RebuiltNotice;
import io.sluice.gateway.journal.Audit;
import io.sluice.gateway.journal.Audit.Reach;
import io.sluice.gateway.journal.Rebuilding;
import io.sluice.gateway.journal.Rebuilding.Row;
import io.sluice.resolver.ContextEvent;
import io.sluice.resolver.ContextException;
import io.sluice.resolver.ContextKey;
import io.sluice.resolver.Partition;
import io.sluice.resolver.Remembered;
import io.sluice.resolver.Resolver;
import io.sluice.resolver.UnavailableException;
import java.io.PrintStream;
import java.time.Duration;
import java.time.Instant;
import java.util.Collection;
import java.util.Collections;
import java.util.HashMap;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Makes states again, from what was said in the journal and what is in the log, then what Redis has of them, and tells all nodes.
 * May run beside gateways and beside itself: each partition is put in its place in one transaction, during which nobody else
 * stores anything in it. Ended at any point, it can be run again.
 */
final class Rebuild {

    /** With so many events left, nobody is kept waiting for long. */
    private static final long FEW = 1_000;

    private static final int CATCH_UPS = 10;
    private static final Duration TELL_TIMEOUT = Duration.ofSeconds(30);

    private final Stored stored;
    private final KafkaAppender appender;
    private final EventCodec codec;
    private final PrintStream out;

    Rebuild(Stored stored, KafkaAppender appender, EventCodec codec, PrintStream out) {
        this.stored = stored;
        this.appender = appender;
        this.codec = codec;
        this.out = out;
    }

    void run(Collection<ContextType> types) {
        types.forEach(this::rebuild);
    }

    private void rebuild(ContextType type) {
        long begin = System.nanoTime();
        long events = 0;
        for (Partition partition : type.allPartitions()) {
            OnePartition one = new OnePartition(type, partition);
            one.states();
            refill(type, partition);
            events += one.events;
            out.println(one.told());
        }
        tell(type);
        double seconds = (System.nanoTime() - begin) / 1e9;
        out.printf(
                "%s is rebuilt: %,d events in %.1f s, %,.0f a second%n",
                type.name(), events, seconds, events / seconds);
    }

    private void tell(ContextType type) {
        appender.appendAll(List.of(RebuiltNotice.of(type, Instant.now())))
                .timeout(TELL_TIMEOUT)
                .onErrorMap(e -> new UnavailableException(
                        "log-unavailable",
                        "The states of " + type.name()
                                + " are made, but the nodes are not told, since Kafka does not take it"
                                + " (expected: run it again): " + e.getMessage(),
                        e))
                .block();
    }

    /** After the states: whoever fills in from them meanwhile takes what is right. */
    private void refill(ContextType type, Partition partition) {
        stored.redis().drop(partition);
        try (Audit audit = Audit.ofOneMoment(stored.database())) {
            Reach reach = audit.progress(type.topic()).get(partition.number());
            if (reach != null) {
                stored.redis().fill(partition, reach.next(), audit.pages(type.name(), partition.number()));
            }
        }
    }

    /** The states of one partition. */
    private final class OnePartition {

        private final ContextType type;
        private final Partition partition;
        private final Refold refold;
        private final Extent extent;
        private long events;
        private long unread;
        private long changed;
        private long from;

        OnePartition(ContextType type, Partition partition) {
            this.type = type;
            this.partition = partition;
            this.refold = new Refold(Resolver.of(type.bounds(), type.policies()));
            this.extent = stored.log().extent(partition);
        }

        void states() {
            try (Rebuilding work = new Rebuilding(stored.database(), partition, extent.begin())) {
                from = work.from();
                long at = 0;
                for (int i = 0; i < CATCH_UPS && work.stored() - at > FEW; i++) {
                    at = fold(work, at, work.stored());
                }
                fold(work, at, work.take());
                changed = work.finish();
            }
        }

        private long fold(Rebuilding work, long from, long to) {
            Log log = new Log(partition, Math.max(from, extent.begin()), to);
            long at = from;
            for (List<Row> rows = work.rows(at, to); !rows.isEmpty(); rows = work.rows(at, to)) {
                Map<ContextKey, Remembered> known =
                        work.load(rows.stream().map(Row::key).collect(Collectors.toSet()));
                Map<ContextKey, Remembered> changes = new HashMap<>();
                for (Row row : rows) {
                    Remembered before = known.getOrDefault(row.key(), Remembered.NOTHING);
                    Remembered after =
                            refold.next(before, row, event(log.at(row.position().offset()), row));
                    if (after != before) {
                        known.put(row.key(), after);
                        changes.put(row.key(), after);
                    }
                }
                work.save(changes, at);
                events += rows.size();
                at = rows.getLast().position().offset() + 1;
            }
            return to;
        }

        /** As it was folded: in the journal's time, which never falls. Null: the log does not have it, or has another in its place. */
        private @Nullable ContextEvent event(@Nullable LogRecord record, Row row) {
            try {
                if (record != null) {
                    ContextEvent event = codec.read(
                            new LogRecord(row.position(), record.key(), record.value(), record.headers()), type);
                    if (event.key().equals(row.key())
                            && event.identity().equals(row.identity())
                            && event.content().toString().equals(row.content())) {
                        return event;
                    }
                }
            } catch (ContextException e) {
                // What is read was less strict when it was folded.
            }
            unread++;
            return null;
        }

        String told() {
            StringBuilder line = new StringBuilder(
                    "%s: %,d events folded, %,d states were otherwise".formatted(partition, events, changed));
            if (from > 0) {
                line.append("; log and journal begin at %,d: contexts from before are as the journal has them"
                        .formatted(from));
            }
            if (unread > 0) {
                line.append("; of %,d events the log does not have what the journal says, or nothing that can be read"
                        .formatted(unread));
            }
            if (refold.otherwise() > 0) {
                line.append("; %,d events would be decided otherwise today, and stand as they were said"
                        .formatted(refold.otherwise()));
            }
            return line.toString();
        }
    }

    /** A stretch of the log, asked by offsets that rise. */
    private final class Log {

        private final Iterator<LogRecord> records;
        private @Nullable LogRecord last;

        Log(Partition partition, long from, long to) {
            long end = Math.min(to, stored.log().extent(partition).end());
            this.records = from < end ? stored.log().read(partition, from, end) : Collections.emptyIterator();
        }

        @Nullable
        LogRecord at(long offset) {
            while ((last == null || last.position().offset() < offset) && records.hasNext()) {
                last = records.next();
            }
            return last != null && last.position().offset() == offset ? last : null;
        }
    }
}
