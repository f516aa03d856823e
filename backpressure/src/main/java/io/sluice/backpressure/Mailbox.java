package io.sluice.backpressure;

import java.io.ByteArrayOutputStream;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/**
 * One feed at its connection, on the connection's event loop. While the reader keeps up, frames go straight through. What it is
 * too slow for waits here, as its {@link DeliveryPolicy} has it, bounded in number and bytes.
 *
 * <p><b>Conflation.</b> A word of a context takes the place of the one that waits, which is never sent: so the later one goes
 * out whole, not as a difference. From then on frames go out without a cursor until nothing waits any more: the reader keeps the
 * last one before, at or before which nothing is outstanding.
 */
public final class Mailbox {

    /** Frames are joined into writes of about this size. */
    static final int WRITE_BYTES = 64 << 10;

    private static final int ENTRY_BYTES = 160;

    /** @param maxFrames that wait, at most @param maxBytes that wait, at most, about */
    public record Settings(int maxFrames, long maxBytes) {
        public Settings {
            if (maxFrames < 16) {
                throw new IllegalArgumentException("mailbox frames: " + maxFrames + " (expected: >= 16)");
            }
            if (maxBytes < 1024) {
                throw new IllegalArgumentException("mailbox bytes: " + maxBytes + " (expected: >= 1024)");
            }
        }
    }

    /** Who hears of the mailbox. Called on its event loop. */
    interface Owner {

        /** It is empty, and was asked to tell. */
        void drained();

        /** More waits than may: all of it is dropped, and nothing more is taken until {@link #reset}. */
        void overrun();

        /** It was closed here, since the reader took nothing for too long. */
        void closed();
    }

    /** @param skipped whether a word before it was left out */
    private record Waiting(FeedEvent event, boolean skipped) {}

    private final Connection connection;
    private final DeliveryPolicy policy;
    private final Settings settings;
    private final Budget budget;
    private final HubEvents events;
    private final Owner owner;
    private final Map<Object, Waiting> waiting = new LinkedHashMap<>(0);

    private long held;
    /** Whether the order of what waits is no longer the order in which it came. */
    private boolean conflated;

    /** Where the feed stands after all that came. */
    private String latest = "";

    private boolean overrun;
    private boolean ended;
    private boolean asked;
    private boolean timed;
    private boolean toFlush;
    /** Whether nothing was written since the last heartbeat. */
    private boolean silent;

    private long stuckSince;

    Mailbox(
            Connection connection,
            DeliveryPolicy policy,
            Settings settings,
            Budget budget,
            HubEvents events,
            Owner owner) {
        this.connection = connection;
        this.policy = policy;
        this.settings = settings;
        this.budget = budget;
        this.events = events;
        this.owner = owner;
    }

    Connection connection() {
        return connection;
    }

    void deliver(Batch batch) {
        byte[] joined = batch.joined();
        if (joined != null && goesThrough() && !isSampled()) {
            write(joined);
            return;
        }
        for (FeedEvent event : batch.events()) {
            deliver(event);
        }
    }

    void deliver(FeedEvent event) {
        if (ended || overrun) {
            return;
        }
        if (goesThrough() && (event.published() == null || !isSampled())) {
            write(event.frame());
        } else {
            hold(event);
        }
    }

    private boolean goesThrough() {
        return !ended && !overrun && waiting.isEmpty() && connection.isWritable();
    }

    /** Snapshots and what is no word of a context go out as they come; changes do not. */
    private boolean isSampled() {
        return policy instanceof DeliveryPolicy.Sample;
    }

    private void write(byte[] frames) {
        silent = false;
        toFlush = true;
        connection.write(frames);
    }

    void flush() {
        if (toFlush) {
            toFlush = false;
            connection.flush();
        }
    }

    private void hold(FeedEvent event) {
        boolean exact = policy instanceof DeliveryPolicy.Every || event.key() == null;
        Object place = exact ? new Object() : event.key();
        Waiting before = waiting.get(place);
        waiting.put(place, new Waiting(event, before != null));
        long more = weight(event) - (before == null ? 0 : weight(before.event()));
        held += more;
        latest = event.cursor();
        if (before != null) {
            conflated = true;
            events.conflated();
        }
        boolean tight = !budget.hold(more);
        boolean full = waiting.size() > 1 && (waiting.size() > settings.maxFrames() || held > settings.maxBytes());
        // What is read for this reader alone is asked for page by page: to drop a page would be to read it again.
        if ((tight || full) && event.published() != null) {
            overrun();
            return;
        }
        if (policy instanceof DeliveryPolicy.Sample sample) {
            sampled(sample, event);
        }
    }

    private static long weight(FeedEvent event) {
        return ENTRY_BYTES + event.cursor().length() + event.body().length;
    }

    /** What is no word of a context is not kept waiting, and so nothing before it. */
    private void sampled(DeliveryPolicy.Sample sample, FeedEvent event) {
        if (event.key() == null) {
            drain();
        } else if (!timed) {
            timed = true;
            connection.loop().schedule(this::tick, sample.interval().toMillis(), TimeUnit.MILLISECONDS);
        }
    }

    private void tick() {
        timed = false;
        drain();
        flush();
        answer();
    }

    private void overrun() {
        forget();
        overrun = true;
        owner.overrun();
    }

    private void forget() {
        waiting.clear();
        budget.release(held);
        held = 0;
        conflated = false;
    }

    /** The connection has room again. */
    void writable() {
        stuckSince = 0;
        if (!timed) {
            drain();
            flush();
        }
        answer();
    }

    private void drain() {
        while (!waiting.isEmpty() && connection.isWritable()) {
            write(next());
        }
        if (waiting.isEmpty()) {
            conflated = false;
        }
    }

    /** The next frames that wait, about as many as make one write. What is no word of a context is written by itself. */
    private byte[] next() {
        ByteArrayOutputStream frames = new ByteArrayOutputStream();
        Iterator<Waiting> all = waiting.values().iterator();
        while (all.hasNext() && frames.size() < WRITE_BYTES) {
            Waiting first = all.next();
            if (first.event().key() == null && frames.size() > 0) {
                break;
            }
            all.remove();
            long less = weight(first.event());
            held -= less;
            budget.release(less);
            frames.writeBytes(frame(first, !all.hasNext()));
            if (first.event().key() == null) {
                break;
            }
        }
        return frames.toByteArray();
    }

    /**
     * The last of all has the cursor of the latest, which need not be its own: but none waits that is later than what it says,
     * since all that came is out.
     */
    private byte[] frame(Waiting next, boolean last) {
        FeedEvent event = next.event();
        if (!conflated) {
            return event.frame();
        }
        byte[] body = next.skipped() ? event.whole() : event.body();
        return event.encoding().withCursor(last ? latest : "", body);
    }

    /** Tells its owner when it is empty and the connection writable, which may be at once. */
    void ask() {
        asked = true;
        answer();
    }

    private void answer() {
        if (asked && !ended && waiting.isEmpty() && connection.isWritable()) {
            asked = false;
            owner.drained();
        }
    }

    /** Whatever waited is void; what follows begins with this. */
    void reset(FeedEvent first) {
        forget();
        overrun = false;
        asked = false;
        deliver(first);
    }

    /** @param now in nanoseconds of any clock @param patience so long a reader may take nothing, in nanoseconds */
    void beat(byte[] heartbeat, long now, long patience) {
        if (ended) {
            return;
        }
        if (!connection.isWritable()) {
            stuckSince = stuckSince == 0 ? now : stuckSince;
            if (now - stuckSince > patience) {
                close(new byte[0]);
                owner.closed();
            }
        } else if (silent && waiting.isEmpty() && heartbeat.length > 0) {
            connection.write(heartbeat);
            connection.flush();
        }
        silent = true;
    }

    /** Ends the feed. What waits is dropped: the reader's cursor is before it. */
    void close(byte[] goodbye) {
        if (!ended) {
            end();
            if (goodbye.length > 0 && connection.isWritable()) {
                connection.write(goodbye);
            }
            connection.flush();
            connection.close();
        }
    }

    /** The reader is gone. */
    void end() {
        forget();
        ended = true;
    }

    int waiting() {
        return waiting.size();
    }
}
