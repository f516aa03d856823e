package io.sluice.loadtest;

import java.util.BitSet;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * What a run has come to.
 *
 * @param expected deliveries: every update that was acknowledged, and every other that anybody saw, to every watcher
 * @param missing deliveries of them that did not come
 * @param watchersMissing watchers to whom they did not come
 * @param gaps versions that did not come, of whatever update
 * @param latencies from when an update was due until a watcher had it
 * @param trouble the first thing that went wrong
 */
record Report(
        int published,
        int acknowledged,
        int refused,
        int unknown,
        long expected,
        long seen,
        long missing,
        int watchersMissing,
        long repeated,
        long outOfOrder,
        long gaps,
        int resets,
        int streamsEnded,
        Latencies latencies,
        @Nullable String trouble) {

    static Report of(Publisher publisher, List<Received> watchers, Tally tally) {
        BitSet expected = publisher.acknowledged();
        watchers.forEach(watcher -> expected.or(watcher.stamps()));
        long missing = 0;
        int watchersMissing = 0;
        for (Received watcher : watchers) {
            BitSet lost = (BitSet) expected.clone();
            lost.andNot(watcher.stamps());
            missing += lost.cardinality();
            watchersMissing += lost.isEmpty() ? 0 : 1;
        }
        return new Report(
                publisher.published(),
                publisher.acknowledgedCount(),
                publisher.refused(),
                publisher.unknown(),
                (long) expected.cardinality() * watchers.size(),
                (long) expected.cardinality() * watchers.size() - missing,
                missing,
                watchersMissing,
                watchers.stream().mapToLong(Received::repeated).sum(),
                watchers.stream().mapToLong(Received::outOfOrder).sum(),
                watchers.stream().mapToLong(Received::missing).sum(),
                watchers.stream().mapToInt(Received::resets).sum(),
                tally.streamsEnded(),
                tally.latencies(),
                tally.trouble());
    }

    /** Whether the promise was kept, and put to the test at all. */
    boolean isKept() {
        return acknowledged > 0
                && missing == 0
                && repeated == 0
                && outOfOrder == 0
                && gaps == 0
                && resets == 0
                && streamsEnded == 0;
    }

    String text() {
        StringBuilder text = new StringBuilder();
        line(
                text,
                "updates acknowledged",
                acknowledged + " of " + published + " (" + refused + " refused, " + unknown + " unknown)");
        line(text, "deliveries seen", seen + " of " + expected + " expected");
        line(text, "missing", missing + " at " + watchersMissing + " watchers, and " + gaps + " gaps in versions");
        line(text, "repeated", repeated);
        line(text, "out of order", outOfOrder);
        line(text, "resets, ended streams", resets + ", " + streamsEnded);
        line(text, "latency", latency(latencies) + ", from due to arrival, of " + latencies.total() + " deliveries");
        if (trouble != null) {
            line(text, "first trouble", trouble);
        }
        line(text, "result", isKept() ? "every update came to everyone, once and in order" : "NOT what is promised");
        return text.toString();
    }

    static String latency(Latencies latencies) {
        if (latencies.total() == 0) {
            return "no latency yet";
        }
        return String.format(
                Locale.ROOT,
                "p50 %.1f ms, p99 %.1f ms, max %.1f ms",
                latencies.percentile(0.5) / 1e6,
                latencies.percentile(0.99) / 1e6,
                latencies.max() / 1e6);
    }

    private static void line(StringBuilder text, String name, Object value) {
        text.append(String.format(Locale.ROOT, "%-22s%s%n", name, value));
    }
}
