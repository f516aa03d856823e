package io.sluice.backpressure;

import io.sluice.backpressure.CatchUp.Place;
import io.sluice.resolver.Partition;
import java.util.ArrayList;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One feed to one reader, from its first byte to its end. On the hub's thread.
 *
 * <p>It catches up, then waits until the tail is as far as what it was given, says {@code ready}, and from then on gets each
 * frame as all others of its selection do. When it falls behind so far that its connection takes no more, it is told to forget
 * everything, and catches up again with a snapshot.
 */
final class Subscriber {

    private static final Logger log = LoggerFactory.getLogger(Subscriber.class);

    /** Updates that wait for the answer of one query, at most. */
    private static final int MAX_HELD = 10_000;

    private enum Phase {
        CATCHING_UP,
        /** Has all, but for what the tail has still to pass. */
        CAUGHT_UP,
        /** Has been told so; the tail may still have to pass something. */
        READY,
        LIVE,
        ENDED
    }

    private final Hub hub;
    private final Selection selection;
    private final int hash;
    private final List<Partition> partitions;
    private final Connection connection;
    private final List<Published> held = new ArrayList<>();
    private Phase phase = Phase.CATCHING_UP;
    private boolean loading;
    /** Whether nothing was offered since the last heartbeat. */
    private boolean silent;

    private CatchUp catchUp;

    Subscriber(Hub hub, Selection selection, Connection connection) {
        this.hub = hub;
        this.selection = selection;
        this.hash = hub.hash(selection);
        this.partitions = selection.partitions(hub.types());
        this.connection = connection;
        this.catchUp = snapshot();
    }

    Selection selection() {
        return selection;
    }

    /** @param resume the text of a cursor; empty: from the beginning */
    void start(String resume) {
        if (resume.isEmpty()) {
            step();
            return;
        }
        Cursor cursor = Cursor.parse(resume, partitions.size()).orElse(null);
        if (cursor == null || cursor.selection() != hash) {
            startOver("cursor-foreign");
        } else if (!cursor.complete() || hub.isExpired(cursor)) {
            startOver("cursor-expired");
        } else {
            catchUp = new CatchUp.Replay(hub, selection, partitions, cursor.next());
            step();
        }
    }

    /** Everything that the reader holds is void; a snapshot follows. */
    void startOver(String reason) {
        if (phase == Phase.ENDED) {
            return;
        }
        hub.events().reset(reason);
        connection.clear();
        held.clear();
        phase = Phase.CATCHING_UP;
        loading = false;
        catchUp = snapshot();
        send(hub.encoding().reset(reason));
        step();
    }

    private CatchUp snapshot() {
        return new CatchUp.Snapshot(hub.source(), selection, partitions);
    }

    void end() {
        phase = Phase.ENDED;
        held.clear();
    }

    /** The gateway goes away: the reader comes again, with its cursor. */
    void close() {
        end();
        connection.close();
    }

    /** The reader has room again. */
    void drained() {
        step();
    }

    boolean isCatchingUp() {
        return phase != Phase.LIVE && phase != Phase.ENDED;
    }

    /** @param live the frame that all who watch the same selection share */
    void accept(Published update, byte[] live) {
        switch (phase) {
            case LIVE -> {
                silent = false;
                if (!connection.offer(live)) {
                    startOver("overrun");
                }
            }
            case CAUGHT_UP, READY -> acceptEarly(update);
            case CATCHING_UP -> {
                Place place = catchUp.place(update);
                if (place == Place.WALKED) {
                    acceptEarly(update);
                } else if (place == Place.ASKED) {
                    hold(update);
                }
            }
            case ENDED -> {}
        }
    }

    private void hold(Published update) {
        if (held.size() >= MAX_HELD) {
            startOver("overrun");
        } else {
            held.add(update);
        }
    }

    private void acceptEarly(Published update) {
        if (catchUp.isNews(update)) {
            send(update.body(hub.encoding(), hub.events()));
        }
    }

    void heartbeat() {
        if (silent && phase != Phase.ENDED) {
            // A connection that does not take it has other things to tell.
            connection.offer(hub.encoding().heartbeat());
        }
        silent = true;
    }

    private void send(byte[] body) {
        silent = false;
        String cursor = catchUp.cursor(hub, hash).text();
        if (!connection.offer(hub.encoding().withCursor(cursor, body))) {
            startOver("overrun");
        }
    }

    private void step() {
        if (phase == Phase.CATCHING_UP && !loading && connection.isWritable()) {
            loading = true;
            CatchUp asking = catchUp;
            hub.load(
                    asking.next(),
                    page -> {
                        if (catchUp == asking && phase != Phase.ENDED) {
                            arrived(page);
                        }
                    },
                    error -> {
                        if (catchUp == asking && phase != Phase.ENDED) {
                            log.warn("A feed of {} ends, since it cannot be read: {}", selection, error.toString());
                            hub.leave(this);
                            close();
                        }
                    });
        }
    }

    private void arrived(CatchUp.Page page) {
        loading = false;
        CatchUp asking = catchUp;
        switch (page) {
            case CatchUp.States states -> show(states, (CatchUp.Snapshot) asking);
            case CatchUp.Updates updates -> show(updates, (CatchUp.Replay) asking);
        }
        List<Published> waiting = List.copyOf(held);
        held.clear();
        for (Published update : waiting) {
            if (catchUp == asking && asking.place(update) == Place.WALKED) {
                acceptEarly(update);
            }
        }
        if (catchUp != asking) {
            return;
        }
        if (asking instanceof CatchUp.Snapshot snapshot) {
            snapshot.forgetWhatIsPassed(hub);
        }
        if (asking.isFinished()) {
            phase = Phase.CAUGHT_UP;
            goLiveIfTailIsThere();
        } else {
            step();
        }
    }

    private void show(CatchUp.States page, CatchUp.Snapshot snapshot) {
        for (var state : page.states()) {
            if (snapshot.walk(state, hub.types().partitionOf(state.key())) && catchUp == snapshot) {
                send(hub.encoding().snapshot(state));
            }
        }
        snapshot.walked(page);
    }

    private void show(CatchUp.Updates page, CatchUp.Replay replay) {
        for (Published update : page.updates()) {
            if (catchUp == replay) {
                acceptEarly(update);
            }
        }
        replay.walked(page);
    }

    /** Called after each batch of the tail too. */
    void goLiveIfTailIsThere() {
        boolean there = hub.hasSeen(partitions, catchUp.needed);
        if (phase == Phase.CAUGHT_UP && (there || catchUp instanceof CatchUp.Replay)) {
            sayReady(there ? hub.cursor(selection) : catchUp.cursor(hub, hash).text());
        }
        if (phase == Phase.READY && there) {
            phase = Phase.LIVE;
            catchUp = snapshot();
        }
    }

    /**
     * A replay need not wait for the tail: a cursor of another node may know of events that changed nothing visible, of which
     * the tail never hears.
     */
    private void sayReady(String cursor) {
        long contexts = catchUp instanceof CatchUp.Snapshot snapshot ? snapshot.contexts() : -1;
        phase = Phase.READY;
        if (!connection.offer(hub.encoding().withCursor(cursor, hub.encoding().ready(contexts)))) {
            startOver("overrun");
        }
    }
}
