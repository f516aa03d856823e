package io.sluice.resolver;

import java.math.BigDecimal;
import java.time.Instant;
import java.util.Comparator;

/**
 * What one writer has added to a counter with the events of one range of its own counters. Mostly that is one event; of very
 * many the oldest are taken together.
 *
 * @param last in log time
 */
record Increment(String writer, long from, long to, BigDecimal amount, Instant last) {

    static final Comparator<Increment> BY_WRITER =
            Comparator.comparing(Increment::writer).thenComparingLong(Increment::from);

    static Increment of(Stamp stamp, BigDecimal amount) {
        return new Increment(stamp.writer(), stamp.counter(), stamp.counter(), amount, stamp.logTime());
    }

    /** Whether that one is of the same writer, and between what was taken together. */
    boolean spans(Increment other) {
        return writer.equals(other.writer) && other.from > from && other.from < to;
    }

    Increment plus(Increment other) {
        return new Increment(
                writer,
                Math.min(from, other.from),
                Math.max(to, other.to),
                amount.add(other.amount),
                last.isAfter(other.last) ? last : other.last);
    }

    /** @throws Refusal if the event has seen a part of what was taken together */
    boolean isSeenBy(Stamp stamp) {
        long seen = stamp.clock().counter(writer);
        if (seen >= from && seen < to) {
            throw new Refusal(
                    Resolution.Reason.TOO_LATE,
                    "clock: writer \"" + Texts.shown(writer) + "\" at " + seen
                            + ", among additions to a counter that are no longer told apart (expected: at least " + to
                            + ")");
        }
        return seen >= to;
    }
}
