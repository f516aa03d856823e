package io.sluice.loadtest;

import java.io.PrintStream;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Properties;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;

/**
 * Many watchers of one context that changes often: does each get every version, once and in order, and how soon?
 *
 * <p>{@code java -Dsluice.url=http://127.0.0.1:8080 -Dsluice.watchers=1000 -Dsluice.rate=25 -Dsluice.duration=60 -cp
 * loadtest/target/classes io.sluice.loadtest.WatchLoad}; further settings are those of {@link Settings}. Ends with 0 if the
 * promise was kept, 1 if it was not, and 2 if the run could not be made.
 */
public final class WatchLoad {

    private static final int KEPT = 0;
    private static final int BROKEN = 1;
    private static final int IMPOSSIBLE = 2;

    private static final int PROGRESS_SECONDS = 5;
    private static final Duration LOOK = Duration.ofMillis(20);

    /** What comes twice may come after everything came once. */
    private static final Duration AFTERWARDS = Duration.ofMillis(500);

    private final Settings settings;
    private final PrintStream out;
    private final Tally tally;

    private WatchLoad(Settings settings, PrintStream out) {
        this.settings = settings;
        this.out = out;
        this.tally = new Tally(settings);
    }

    public static void main(String[] args) throws InterruptedException {
        System.exit(run(System.getProperties(), System.out, System.err));
    }

    /** Makes a run. @return the exit code */
    static int run(Properties properties, PrintStream out, PrintStream err) throws InterruptedException {
        try {
            Report report = new WatchLoad(Settings.of(properties), out).run();
            out.print(report.text());
            return report.isKept() ? KEPT : BROKEN;
        } catch (LoadException e) {
            err.println(e.getMessage());
            return IMPOSSIBLE;
        }
    }

    private Report run() throws InterruptedException {
        try (Publisher publisher = new Publisher(settings, tally)) {
            publisher.prepare();
            try (Watchers watchers = Watchers.open(settings, tally)) {
                awaitReady();
                publish(publisher);
                List<Received> received = watchers.finish();
                return Report.of(publisher, received, tally);
            }
        }
    }

    private void awaitReady() throws InterruptedException {
        long begin = System.nanoTime();
        await(() -> allReady() || tally.streamsEnded() > 0, settings.patience());
        if (!allReady()) {
            String why = tally.trouble();
            throw new LoadException(tally.watchersReady() + " of " + settings.watchers() + " watchers are ready: "
                    + (why == null ? "no more within " + settings.patience().toSeconds() + " s" : why));
        }
        out.println(String.format(
                Locale.ROOT,
                "%d watchers of %s are ready after %.1f s; %d updates follow, %s a second; latency counts after %d s",
                settings.watchers(),
                settings.address(),
                (System.nanoTime() - begin) / 1e9,
                settings.updates(),
                settings.rate(),
                settings.warmup().toSeconds()));
    }

    private boolean allReady() {
        return tally.watchersReady() == settings.watchers();
    }

    private void publish(Publisher publisher) throws InterruptedException {
        ScheduledExecutorService progress = Executors.newSingleThreadScheduledExecutor();
        try {
            tally.start();
            var unused = progress.scheduleAtFixedRate(
                    () -> progress(publisher), PROGRESS_SECONDS, PROGRESS_SECONDS, TimeUnit.SECONDS);
            publisher.publish();
            publisher.awaitAnswers();
            // What nobody can say was written may come, or not.
            boolean known = publisher.unknown() == 0;
            settle(known ? (long) publisher.acknowledgedCount() * settings.watchers() : Long.MAX_VALUE);
        } finally {
            progress.shutdownNow();
        }
    }

    /** Until there have been so many deliveries, or no more for a while. */
    private void settle(long wanted) throws InterruptedException {
        boolean coming = true;
        for (long seen = tally.deliveriesSeen(); coming && seen < wanted; seen = tally.deliveriesSeen()) {
            long before = seen;
            coming = await(() -> tally.deliveriesSeen() > before, settings.settle());
        }
        Thread.sleep(AFTERWARDS);
    }

    private void progress(Publisher publisher) {
        int acknowledged = publisher.acknowledgedCount();
        out.println(String.format(
                Locale.ROOT,
                "%4.0f s: %d of %d updates acknowledged, %d of %d deliveries seen, %s",
                (System.nanoTime() - tally.dueNanos(0)) / 1e9,
                acknowledged,
                publisher.published(),
                tally.deliveriesSeen(),
                (long) acknowledged * settings.watchers(),
                Report.latency(tally.latencies())));
    }

    /** Waits for it. @return whether it held within that time */
    private static boolean await(BooleanSupplier condition, Duration atMost) throws InterruptedException {
        long deadline = System.nanoTime() + atMost.toNanos();
        while (!condition.getAsBoolean()) {
            if (System.nanoTime() - deadline > 0) {
                return false;
            }
            Thread.sleep(LOOK);
        }
        return true;
    }
}
