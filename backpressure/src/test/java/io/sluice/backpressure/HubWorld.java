package io.sluice.backpressure;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.sluice.resolver.Causality;
import io.sluice.resolver.Change;
import io.sluice.resolver.Condition;
import io.sluice.resolver.ContextEvent;
import io.sluice.resolver.ContextKey;
import io.sluice.resolver.ContextState;
import io.sluice.resolver.ContextUpdate;
import io.sluice.resolver.LogPosition;
import io.sluice.resolver.Partition;
import io.sluice.resolver.Resolution;
import io.sluice.resolver.Revision;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import reactor.core.Disposable;
import reactor.core.publisher.Flux;
import reactor.core.publisher.FluxSink;
import reactor.core.publisher.Mono;
import reactor.core.publisher.MonoSink;

/**
 * A hub with everything around it in memory: what is stored, what of it is announced, which questions wait for an answer. Each
 * step is done when the hub has done what follows from it.
 */
final class HubWorld implements AutoCloseable, FeedSource, UpdateLog {

    /** One event of the log of events. @param json of the new state; null if it is deleted */
    record Happened(
            Partition partition,
            long offset,
            ContextKey key,
            @Nullable Revision revision,
            @Nullable String json) {

        boolean isVisible() {
            return revision != null;
        }

        LogPosition position() {
            return Fixtures.position(partition, offset);
        }

        ContextState state() {
            return Fixtures.state(key, Objects.requireNonNull(revision), position(), json);
        }
    }

    /** A question that waits. @param answer with what is stored when it is asked for */
    record Question(Runnable answer, java.util.function.Consumer<Throwable> fail) {}

    final ContextType type;
    final ContextTypes types;
    final Map<Partition, List<Happened>> history = new LinkedHashMap<>();
    final Map<Partition, Integer> announced = new HashMap<>();
    final AtomicInteger encoded = new AtomicInteger();
    final Random random;
    final Hub hub;
    final Waiters waiters = new Waiters();
    volatile Instant now = Fixtures.START;
    volatile boolean answersAtOnce;

    private final List<Question> questions = new ArrayList<>();
    private final Disposable running;
    private volatile FluxSink<List<LogRecord>> tail;
    private volatile Runnable positioned;

    HubWorld(Random random, int partitions, Hub.Settings settings) {
        this.random = random;
        this.type = Fixtures.type("customer", partitions);
        this.types = Fixtures.types(type);
        type.allPartitions().forEach(partition -> {
            history.put(partition, new ArrayList<>());
            announced.put(partition, 0);
        });
        HubEvents events = new HubEvents() {
            @Override
            public void encoded() {
                encoded.incrementAndGet();
            }
        };
        Hub.Surroundings surroundings = new Hub.Surroundings(
                this, Mono.fromCallable(this::progress), state -> {}, () -> {}, t -> "life", () -> now);
        this.hub = new Hub(types, surroundings, new Words(), waiters, events, settings);
        this.running = hub.run(this).subscribe();
    }

    static Hub.Settings settings(int ringUpdates) {
        return new Hub.Settings(Duration.ofHours(1), ringUpdates, 1 << 20, 4, Duration.ofHours(1));
    }

    private synchronized Map<Partition, Long> progress() {
        Map<Partition, Long> progress = new HashMap<>();
        history.forEach((partition, all) -> progress.put(partition, (long) all.size()));
        return progress;
    }

    @Override
    public Flux<List<LogRecord>> tail(Collection<ContextType> all, Runnable atEnd) {
        return Flux.create(sink -> {
            positioned = atEnd;
            tail = sink;
            atEnd.run();
        });
    }

    /** The log of announcements has lost the place of the tail, which begins anew at its end. */
    void repositionTail() {
        synchronized (this) {
            history.forEach((partition, all) -> announced.put(partition, all.size()));
        }
        positioned.run();
        settle();
    }

    /** Stores one more event. */
    synchronized Happened happen(Partition partition, ContextKey key, boolean visible, boolean deletion) {
        List<Happened> all = history.get(partition);
        Happened last = null;
        for (Happened one : all) {
            last = one.isVisible() && one.key().equals(key) ? one : last;
        }
        boolean nothing = !visible || (deletion && (last == null || last.json() == null));
        Revision revision = null;
        if (!nothing) {
            Revision before = last == null ? null : last.revision();
            revision = before == null
                    ? Revision.FIRST
                    : last.json() == null && random.nextInt(4) == 0 ? before.nextLife() : before.next();
        }
        Happened happened = new Happened(
                partition, all.size(), key, revision, nothing || deletion ? null : "{\"n\":" + all.size() + "}");
        all.add(happened);
        return happened;
    }

    Happened happen(ContextKey key) {
        return happen(type.partitionOf(key.id()), key, true, false);
    }

    /** Announces what is stored and not announced, that many at most, as one batch. */
    void announce(Partition partition, int count) {
        List<LogRecord> records = new ArrayList<>();
        synchronized (this) {
            int from = announced.get(partition);
            int to = (int) Math.min(history.get(partition).size(), (long) from + count);
            history.get(partition).subList(from, to).stream()
                    .filter(Happened::isVisible)
                    .forEach(one -> records.add(record(one)));
            announced.put(partition, to);
        }
        tell(records);
    }

    void announceAll() {
        type.allPartitions().forEach(partition -> announce(partition, Integer.MAX_VALUE));
    }

    /** Announces again what was announced, from some place on, as the next owner does after a crash. */
    void announceAgain(Partition partition, int from) {
        List<LogRecord> records;
        synchronized (this) {
            records = history.get(partition).subList(from, announced.get(partition)).stream()
                    .filter(Happened::isVisible)
                    .map(this::record)
                    .toList();
        }
        tell(records);
    }

    void tell(List<LogRecord> records) {
        if (!records.isEmpty()) {
            tail.next(records);
        }
        settle();
    }

    LogRecord record(Happened one) {
        ContextEvent event = new ContextEvent(
                one.key(), Fixtures.cause("e" + one.offset()), Causality.UNSTATED, Condition.NONE, Change.DELETE);
        Outcome outcome =
                new Outcome(one.position(), event, new Resolution.Applied(one.state(), null), one.state(), null);
        OutRecord out = UpdateCodec.write(outcome, type);
        LogPosition place = new LogPosition(out.topic(), one.partition().number(), one.offset(), now);
        return new LogRecord(place, out.key(), out.value(), out.headers());
    }

    synchronized Happened predecessor(Happened one) {
        Happened before = null;
        for (Happened other : history.get(one.partition())) {
            if (other.offset() >= one.offset()) {
                return before;
            }
            before = other.isVisible() && other.key().equals(one.key()) ? other : before;
        }
        return before;
    }

    synchronized boolean isDeletedLater(ContextKey key, Revision than) {
        return history.get(type.partitionOf(key.id())).stream()
                .anyMatch(one -> one.isVisible()
                        && one.key().equals(key)
                        && one.json() == null
                        && one.revision().isAfter(than));
    }

    synchronized Happened at(Partition partition, long offset) {
        return history.get(partition).get((int) offset);
    }

    /** What there was of the selection when the partitions stood there. */
    synchronized Map<ContextKey, Revision> asOf(Selection selection, long[] next) {
        Map<ContextKey, Revision> found = new HashMap<>();
        List<Partition> partitions = selection.partitions(types);
        for (int i = 0; i < next.length; i++) {
            for (Happened one : history.get(partitions.get(i))) {
                if (one.offset() < next[i] && one.isVisible() && selection.covers(one.key())) {
                    if (one.json() == null) {
                        found.remove(one.key());
                    } else {
                        found.put(one.key(), one.revision());
                    }
                }
            }
        }
        return found;
    }

    Map<ContextKey, Revision> now(Selection selection) {
        long[] ends = new long[selection.partitions(types).size()];
        java.util.Arrays.fill(ends, Long.MAX_VALUE);
        return asOf(selection, ends);
    }

    // The source

    private <T> Mono<T> ask(Supplier<T> answer) {
        return Mono.create(sink -> {
            // Either is as new as what the tail had seen.
            T asked = answer.get();
            boolean old = random.nextBoolean();
            if (answersAtOnce) {
                sink.success(asked);
                return;
            }
            synchronized (questions) {
                questions.add(new Question(() -> sink.success(old ? asked : answer.get()), failing(sink)));
            }
        });
    }

    private static java.util.function.Consumer<Throwable> failing(MonoSink<?> sink) {
        return sink::error;
    }

    int questions() {
        synchronized (questions) {
            return questions.size();
        }
    }

    Question question(int index) {
        synchronized (questions) {
            return questions.remove(index);
        }
    }

    void answer(int index) {
        question(index).answer().run();
        settle();
    }

    void answerAll() {
        while (questions() > 0) {
            answer(0);
        }
    }

    @Override
    public Mono<Optional<ContextState>> state(ContextKey key) {
        return ask(() -> {
            synchronized (this) {
                return history.get(type.partitionOf(key.id())).stream()
                        .filter(one -> one.isVisible() && one.key().equals(key))
                        .map(Happened::state)
                        .reduce((first, second) -> second);
            }
        });
    }

    @Override
    public Mono<StatePage> states(String tenant, String name, @Nullable String after) {
        int size = 1 + random.nextInt(5);
        boolean endsEmpty = random.nextBoolean();
        return ask(() -> {
            Map<ContextKey, ContextState> all = new HashMap<>();
            synchronized (this) {
                history.values()
                        .forEach(partition -> partition.stream()
                                .filter(Happened::isVisible)
                                .forEach(one -> all.put(one.key(), one.state())));
            }
            List<ContextState> left = all.values().stream()
                    .filter(state -> !state.isDeleted()
                            && (after == null || compare(state.key().id(), after) > 0))
                    .sorted(Comparator.comparing(state -> state.key().id(), HubWorld::compare))
                    .toList();
            List<ContextState> page = left.subList(0, Math.min(size, left.size()));
            return new StatePage(page, endsEmpty ? page.isEmpty() : page.size() == left.size());
        });
    }

    private static int compare(String a, String b) {
        return java.util.Arrays.compareUnsigned(a.getBytes(UTF_8), b.getBytes(UTF_8));
    }

    @Override
    public Mono<UpdatePage> updates(Selection selection, Partition partition, long from) {
        int size = 1 + random.nextInt(5);
        boolean endsEmpty = random.nextBoolean();
        return ask(() -> {
            synchronized (this) {
                List<Happened> left = history.get(partition).stream()
                        .filter(one -> one.offset() >= from && one.isVisible() && selection.covers(one.key()))
                        .toList();
                List<ContextUpdate> page = left.stream()
                        .limit(size)
                        .map(one -> new ContextUpdate(one.state(), null, List.of()))
                        .toList();
                long next = page.isEmpty()
                        ? from
                        : page.getLast().state().position().offset() + 1;
                return new UpdatePage(page, next, endsEmpty ? page.isEmpty() : page.size() == left.size());
            }
        });
    }

    /** Returns when the hub has done all that follows from what was done so far. */
    void settle() {
        for (int i = 0; i < 12; i++) {
            CountDownLatch reached = new CountDownLatch(1);
            Connection probe = new Connection() {
                @Override
                public boolean isWritable() {
                    reached.countDown();
                    return false;
                }

                @Override
                public boolean offer(byte[] frame) {
                    return true;
                }

                @Override
                public void clear() {}

                @Override
                public void close() {
                    reached.countDown();
                }
            };
            hub.watch(new Selection.One(Fixtures.key(type, "probe")), "", probe).leave();
            try {
                if (!reached.await(20, TimeUnit.SECONDS)) {
                    throw new AssertionError("The hub stands still");
                }
            } catch (InterruptedException e) {
                throw new AssertionError(e);
            }
        }
    }

    @Override
    public void close() {
        running.dispose();
        hub.close();
    }

    /** A wire format that tests can read: the cursor, and then one word for what it is. */
    static final class Words implements Encoding {

        @Override
        public byte[] update(ContextUpdate update) {
            return line(update.state().isDeleted() ? "deleted" : "update", update.state());
        }

        @Override
        public byte[] snapshot(ContextState state) {
            return line("snapshot", state);
        }

        private static byte[] line(String word, ContextState state) {
            return (word + " " + state.key().id() + " " + state.revision() + " "
                            + state.position().partition() + " "
                            + state.position().offset())
                    .getBytes(UTF_8);
        }

        @Override
        public byte[] ready(long contexts) {
            return ("ready " + contexts).getBytes(UTF_8);
        }

        @Override
        public byte[] reset(String reason) {
            return ("reset " + reason).getBytes(UTF_8);
        }

        @Override
        public byte[] heartbeat() {
            return "- heartbeat".getBytes(UTF_8);
        }

        @Override
        public byte[] withCursor(String cursor, byte[] body) {
            return (cursor + " " + new String(body, UTF_8)).getBytes(UTF_8);
        }
    }

    /** A reader with a real mailbox, who reads as much as it is told to, and complains of anything that may not be. */
    static final class Client extends reactor.core.publisher.BaseSubscriber<byte[]> {

        /** Where a reader stood when it had read a frame. @param seen all it knew then, deletions among it */
        record Place(
                Selection selection, String cursor, Instant issued, boolean complete, Map<ContextKey, Happened> seen) {}

        private final HubWorld world;
        final Selection selection;
        final Mailbox mailbox;
        final List<String> frames = new ArrayList<>();
        final List<Place> places = new ArrayList<>();
        private final AtomicReference<Hub.Subscription> subscription = new AtomicReference<>();
        private Map<ContextKey, Happened> seen = new HashMap<>();
        private boolean resumed;
        private @Nullable String expectedReset;
        boolean ready;
        boolean ended;
        int resets;

        Client(HubWorld world, Selection selection, int maxFrames) {
            this.world = world;
            this.selection = selection;
            this.mailbox = new Mailbox(new Mailbox.Settings(maxFrames, 1 << 20), () -> {
                Hub.Subscription begun = subscription.get();
                if (begun != null) {
                    begun.drained();
                }
            });
        }

        Client join() {
            return join("");
        }

        Client join(String cursor) {
            mailbox.frames().subscribe(this);
            Hub.Subscription begun = world.hub.watch(selection, cursor, mailbox);
            subscription.set(begun);
            begun.drained();
            world.settle();
            return this;
        }

        /** Goes on where another reader, or this one, once was. */
        Client resume(Place place) {
            if (!place.selection().equals(selection)) {
                expectedReset = "cursor-foreign";
            } else if (!place.complete()
                    || place.issued().plus(Duration.ofHours(1)).isBefore(world.now)) {
                expectedReset = "cursor-expired";
            } else {
                seen = new HashMap<>(place.seen());
                resumed = true;
            }
            return join(place.cursor());
        }

        Client resumeWithGarbage(String cursor) {
            expectedReset = "cursor-foreign";
            return join(cursor);
        }

        void leave() {
            cancel();
            subscription.get().leave();
            world.settle();
        }

        void read(int count) {
            request(count);
            world.settle();
        }

        Map<ContextKey, Revision> held() {
            Map<ContextKey, Revision> held = new HashMap<>();
            seen.forEach((key, one) -> {
                if (one.json() != null) {
                    held.put(key, one.revision());
                }
            });
            return held;
        }

        @Override
        protected void hookOnSubscribe(org.reactivestreams.Subscription s) {
            // Reads only when told.
        }

        @Override
        protected void hookOnComplete() {
            ended = true;
        }

        @Override
        protected void hookOnNext(byte[] frame) {
            String text = new String(frame, UTF_8);
            frames.add(text);
            String[] words = text.split(" ");
            if (!words[0].equals("-")) {
                frame(words);
                remember(words[0]);
            }
        }

        private void frame(String[] words) {
            require(expectedReset == null || words[1].equals("reset"), "a useless cursor is told first");
            switch (words[1]) {
                case "reset" -> {
                    require(
                            expectedReset == null
                                    || resets > 0
                                    || words[2].equals(expectedReset)
                                    || words[2].equals("overrun")
                                    || words[2].equals("rebuilt"),
                            "the reason is right");
                    require(expectedReset != null || !words[2].startsWith("cursor"), "a good cursor is taken");
                    expectedReset = null;
                    resets++;
                    resumed = false;
                    ready = false;
                    seen.clear();
                }
                case "snapshot" -> {
                    require(!ready && !resumed, "snapshots come before ready, and none after a resume");
                    Happened one = happened(words);
                    require(!seen.containsKey(one.key()), "each context is shown once");
                    seen.put(one.key(), one);
                }
                case "ready" -> {
                    require(!ready, "ready comes once");
                    require(resumed == words[2].equals("-1"), "a resume is told from a snapshot");
                    ready = true;
                }
                default -> update(happened(words));
            }
        }

        private void update(Happened one) {
            Happened before = seen.get(one.key());
            Happened predecessor = world.predecessor(one);
            if (before != null) {
                require(one.revision().isAfter(before.revision()), "revisions rise");
                require(before.equals(predecessor), "no change is left out");
            } else if (ready || resumed) {
                require(
                        predecessor == null
                                || predecessor.json() == null
                                || world.isDeletedLater(one.key(), predecessor.revision()),
                        "nothing was missing before");
            }
            seen.put(one.key(), one);
        }

        private Happened happened(String[] words) {
            Happened one =
                    world.at(new Partition(world.type.topic(), Integer.parseInt(words[4])), Long.parseLong(words[5]));
            require(one.key().id().equals(words[2]) && one.revision().toString().equals(words[3]), "it happened so");
            require(selection.covers(one.key()), "it was selected");
            return one;
        }

        private void remember(String text) {
            Cursor cursor = Cursor.parse(text, selection.partitions(world.types).size())
                    .orElseThrow(() -> new AssertionError("The cursor cannot be read"));
            if (cursor.complete()) {
                requireAll(world.asOf(selection, cursor.next()));
            }
            require(!ready || cursor.complete(), "after ready, every cursor can be used");
            places.add(new Place(selection, text, cursor.issued(), cursor.complete(), new HashMap<>(seen)));
        }

        /** A snapshot may be newer than the tail: what is deleted by then is not in it, though the tail has still to say so. */
        private void requireAll(Map<ContextKey, Revision> there) {
            Map<ContextKey, Revision> missing = new HashMap<>(there);
            missing.entrySet().removeAll(held().entrySet());
            missing.keySet().removeIf(key -> !seen.containsKey(key) && world.isDeletedLater(key, there.get(key)));
            require(missing.isEmpty(), "the reader has all that its cursor says, and not " + missing);
            require(there.entrySet().containsAll(held().entrySet()), "the reader has no more than its cursor says");
        }

        private void require(boolean holds, String what) {
            if (!holds) {
                throw new AssertionError("Not so: " + what + "\n" + selection + "\n" + String.join("\n", frames));
            }
        }

        @Override
        protected void hookOnError(Throwable error) {
            failure.compareAndSet(null, error);
        }

        final AtomicReference<Throwable> failure = new AtomicReference<>();

        void check() {
            if (failure.get() != null) {
                throw new AssertionError(failure.get());
            }
        }
    }
}
