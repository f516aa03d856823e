package io.sluice.loadtest.simulation;

import io.sluice.loadtest.Latencies;
import io.sluice.loadtest.LoadException;
import java.io.PrintStream;
import java.util.Locale;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/** What all users of a simulation share: how far it is, what was said, what was found. Safe for many threads. */
final class Run {

    /** Gatling makes the simulation itself, and gives it nothing. */
    private static volatile @Nullable Run current;

    private final Plan plan;
    private final PrintStream out;
    private final String name =
            "load-" + Long.toString(ThreadLocalRandom.current().nextLong(1L << 50), Character.MAX_RADIX);
    private final Measure measure = new Measure();
    private final Ledger ledger;
    private final Findings findings = new Findings();
    private final Latencies arrivals = new Latencies();
    private final AtomicLong versions = new AtomicLong();
    private final AtomicLong skipped = new AtomicLong();
    private final AtomicInteger begun = new AtomicInteger();
    private final AtomicInteger concluded = new AtomicInteger();
    private final AtomicInteger ready = new AtomicInteger();
    private final AtomicInteger away = new AtomicInteger();
    private final AtomicLong unfinished = new AtomicLong();
    private final AtomicInteger readBack = new AtomicInteger();
    private final AtomicReference<@Nullable String> impossible = new AtomicReference<>();
    private volatile int storm;
    private volatile int stormOver;
    private volatile long warmUntil;
    private volatile long closedAt;

    private Run(Plan plan, PrintStream out) {
        this.plan = plan;
        this.out = out;
        this.ledger = new Ledger(plan.contexts());
    }

    /** The one that simulations made from now on belong to. */
    static Run begin(Plan plan, PrintStream out) {
        Run run = new Run(plan, out);
        current = run;
        return run;
    }

    static Run current() {
        Run run = current;
        if (run == null) {
            throw new LoadException("A simulation needs its settings (expected: ./sluice load <simulation>)");
        }
        return run;
    }

    Plan plan() {
        return plan;
    }

    Measure measure() {
        return measure;
    }

    Ledger ledger() {
        return ledger;
    }

    /** The id of a context; nobody else has written it before. */
    String id(int context) {
        return name + "-" + context;
    }

    String path(int context) {
        return "/v1/contexts/" + plan.type() + "/" + id(context);
    }

    /** Which context that id is of; -1: none of this run. */
    int context(String id) {
        if (!id.startsWith(name + "-")) {
            return -1;
        }
        int context = Integer.parseInt(id, name.length() + 1, id.length(), 10);
        return context < ledger.contexts() ? context : -1;
    }

    void fault(String scenario, String request, Fault fault, long count, String where) {
        findings.add(fault, count, where);
        measure.failed(scenario, request, fault.text());
    }

    // How far it is.

    int nextWatcher() {
        return begun.getAndIncrement();
    }

    void ready() {
        ready.incrementAndGet();
    }

    void notReady() {
        ready.decrementAndGet();
    }

    boolean isEverybodyReady() {
        return ready.get() == plan.watchers();
    }

    int watchersReady() {
        return ready.get();
    }

    /** The updates begin: those of the first seconds are for warming up. */
    void updatesBegin() {
        warmUntil = measure.now() + plan.warmup().toMillis();
        out.printf(
                Locale.ROOT,
                "%s on %s: %d watchers are ready; %d updates follow in %d s, of %d contexts of type %s, called %s-*%n",
                plan.kind().title(),
                plan.url(),
                plan.watchers(),
                plan.updates(),
                plan.publishing().toSeconds(),
                plan.contexts(),
                plan.type(),
                name);
    }

    boolean isBegun() {
        return warmUntil > 0;
    }

    boolean isWarmingUp(long stamp) {
        return stamp < warmUntil;
    }

    /** So many users have to end before this run can. */
    void expect(long users) {
        unfinished.addAndGet(users);
    }

    void finished() {
        unfinished.decrementAndGet();
    }

    /** Nothing will be written any more. */
    boolean isPublished() {
        return unfinished.get() == 0;
    }

    /** Everything is known that watchers have to have in the end. */
    void close() {
        closedAt = measure.now();
    }

    boolean isClosed() {
        return closedAt > 0;
    }

    /** For so long the last word was waited for. */
    boolean isOutOfPatience() {
        return isClosed() && measure.now() - closedAt > plan.patience().toMillis();
    }

    void abandon(String why) {
        impossible.compareAndSet(null, why);
    }

    boolean isAbandoned() {
        return impossible.get() != null;
    }

    // All leave at once, and come back at once.

    void beginStorm() {
        away.set(0);
        storm++;
    }

    void endStorm() {
        stormOver = storm;
    }

    int storm() {
        return storm;
    }

    boolean isOver(int ofStorm) {
        return stormOver >= ofStorm;
    }

    void left() {
        away.incrementAndGet();
    }

    boolean isEverybodyAway() {
        return away.get() == plan.watchers();
    }

    // What came of it.

    void arrived(long millis) {
        arrivals.add(TimeUnit.MILLISECONDS.toNanos(millis));
    }

    void readBack() {
        readBack.incrementAndGet();
    }

    void concluded(long hadVersions, long hadSkipped) {
        versions.addAndGet(hadVersions);
        skipped.addAndGet(hadSkipped);
        concluded.incrementAndGet();
    }

    /** Whether all went as promised, and was put to the test at all. */
    boolean isKept() {
        return findings.isEmpty()
                && !isAbandoned()
                && isClosed()
                && ledger.acknowledged() > 0
                && ledger.refused() == 0
                && ledger.unknown() == 0
                && concluded.get() == plan.watchers();
    }

    /** Why the run could not be made; null: it was. */
    @Nullable
    String impossible() {
        return impossible.get();
    }

    String text() {
        StringBuilder text = new StringBuilder();
        line(
                text,
                "updates acknowledged",
                "%d of %d (%d refused, %d unknown)",
                ledger.acknowledged(),
                ledger.sent(),
                ledger.refused(),
                ledger.unknown());
        line(
                text,
                "watchers",
                "%d of %d to the end; %d versions came, %d were skipped",
                concluded.get(),
                plan.watchers(),
                versions.get(),
                skipped.get());
        line(text, "contexts read back", "%d of %d", readBack.get(), plan.contexts());
        line(text, "found", "%s", findings.text());
        if (arrivals.total() > 0) {
            line(
                    text,
                    "arrival",
                    "p50 %d ms, p99 %d ms, max %d ms after the stamp, of %d",
                    millis(arrivals.percentile(0.5)),
                    millis(arrivals.percentile(0.99)),
                    millis(arrivals.max()),
                    arrivals.total());
        }
        for (String finding : findings.first()) {
            line(text, "trouble", "%s", finding);
        }
        line(text, "result", "%s", isKept() ? "what was acknowledged came, as promised" : "NOT what is promised");
        return text.toString();
    }

    private static long millis(long nanos) {
        return TimeUnit.NANOSECONDS.toMillis(nanos);
    }

    private static void line(StringBuilder text, String name, String format, Object... values) {
        text.append(String.format(Locale.ROOT, "%-22s", name))
                .append(String.format(Locale.ROOT, format, values))
                .append(System.lineSeparator());
    }
}
