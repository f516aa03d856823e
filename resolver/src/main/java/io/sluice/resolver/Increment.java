package io.sluice.resolver;

import java.math.BigDecimal;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;

/**
 * What one writer has added to a counter with the events of one range of its own counters. Mostly that is one event; of very
 * many the oldest are taken together.
 *
 * @param last in log time
 */
record Increment(String writer, long from, long to, BigDecimal amount, Instant last) {

    /** So many are told apart in one counter. */
    static final int MAX_COUNT = 256;

    static Increment of(Stamp stamp, BigDecimal amount) {
        return new Increment(stamp.writer(), stamp.counter(), stamp.counter(), amount, stamp.logTime());
    }

    static List<Increment> with(List<Increment> increments, Increment latest) {
        List<Increment> all = new ArrayList<>(increments.size() + 1);
        boolean taken = false;
        for (Increment increment : increments) {
            boolean within = increment.writer.equals(latest.writer)
                    && latest.from > increment.from
                    && latest.from < increment.to;
            all.add(within ? increment.plus(latest) : increment);
            taken |= within;
        }
        if (!taken) {
            all.add(latest);
        }
        if (all.size() > MAX_COUNT) {
            mergeTwo(all);
        }
        return List.copyOf(all);
    }

    /** Of the writer of the oldest, its two lowest become one. Where each writer has one only, more than the bound are kept. */
    private static void mergeTwo(List<Increment> all) {
        for (int i = 0; i < all.size(); i++) {
            int next = nextOfWriter(all, i);
            if (next >= 0) {
                Increment higher = all.remove(next);
                all.set(i, all.get(i).plus(higher));
                return;
            }
        }
    }

    /** The index of the one that follows upon that one in the writer's counters, or -1. */
    private static int nextOfWriter(List<Increment> all, int of) {
        int next = -1;
        for (int i = 0; i < all.size(); i++) {
            Increment candidate = all.get(i);
            if (candidate.writer.equals(all.get(of).writer)
                    && candidate.from > all.get(of).from
                    && (next < 0 || candidate.from < all.get(next).from)) {
                next = i;
            }
        }
        return next;
    }

    private Increment plus(Increment other) {
        return new Increment(
                writer,
                Math.min(from, other.from),
                Math.max(to, other.to),
                amount.add(other.amount),
                last.isAfter(other.last) ? last : other.last);
    }

    /**
     * Those that the event has not seen.
     *
     * @throws Refusal if it has seen a part of what was taken together
     */
    static List<Increment> unseenBy(Stamp stamp, List<Increment> increments) {
        if (increments.isEmpty()) {
            return increments;
        }
        List<Increment> unseen = new ArrayList<>();
        for (Increment increment : increments) {
            long seen = stamp.clock().counter(increment.writer);
            if (seen >= increment.from && seen < increment.to) {
                throw new Refusal(
                        Resolution.Reason.TOO_LATE,
                        "clock: writer \"" + Texts.shown(increment.writer) + "\" at " + seen
                                + ", among additions to a counter that are no longer told apart (expected: at least "
                                + increment.to + ")");
            }
            if (seen < increment.from) {
                unseen.add(increment);
            }
        }
        return List.copyOf(unseen);
    }

    static BigDecimal sum(List<Increment> increments) {
        return increments.stream().map(Increment::amount).reduce(BigDecimal.ZERO, BigDecimal::add);
    }
}
