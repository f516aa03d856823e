package io.sluice.loadtest;

import java.util.UUID;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/** What publisher and watchers of one run share: when each update is due, and how far they are. Safe for many threads. */
final class Tally {

    private final String run = UUID.randomUUID().toString();
    private final double rate;
    private final int updates;
    private final int warmupUpdates;
    private final Latencies latencies = new Latencies();
    private final AtomicInteger ready = new AtomicInteger();
    private final AtomicInteger ended = new AtomicInteger();
    private final AtomicLong seen = new AtomicLong();
    private final AtomicReference<@Nullable String> trouble = new AtomicReference<>();
    private volatile long startNanos;

    Tally(Settings settings) {
        this.rate = settings.rate();
        this.updates = settings.updates();
        this.warmupUpdates = settings.warmupUpdates();
    }

    /** Tells this run's stamps from those of others. */
    String run() {
        return run;
    }

    int updates() {
        return updates;
    }

    /** The first update is due now. */
    void start() {
        startNanos = System.nanoTime();
    }

    long dueNanos(int stamp) {
        return startNanos + (long) (stamp / rate * TimeUnit.SECONDS.toNanos(1));
    }

    void ready() {
        ready.incrementAndGet();
    }

    /** A stream is over that should not be. */
    void ended(String why) {
        ended.incrementAndGet();
        trouble(why);
    }

    /** Only the first is kept. */
    void trouble(String what) {
        trouble.compareAndSet(null, what);
    }

    /** A watcher has an update of this run, for the first time. */
    void arrived(int stamp, long nanos) {
        seen.incrementAndGet();
        if (stamp >= warmupUpdates) {
            latencies.add(nanos - dueNanos(stamp));
        }
    }

    int watchersReady() {
        return ready.get();
    }

    int streamsEnded() {
        return ended.get();
    }

    long deliveriesSeen() {
        return seen.get();
    }

    @Nullable
    String trouble() {
        return trouble.get();
    }

    Latencies latencies() {
        return latencies;
    }
}
