package io.sluice.resolver;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * What is known of a context beside its document, so that a late or concurrent event finds its place. Immutable.
 *
 * @param root of the tracked writes. What stands in the document and is not tracked was written before the horizon
 * @param documents that are edited by operations, by path
 */
public record Registers(RegisterNode root, SortedMap<String, SharedDocument> documents, Past past) {

    public static final Registers NONE = new Registers(RegisterNode.EMPTY, new TreeMap<>(), Past.NONE);

    /** So many events are tracked, about ... */
    static final int MAX_EVENTS = 1_024;

    /** ... and so many of their writes. The oldest are no longer tracked then, whatever the horizon. */
    static final int MAX_WRITES = 16_384;

    /** So many versions back a writer may name as its base. */
    static final int MAX_VERSIONS = 64;

    public Registers {
        documents = Collections.unmodifiableSortedMap(documents);
    }

    /**
     * What was, in a few words.
     *
     * @param dots of the events with clocks that were folded
     * @param seen what all events together had seen
     * @param horizon what is no longer tracked: an event in it that was not folded is too late
     * @param versions what was seen at the latest versions, the newest last
     * @param writes at most so many are tracked
     * @param sweepAt when there are so many ...
     * @param swept ... or some time after this, in log time, it is looked what can be forgotten
     */
    record Past(
            Dots dots,
            VersionVector seen,
            VersionVector horizon,
            List<VersionVector> versions,
            int writes,
            int sweepAt,
            Instant swept) {

        static final Past NONE =
                new Past(Dots.NONE, VersionVector.EMPTY, VersionVector.EMPTY, List.of(), 0, MAX_EVENTS, Instant.EPOCH);

        Past folded(Stamp stamp, int written) {
            return new Past(
                    stamp.content() == null ? dots : dots.with(stamp.writer(), stamp.counter()),
                    seen.merge(stamp.told()),
                    horizon,
                    versions,
                    writes + written,
                    sweepAt,
                    swept);
        }

        Past version(VersionVector clock) {
            int from = versions.size() < MAX_VERSIONS ? 0 : 1;
            List<VersionVector> more = new ArrayList<>(versions.size() + 1);
            more.addAll(versions.subList(from, versions.size()));
            more.add(clock);
            return new Past(dots, seen, horizon, Collections.unmodifiableList(more), writes, sweepAt, swept);
        }

        Past swept(VersionVector forgotten, int left, Instant now) {
            return new Past(dots, seen, horizon.merge(forgotten), versions, left, Math.max(MAX_EVENTS, 2 * left), now);
        }

        /** What was seen at that version; null if that is no longer known. */
        @Nullable
        VersionVector at(long version, long current) {
            long back = current - version;
            return back >= 0 && back < versions.size() ? versions.get((int) (versions.size() - 1 - back)) : null;
        }
    }

    /** Of a context of which no more is known than what was seen of it: all that is behind the horizon. */
    public static Registers behind(VersionVector seen) {
        Past past = new Past(Dots.NONE, seen, seen, List.of(), 0, MAX_EVENTS, Instant.EPOCH);
        return new Registers(RegisterNode.EMPTY, new TreeMap<>(), past);
    }

    /** About how many bytes of memory they take beside the document. */
    public long weight() {
        return 200L * past.writes()
                + 64L * past.versions().size() * (1 + past.seen().size())
                + documents.size() * 4096L;
    }

    /** The registers of the next life of a context. Whatever had been seen in this one is too late there. */
    Registers reborn() {
        Past next = new Past(past.dots, past.seen, past.seen, List.of(), 0, MAX_EVENTS, past.swept);
        return new Registers(RegisterNode.EMPTY, new TreeMap<>(), next);
    }

    /** Without what is so old that it is no longer tracked, if it is time to look. */
    Registers swept(Instant now, Duration horizon) {
        if (root.isEmpty() || (past.writes < past.sweepAt && !isTimeToSweep(now, horizon))) {
            return this;
        }
        Sweep sweep = new Sweep(now.minus(horizon));
        RegisterNode left = sweep.of(root, false);
        Tracked tracked = Tracked.in(left);
        if (tracked.events() > MAX_EVENTS || tracked.times().size() > MAX_WRITES) {
            List<Instant> times = tracked.times().stream().sorted().toList();
            sweep = sweep.until(times.get(times.size() / 2).plusMillis(1));
            left = sweep.of(left, false);
            tracked = Tracked.in(left);
        }
        return new Registers(
                left, documents, past.swept(sweep.forgotten(), tracked.times().size(), now));
    }

    /** In milliseconds, as the log counts: this is asked for every event. */
    private boolean isTimeToSweep(Instant now, Duration horizon) {
        return now.toEpochMilli() - past.swept.toEpochMilli() >= horizon.toMillis() / 8;
    }

    /** @param times of every write, in log time */
    private record Tracked(int events, List<Instant> times) {

        static Tracked in(RegisterNode root) {
            Set<String> events = new HashSet<>();
            List<Instant> times = new ArrayList<>();
            Stamps.forEach(root, stamp -> {
                events.add(stamp.counter() + " " + stamp.writer());
                times.add(stamp.logTime());
            });
            return new Tracked(events.size(), times);
        }
    }
}
