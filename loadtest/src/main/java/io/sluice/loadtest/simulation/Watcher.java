package io.sluice.loadtest.simulation;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.sluice.loadtest.simulation.Track.Promise;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * One who watches, over any number of connections: whether what comes is what was promised, and how far it is. Used by one
 * thread at a time, that of the user whose watcher it is.
 */
abstract class Watcher {

    private static final ObjectMapper JSON = new ObjectMapper();

    /** What comes twice may come after everything came once. */
    private static final long AFTERWARDS_MILLIS = 500;

    /** So long one waits who was refused. */
    private static final long RETRY_MILLIS = 1000;

    private final Run run;
    private final String scenario;
    private final String transport;
    private final int number;
    private final int[] contexts;
    private final @Nullable Track[] tracks;
    private long versions;
    private boolean ready;
    private boolean returning;
    private long connectedAt;
    private long rejoinAt;
    private long refusedAt;
    private long completeAt;
    private int storm;

    /** @param scenario where the report counts it @param transport as the report calls it */
    Watcher(Run run, String scenario, String transport) {
        this.run = run;
        this.scenario = scenario;
        this.transport = transport;
        this.number = run.nextWatcher();
        this.contexts = run.plan().watches() != Plan.Watches.ONE
                ? IntStream.range(0, run.plan().contexts()).toArray()
                : new int[] {number % run.plan().contexts()};
        this.tracks = new Track[contexts.length];
    }

    /** A text has come, at that time. */
    final void take(String text, long millis) {
        try {
            read(text, millis);
        } catch (JsonProcessingException e) {
            fault(Fault.WRONG, 1, "no JSON");
        }
    }

    /** Hears one text of the transport, and says what it is by the methods below. */
    abstract void read(String text, long millis) throws JsonProcessingException;

    /** More came at once than is kept until this looks: what was lost, was lost here. */
    final void overrun() {
        run.abandon(
                "The client is too slow for this load: its own buffers overflowed (expected: fewer watchers, or updates)");
    }

    // What comes.

    final void snapshot(int context, JsonNode data) {
        Track track = track(context);
        if (track != null) {
            long before = track.version();
            Fault fault = track.snapshot(incarnation(data), version(data), update(data));
            came(context, track, before, fault);
        }
    }

    final void update(int context, JsonNode data, Promise promise, long millis) {
        Track track = track(context);
        if (track == null) {
            return;
        }
        long before = track.version();
        Fault fault = track.update(incarnation(data), version(data), update(data), promise);
        if (track.version() > before) {
            arrived(data.at("/state/load/at").asLong(), millis);
        }
        came(context, track, before, fault);
    }

    private void came(int context, Track track, long before, @Nullable Fault fault) {
        versions += track.version() - before;
        if (fault != null) {
            long count = fault == Fault.GAP ? track.version() - before - 1 : 1;
            fault(fault, count, run.path(context) + " at version " + before + ", then " + track.version());
        }
    }

    private void arrived(long stamp, long millis) {
        String name = "arrival " + transport;
        if (!ready && returning) {
            name += " after a return";
        } else if (run.isWarmingUp(stamp)) {
            name += " while warming up";
        } else {
            run.arrived(millis - stamp);
        }
        run.measure().took(scenario, name, stamp, millis);
    }

    /** What was there, or missed, has come. */
    final void ready(long millis) {
        if (!ready) {
            ready = true;
            run.ready();
            run.measure().took(scenario, "ready " + transport, connectedAt, millis);
        }
    }

    final void fault(Fault fault, long count, String where) {
        run.fault(
                scenario, "arrival " + transport, fault, count, "watcher " + number + ", " + transport + ", " + where);
    }

    /** What holds of what comes now, if versions may be skipped. */
    final Promise conflated() {
        return returning && !ready ? Promise.ANY : Promise.HIGHER;
    }

    /** Whether this connection is not the first one. */
    final boolean isReturning() {
        return returning;
    }

    final Run run() {
        return run;
    }

    final int[] contexts() {
        return contexts;
    }

    /** Null: nothing yet. */
    final @Nullable Track had(int context) {
        return tracks[slot(context)];
    }

    private @Nullable Track track(int context) {
        int slot = slot(context);
        if (slot < 0) {
            return null;
        }
        Track track = tracks[slot];
        if (track == null) {
            track = new Track();
            tracks[slot] = track;
        }
        return track;
    }

    /** -1: of others, or of nobody. */
    private int slot(int context) {
        if (tracks.length > 1) {
            return context;
        }
        return context == contexts[0] ? 0 : -1;
    }

    private static long incarnation(JsonNode data) {
        return data.path("incarnation").asLong();
    }

    private static long version(JsonNode data) {
        return data.path("version").asLong();
    }

    private static long update(JsonNode data) {
        return data.at("/state/load/update").asLong(-1);
    }

    static JsonNode json(String text) throws JsonProcessingException {
        return JSON.readTree(text);
    }

    // Comings and goings.

    void connecting() {
        connectedAt = run.measure().now();
        refusedAt = 0;
        long rejoin = run.plan().rejoin().toMillis();
        rejoinAt = rejoin == 0 ? Long.MAX_VALUE : connectedAt + rejoin / 2 + number % 16 * rejoin / 16;
    }

    /** The gateway did not let it in. */
    final void refused() {
        refusedAt = run.measure().now();
        if (run.isBegun()) {
            fault(Fault.REFUSED, 1, "when it came back");
        } else {
            run.abandon("A watcher over " + transport + " was refused (expected: that all "
                    + run.plan().watchers() + " can connect; what the gateway said is among the errors above)");
        }
    }

    /** The connection is over, or will be at once. */
    final void disconnected() {
        if (ready) {
            run.notReady();
        }
        ready = false;
        returning = true;
    }

    /** It goes, and waits until it may return. */
    final void leave() {
        disconnected();
        if (storm < run.storm()) {
            storm = run.storm();
            run.left();
        }
    }

    /** Whether this connection is to go on. */
    final boolean stays() {
        boolean isDue = run.measure().now() > rejoinAt && ready;
        return !isFinished() && refusedAt == 0 && storm == run.storm() && !isDue;
    }

    final boolean mayReturn() {
        boolean isCalmed = run.measure().now() > refusedAt + RETRY_MILLIS;
        return run.isOver(storm) && isCalmed || isFinished();
    }

    /** Whether it has had everything, or need not wait any longer. */
    final boolean isFinished() {
        if (run.isAbandoned() || run.isOutOfPatience()) {
            return true;
        }
        if (!run.isClosed() || versions < least()) {
            return false;
        }
        long now = run.measure().now();
        completeAt = completeAt == 0 ? now : completeAt;
        return now - completeAt >= AFTERWARDS_MILLIS;
    }

    private long least() {
        Ledger ledger = run.ledger();
        return contexts.length > 1 ? ledger.acknowledged() : ledger.least(contexts[0]);
    }

    /** Compares what it has had in the end with what was acknowledged. */
    final void conclude() {
        long skipped = 0;
        for (int i = 0; i < contexts.length; i++) {
            Track track = tracks[i];
            long lost = Track.lost(track, run.ledger(), contexts[i]);
            if (lost > 0) {
                fault(Fault.LOST, lost, run.path(contexts[i]));
            } else if (track != null && !track.isRight(run.ledger(), contexts[i])) {
                fault(Fault.WRONG, 1, run.path(contexts[i]) + " in the end");
            }
            skipped += track == null ? 0 : track.skipped();
        }
        run.concluded(versions - skipped, skipped);
    }
}
