package io.sluice.backpressure;

import io.sluice.backpressure.CatchUp.Place;
import io.sluice.resolver.NoLongerKeptException;
import io.sluice.resolver.Partition;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.ScheduledExecutorService;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One feed to one reader, from its first byte to its end. On the hub's thread.
 *
 * <p>It catches up, then waits until the tail is as far as what it was given, says {@code ready}, and from then on gets each
 * frame as all others of its view do. When more waits for it than may, it is told to forget everything, and catches up again
 * with a snapshot.
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
    private final View view;
    private final int hash;
    private final List<Partition> partitions;
    private final ScheduledExecutorService loop;
    private final Mailbox mailbox;
    private final List<Published> held = new ArrayList<>(0);
    private @Nullable Outbox outbox;
    private @Nullable Audience audience;
    private Phase phase = Phase.CATCHING_UP;
    private boolean loading;
    private CatchUp catchUp;

    Subscriber(Hub hub, View view, DeliveryPolicy policy, Connection connection) {
        this.hub = hub;
        this.view = view;
        this.hash = hub.hash(view);
        this.partitions = view.selection().partitions(hub.types());
        this.loop = connection.loop();
        this.mailbox =
                new Mailbox(connection, policy, hub.settings().mailbox(), hub.budget(), hub.events(), new Owner());
        this.catchUp = snapshot();
    }

    /** Called on the event loop. */
    private final class Owner implements Mailbox.Owner {

        @Override
        public void drained() {
            hub.execute(Subscriber.this::load);
        }

        @Override
        public void overrun() {
            hub.execute(() -> startOver("overrun"));
        }

        @Override
        public void closed() {
            hub.execute(() -> hub.leave(Subscriber.this));
        }
    }

    View view() {
        return view;
    }

    /** What it watches, with nobody who does. */
    Watched watched() {
        return new Watched(view, hash, partitions);
    }

    Mailbox mailbox() {
        return mailbox;
    }

    Outbox outbox() {
        if (outbox == null) {
            outbox = hub.outbox(loop);
        }
        return outbox;
    }

    void enter(Audience entered) {
        audience = entered;
        entered.enter(this);
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
            catchUp = new CatchUp.Replay(hub, view.selection(), partitions, cursor.next());
            step();
        }
    }

    /** Everything that the reader holds is void; a snapshot follows. */
    void startOver(String reason) {
        if (phase == Phase.ENDED) {
            return;
        }
        hub.events().reset(reason);
        if (phase == Phase.LIVE && audience != null) {
            audience.stopLive(this);
            audience.enter(this);
        }
        held.clear();
        phase = Phase.CATCHING_UP;
        hub.catchesUp(this);
        catchUp = snapshot();
        String cursor = catchUp.cursor(hub, hash).text();
        FeedEvent first = FeedEvent.word(view.encoding().reset(reason), view.encoding(), cursor);
        outbox().run(mailbox, () -> mailbox.reset(first));
        step();
    }

    private CatchUp snapshot() {
        return new CatchUp.Snapshot(view.selection(), partitions);
    }

    void end() {
        if (phase != Phase.ENDED) {
            phase = Phase.ENDED;
            held.clear();
            outbox().run(mailbox, mailbox::end);
        }
    }

    /** The gateway goes away: the reader comes again, with its cursor. */
    void close() {
        if (phase != Phase.ENDED) {
            phase = Phase.ENDED;
            held.clear();
            outbox().run(mailbox, () -> mailbox.close(view.encoding().goodbye()));
        }
    }

    boolean isCatchingUp() {
        return phase != Phase.LIVE && phase != Phase.ENDED;
    }

    /** An update that came before it was live. */
    void accept(Published update) {
        switch (phase) {
            case CAUGHT_UP, READY -> acceptEarly(update);
            case CATCHING_UP -> {
                Place place = catchUp.place(update);
                if (place == Place.WALKED) {
                    acceptEarly(update);
                } else if (place == Place.ASKED) {
                    hold(update);
                }
            }
            case LIVE, ENDED -> {}
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
        if (catchUp.isNews(update) && FeedEvent.isOne(update, view)) {
            String cursor = catchUp.cursor(hub, hash).text();
            outbox().deliver(mailbox, FeedEvent.change(update, view, cursor));
        }
    }

    void heartbeat() {
        long now = System.nanoTime();
        long patience = hub.settings().patience().toNanos();
        outbox().run(mailbox, () -> mailbox.beat(view.encoding().heartbeat(), now, patience));
    }

    /** The next page is read when the last one has gone out. */
    private void step() {
        if (phase == Phase.CATCHING_UP) {
            outbox().run(mailbox, mailbox::ask);
        }
    }

    private void load() {
        if (phase != Phase.CATCHING_UP || loading) {
            return;
        }
        loading = true;
        CatchUp asking = catchUp;
        hub.read(asking.next(), page -> arrived(page, asking), error -> failed(error, asking));
    }

    private void failed(Throwable error, CatchUp asking) {
        loading = false;
        if (catchUp != asking || phase == Phase.ENDED) {
            step();
            return;
        }
        if (error instanceof NoLongerKeptException) {
            startOver("cursor-expired");
        } else {
            log.warn("A feed of {} ends, since it cannot be read: {}", view.selection(), error.toString());
            close();
            hub.leave(this);
        }
    }

    private void arrived(CatchUp.Page page, CatchUp asking) {
        loading = false;
        if (catchUp != asking || phase == Phase.ENDED) {
            step();
            return;
        }
        switch (page) {
            case CatchUp.States states -> show(states, (CatchUp.Snapshot) asking);
            case CatchUp.Updates updates -> show(updates, (CatchUp.Replay) asking);
        }
        List<Published> waiting = List.copyOf(held);
        held.clear();
        for (Published update : waiting) {
            if (asking.place(update) == Place.WALKED) {
                acceptEarly(update);
            }
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
            snapshot.walk(state, hub.types().partitionOf(state.key()));
        }
        Batch batch = shared(page, cursor -> shown(page, cursor));
        outbox().deliver(mailbox, batch);
        snapshot.walked(page, batch.events().size());
    }

    private Batch shown(CatchUp.States page, String cursor) {
        return Batch.of(page.states().stream()
                .filter(state -> view.selection().shows(state) && view.filter().holds(state, null))
                .map(state -> FeedEvent.snapshot(state, view.encoding(), cursor))
                .toList());
    }

    private void show(CatchUp.Updates page, CatchUp.Replay replay) {
        outbox().deliver(mailbox, shared(page, cursor -> missed(page, replay)));
        replay.walked(page);
    }

    private Batch missed(CatchUp.Updates page, CatchUp.Replay replay) {
        return Batch.of(page.updates().stream()
                .filter(update -> replay.isNews(update) && FeedEvent.isOne(update, view))
                .map(update ->
                        FeedEvent.change(update, view, replay.cursor(hub, hash).text()))
                .toList());
    }

    /** The same for all of this view who stand where this one does. */
    private Batch shared(CatchUp.Page page, Function<String, Batch> made) {
        String cursor = catchUp.cursor(hub, hash).text();
        return page.batches().at(Objects.requireNonNull(audience), cursor, () -> made.apply(cursor));
    }

    /** Called after each batch of the tail too. */
    void goLiveIfTailIsThere() {
        boolean there = hub.hasSeen(partitions, catchUp.needed);
        if (phase == Phase.CAUGHT_UP && (there || catchUp instanceof CatchUp.Replay)) {
            sayReady(
                    there
                            ? hub.cursor(hash, partitions)
                            : catchUp.cursor(hub, hash).text());
        }
        if (phase == Phase.READY && there && audience != null) {
            phase = Phase.LIVE;
            catchUp = snapshot();
            audience.goLive(this);
        }
    }

    /**
     * A replay need not wait for the tail: a cursor of another node may know of events that changed nothing visible, of which
     * the tail never hears.
     */
    private void sayReady(String cursor) {
        long contexts = catchUp instanceof CatchUp.Snapshot snapshot ? snapshot.contexts() : -1;
        phase = Phase.READY;
        outbox().deliver(mailbox, FeedEvent.word(view.encoding().ready(contexts), view.encoding(), cursor));
    }
}
