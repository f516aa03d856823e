package io.sluice.backpressure;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.sluice.resolver.Causality;
import io.sluice.resolver.Change;
import io.sluice.resolver.Condition;
import io.sluice.resolver.ContextEvent;
import io.sluice.resolver.ContextKey;
import io.sluice.resolver.ContextState;
import io.sluice.resolver.ContextUpdate;
import io.sluice.resolver.Document;
import io.sluice.resolver.Json;
import io.sluice.resolver.LogPosition;
import io.sluice.resolver.Partition;
import io.sluice.resolver.Resolution;
import io.sluice.resolver.Revision;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import reactor.core.Disposable;
import reactor.core.publisher.Flux;
import reactor.core.publisher.FluxSink;
import reactor.core.publisher.Mono;
import reactor.core.publisher.MonoSink;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

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
    /** Of which some selections have contexts beside those of the other. */
    final ContextType second;

    final ContextTypes types;
    final Map<Partition, List<Happened>> history = new LinkedHashMap<>();
    final Map<Partition, Integer> announced = new HashMap<>();
    final AtomicInteger encoded = new AtomicInteger();
    /** Questions that the source was asked. */
    final AtomicInteger reads = new AtomicInteger();

    final Random random;
    final Hub hub;
    final Waiters waiters = new Waiters();
    final Budget budget = new Budget(1 << 30);
    final ScheduledExecutorService loop = Executors.newSingleThreadScheduledExecutor();
    volatile Instant now = Fixtures.START;
    volatile boolean answersAtOnce;

    private final List<Question> questions = new ArrayList<>();
    private final Disposable running;
    private volatile FluxSink<List<LogRecord>> tail;
    private volatile Runnable positioned;

    HubWorld(Random random, int partitions, Hub.Settings settings) {
        this.random = random;
        this.type = Fixtures.type("customer", partitions);
        this.second = Fixtures.type("order", 2);
        this.types = Fixtures.types(type, second);
        for (Partition partition : allPartitions()) {
            history.put(partition, new ArrayList<>());
            announced.put(partition, 0);
        }
        HubEvents events = new HubEvents() {
            @Override
            public void encoded() {
                encoded.incrementAndGet();
            }

            @Override
            public void read() {
                reads.incrementAndGet();
            }
        };
        Hub.Surroundings surroundings = new Hub.Surroundings(
                this, Mono.fromCallable(this::progress), announced -> {}, () -> {}, t -> "life", () -> now);
        this.hub = new Hub(types, surroundings, waiters, events, budget, settings);
        this.running = hub.run(this).subscribe();
    }

    List<Partition> allPartitions() {
        List<Partition> all = new ArrayList<>(type.allPartitions());
        all.addAll(second.allPartitions());
        return all;
    }

    static Hub.Settings settings(int ringUpdates) {
        return settings(ringUpdates, 1_024);
    }

    static Hub.Settings settings(int ringUpdates, int maxFrames) {
        return new Hub.Settings(
                Duration.ofHours(1),
                ringUpdates,
                1 << 20,
                4,
                Duration.ofHours(1),
                Duration.ofHours(1),
                new Mailbox.Settings(maxFrames, 1 << 20));
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
        return happen(types.partitionOf(key), key, true, false);
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

    /** All that is stored and not announced, as one batch, while something stands still. */
    void announceWithoutWaiting() {
        List<LogRecord> records = new ArrayList<>();
        synchronized (this) {
            history.forEach((partition, all) -> {
                all.subList(announced.get(partition), all.size()).forEach(one -> records.add(record(one)));
                announced.put(partition, all.size());
            });
        }
        tail.next(records);
    }

    void announceAll() {
        allPartitions().forEach(partition -> announce(partition, Integer.MAX_VALUE));
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
        Resolution made = new Resolution.Applied(one.state(), null, List.of(), replaced(one));
        Outcome outcome = new Outcome(one.position(), event, made, one.state(), null);
        OutRecord out = UpdateCodec.write(outcome, types.ofKey(one.key()));
        LogPosition place = new LogPosition(out.topic(), one.partition().number(), one.offset(), now);
        return new LogRecord(place, out.key(), out.value(), out.headers());
    }

    /** Sometimes none can say it. */
    private @Nullable JsonNode replaced(Happened one) {
        Happened before = predecessor(one);
        String json = before == null || before.json() == null ? "null" : before.json();
        return one.offset() % 4 == 3 ? null : Json.TRUSTED.value(json.getBytes(UTF_8));
    }

    /** What has a number that leaves this remainder. @param forgetful of what was before */
    record Remainder(int of, int is, boolean forgetful) implements Filter {

        @Override
        public String name() {
            return "n % " + of + " == " + is + (forgetful ? " now" : "");
        }

        boolean holds(@Nullable String json) {
            return json != null && holds(Fixtures.object(json));
        }

        private boolean holds(ObjectNode document) {
            return document.get("n").asInt() % of == is;
        }

        @Override
        public boolean holds(ContextState state, @Nullable Document before) {
            return holds(Objects.requireNonNull(state.document()).tree());
        }

        @Override
        public Before heldBefore(ContextUpdate update, Document before) {
            return forgetful ? Before.UNKNOWN : holds(before.tree()) ? Before.HELD : Before.DID_NOT_HOLD;
        }
    }

    private static boolean holds(Filter filter, Happened one) {
        return filter instanceof Remainder remainder ? remainder.holds(one.json()) : one.json() != null;
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

    synchronized boolean leavesLater(ContextKey key, Revision than, Filter filter) {
        return history.get(types.partitionOf(key)).stream()
                .anyMatch(one -> one.isVisible()
                        && one.key().equals(key)
                        && !holds(filter, one)
                        && one.revision().isAfter(than));
    }

    synchronized boolean isDeletedLater(ContextKey key, Revision than) {
        return history.get(types.partitionOf(key)).stream()
                .anyMatch(one -> one.isVisible()
                        && one.key().equals(key)
                        && one.json() == null
                        && one.revision().isAfter(than));
    }

    synchronized Happened at(Partition partition, long offset) {
        return history.get(partition).get((int) offset);
    }

    /** What there was of the selection when the partitions stood there. */
    synchronized Map<ContextKey, Revision> asOf(Selection selection, Filter filter, long[] next) {
        Map<ContextKey, Revision> found = new HashMap<>();
        List<Partition> partitions = selection.partitions(types);
        for (int i = 0; i < next.length; i++) {
            for (Happened one : history.get(partitions.get(i))) {
                if (one.offset() < next[i] && one.isVisible() && selection.covers(one.key())) {
                    if (holds(filter, one)) {
                        found.put(one.key(), one.revision());
                    } else {
                        found.remove(one.key());
                    }
                }
            }
        }
        return found;
    }

    Map<ContextKey, Revision> now(Selection selection) {
        return now(selection, Filter.NONE);
    }

    Map<ContextKey, Revision> now(Selection selection, Filter filter) {
        long[] ends = new long[selection.partitions(types).size()];
        java.util.Arrays.fill(ends, Long.MAX_VALUE);
        return asOf(selection, filter, ends);
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
    public Mono<List<ContextState>> states(List<ContextKey> keys) {
        return ask(() -> {
            synchronized (this) {
                Map<ContextKey, ContextState> last = new LinkedHashMap<>();
                history.values()
                        .forEach(partition -> partition.stream()
                                .filter(one -> one.isVisible() && keys.contains(one.key()))
                                .forEach(one -> last.put(one.key(), one.state())));
                return List.copyOf(last.values());
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
                                .filter(one ->
                                        one.isVisible() && one.key().type().equals(name))
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

    /** Returns when the hub and the event loop have done all that follows from what was done so far. */
    void settle() {
        for (int i = 0; i < 6; i++) {
            CountDownLatch reached = new CountDownLatch(1);
            hub.execute(reached::countDown);
            try {
                if (!reached.await(20, TimeUnit.SECONDS)) {
                    throw new AssertionError("The hub stands still");
                }
                onLoop(() -> {});
            } catch (InterruptedException e) {
                throw new AssertionError(e);
            }
        }
    }

    /** On the event loop of all connections. */
    void onLoop(Runnable work) {
        try {
            loop.submit(work).get(20, TimeUnit.SECONDS);
        } catch (InterruptedException | ExecutionException | TimeoutException e) {
            throw new AssertionError(e);
        }
    }

    @Override
    public void close() {
        running.dispose();
        hub.close();
        loop.shutdown();
    }

    /**
     * A wire format that tests can read: the cursor, and then one word for what it is. A line each.
     *
     * @param name two of them are two views
     */
    record Words(String name) implements Encoding {

        static final Words WORDS = new Words("words");

        @Override
        public byte[] update(ContextUpdate update) {
            return line(update.state().isDeleted() ? "deleted" : "update", update.state());
        }

        @Override
        public byte[] whole(ContextUpdate update) {
            return line(update.state().isDeleted() ? "deleted" : "whole", update.state());
        }

        @Override
        public byte[] snapshot(ContextState state) {
            return line("snapshot", state);
        }

        @Override
        public byte[] removed(ContextKey key) {
            return ("removed " + key.id() + " " + key.type() + "\n").getBytes(UTF_8);
        }

        private static byte[] line(String word, ContextState state) {
            return (word + " " + state.key().id() + " " + state.revision() + " "
                            + (state.key().type().equals("customer")
                                    ? ""
                                    : state.position().topic() + "/")
                            + state.position().partition() + " "
                            + state.position().offset() + "\n")
                    .getBytes(UTF_8);
        }

        @Override
        public byte[] ready(long contexts) {
            return ("ready " + contexts + "\n").getBytes(UTF_8);
        }

        @Override
        public byte[] reset(String reason) {
            return ("reset " + reason + "\n").getBytes(UTF_8);
        }

        @Override
        public byte[] heartbeat() {
            return "- heartbeat\n".getBytes(UTF_8);
        }

        @Override
        public byte[] goodbye() {
            return "- goodbye\n".getBytes(UTF_8);
        }

        @Override
        public byte[] withCursor(String cursor, byte[] body) {
            return ((cursor.isEmpty() ? "-" : cursor) + " " + new String(body, UTF_8)).getBytes(UTF_8);
        }
    }

    /** A reader who reads as much as it is told to, and complains of anything that may not be. */
    static final class Client implements Connection {

        /** Where a reader stood when it had read a frame. @param seen all it knew then, deletions among it */
        record Place(
                Selection selection,
                Filter filter,
                String cursor,
                Instant issued,
                boolean complete,
                Map<ContextKey, Happened> seen) {}

        private final HubWorld world;
        private final DeliveryPolicy policy;
        private final int room;
        final Selection selection;
        final Filter filter;
        /** Frames that the network has. On the event loop. */
        private final ArrayDeque<String> sent = new ArrayDeque<>();

        final List<String> frames = new ArrayList<>();
        final List<Place> places = new ArrayList<>();
        private Hub.@Nullable Subscription subscription;
        private Map<ContextKey, Happened> seen = new HashMap<>();
        /** What was seen and was taken back. */
        private final Set<ContextKey> removed = new HashSet<>();

        private boolean resumed;

        @Nullable
        String expectedReset;

        private volatile @Nullable Throwable failure;
        volatile int writes;
        volatile int flushes;
        volatile boolean ended;
        boolean ready;
        int resets;

        /** @param room so many frames the network takes, beside what it is made to take */
        Client(HubWorld world, Selection selection, DeliveryPolicy policy, int room) {
            this(world, selection, Filter.NONE, policy, room);
        }

        Client(HubWorld world, Selection selection, Filter filter, DeliveryPolicy policy, int room) {
            this.world = world;
            this.filter = filter;
            this.selection = selection;
            this.policy = policy;
            this.room = room;
        }

        Client join() {
            return join("");
        }

        Client join(String cursor) {
            subscription = world.hub.watch(new View(selection, filter, Words.WORDS), policy, cursor, this);
            world.settle();
            return this;
        }

        /** Goes on where another reader, or this one, once was. */
        Client resume(Place place) {
            if (!place.selection().equals(selection) || !place.filter().equals(filter)) {
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
            Objects.requireNonNull(subscription).leave();
            world.settle();
        }

        /** Leaves as soon as it is ready. @return where it is then */
        Place place() {
            world.answerAll();
            read(100);
            leave();
            return places.getLast();
        }

        /** Reads so many frames, if there are so many. */
        void read(int count) {
            world.onLoop(() -> {
                try {
                    take(count);
                } catch (Throwable e) {
                    failure = e;
                }
            });
            world.settle();
        }

        private void take(int count) {
            for (int i = 0; i < count && !sent.isEmpty(); i++) {
                boolean was = isWritable();
                take(sent.remove());
                if (!was && isWritable() && subscription != null) {
                    subscription.writable();
                }
            }
        }

        int waiting() {
            int[] waiting = new int[1];
            world.onLoop(() -> waiting[0] = sent.size());
            return waiting[0];
        }

        Map<ContextKey, Revision> held() {
            Map<ContextKey, Revision> held = new HashMap<>();
            seen.forEach((key, one) -> {
                if (one.json() != null && !removed.contains(key)) {
                    held.put(key, one.revision());
                }
            });
            return held;
        }

        @Override
        public ScheduledExecutorService loop() {
            return world.loop;
        }

        @Override
        public boolean isWritable() {
            return sent.size() < room;
        }

        @Override
        public void write(byte[] more) {
            writes++;
            for (String frame : new String(more, UTF_8).split("\n")) {
                sent.add(frame);
            }
        }

        @Override
        public void flush() {
            flushes++;
        }

        @Override
        public void close() {
            ended = true;
        }

        private void take(String text) {
            frames.add(text);
            String[] words = text.split(" ");
            if (words[1].equals("heartbeat") || words[1].equals("goodbye")) {
                return;
            }
            frame(words);
            if (!words[0].equals("-")) {
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
                    removed.clear();
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
                case "removed" -> {
                    require(filter != Filter.NONE, "nothing leaves a feed of all");
                    seen.keySet().stream()
                            .filter(key ->
                                    key.id().equals(words[2]) && key.type().equals(words[3]))
                            .forEach(removed::add);
                }
                default -> update(happened(words), words[1].equals("update") || policy == DeliveryPolicy.EVERY);
            }
        }

        /** @param exact whether it follows upon what the reader has */
        private void update(Happened one, boolean exact) {
            Happened before = seen.get(one.key());
            Happened predecessor = world.predecessor(one);
            require(before == null || one.revision().isAfter(before.revision()), "revisions rise");
            if (before != null && before.json() != null && !removed.contains(one.key())) {
                require(!exact || before.equals(predecessor), "no change is left out");
            } else if (exact && one.json() != null && (ready || resumed)) {
                require(
                        predecessor == null
                                || !holds(filter, predecessor)
                                || world.isDeletedLater(one.key(), predecessor.revision()),
                        "nothing was missing before");
            }
            seen.put(one.key(), one);
            removed.remove(one.key());
        }

        private Happened happened(String[] words) {
            String[] place = words[4].split("/");
            String topic = place.length == 1 ? world.type.topic() : place[0];
            Happened one =
                    world.at(new Partition(topic, Integer.parseInt(place[place.length - 1])), Long.parseLong(words[5]));
            require(one.key().id().equals(words[2]) && one.revision().toString().equals(words[3]), "it happened so");
            require(selection.covers(one.key()), "it was selected");
            require(one.json() == null || holds(filter, one), "the filter holds");
            return one;
        }

        private void remember(String text) {
            Cursor cursor = Cursor.parse(text, selection.partitions(world.types).size())
                    .orElseThrow(() -> new AssertionError("The cursor cannot be read"));
            if (cursor.complete()) {
                requireAll(world.asOf(selection, filter, cursor.next()));
            }
            require(!ready || cursor.complete(), "after ready, every cursor can be used");
            Map<ContextKey, Happened> known = new HashMap<>(seen);
            known.keySet().removeAll(removed);
            places.add(new Place(selection, filter, text, cursor.issued(), cursor.complete(), known));
        }

        /** A snapshot may be newer than the tail: what is deleted by then is not in it, though the tail has still to say so. */
        private void requireAll(Map<ContextKey, Revision> there) {
            Map<ContextKey, Revision> missing = new HashMap<>(there);
            missing.entrySet().removeAll(held().entrySet());
            missing.keySet()
                    .removeIf(key -> !held().containsKey(key)
                            && (!seen.containsKey(key) || filter != Filter.NONE)
                            && world.leavesLater(key, there.get(key), filter));
            require(missing.isEmpty(), "the reader has all that its cursor says, and not " + missing);
            require(there.entrySet().containsAll(held().entrySet()), "the reader has no more than its cursor says");
        }

        private void require(boolean holds, String what) {
            if (!holds) {
                throw new AssertionError("Not so: " + what + "\n" + selection + " " + filter.name() + " " + policy
                        + "\n" + String.join("\n", frames));
            }
        }

        void check() {
            if (failure != null) {
                throw new AssertionError(failure);
            }
        }
    }
}
