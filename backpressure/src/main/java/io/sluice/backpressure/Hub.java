package io.sluice.backpressure;

import io.sluice.backpressure.CatchUp.Page;
import io.sluice.backpressure.CatchUp.States;
import io.sluice.backpressure.CatchUp.Updates;
import io.sluice.backpressure.Reads.Question;
import io.sluice.resolver.ContextKey;
import io.sluice.resolver.ContextUpdate;
import io.sluice.resolver.MalformedException;
import io.sluice.resolver.NoLongerKeptException;
import io.sluice.resolver.Partition;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.IdentityHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.core.publisher.Sinks;
import reactor.core.scheduler.Scheduler;
import reactor.core.scheduler.Schedulers;
import reactor.util.retry.Retry;

/**
 * Brings what is announced to all who watch. One tail a node reads all updates; each is put into the node's memory, encoded
 * once for each view, and handed once to each event loop, which gives it to its connections.
 *
 * <p>Everything in here happens on one thread, the hub's: what a subscriber misses between two questions cannot happen. What
 * is said to a connection happens on its event loop, in the order in which it was said here. The public methods may be called
 * from any thread.
 */
public final class Hub implements AutoCloseable {

    private static final Logger log = LoggerFactory.getLogger(Hub.class);

    private static final Duration POSITION_TIMEOUT = Duration.ofSeconds(10);

    /**
     * @param resumeWindow how old a cursor may be
     * @param ringUpdates of each partition that are kept in memory for those who come back, at most
     * @param ringBytes of each partition, likewise
     * @param maxLoads snapshots and replays that are read at the same time, at most
     * @param heartbeat so long a connection may be silent
     * @param patience so long a reader may take nothing before it is sent away
     * @param mailbox of each feed
     */
    public record Settings(
            Duration resumeWindow,
            int ringUpdates,
            long ringBytes,
            int maxLoads,
            Duration heartbeat,
            Duration patience,
            Mailbox.Settings mailbox) {
        public Settings {
            if (resumeWindow.isNegative() || resumeWindow.isZero()) {
                throw new IllegalArgumentException("resume window: " + resumeWindow + " (expected: > 0)");
            }
            if (ringUpdates < 0 || ringBytes < 0 || maxLoads < 1) {
                throw new IllegalArgumentException("ring: " + ringUpdates + " updates, " + ringBytes + " bytes, loads: "
                        + maxLoads + " (expected: >= 0, >= 0, >= 1)");
            }
        }
    }

    /**
     * What the hub needs of the node around it.
     *
     * @param progress how far each partition is stored: read when the tail is positioned
     * @param remember told of every visible change that the tail brings, in order, before anybody else is
     * @param forget told when the tail has lost its place: what is remembered may be old
     * @param life names the life of a type's topic: cursors of another are of no use
     */
    public record Surroundings(
            FeedSource source,
            Mono<Map<Partition, Long>> progress,
            Consumer<Announced> remember,
            Runnable forget,
            Function<ContextType, String> life,
            InstantSource clock) {}

    private final ContextTypes types;
    private final Surroundings surroundings;
    private final Waiters waiters;
    private final HubEvents events;
    private final Settings settings;
    private final Budget budget;
    private final Scheduler thread = Schedulers.newSingle("hub");
    private final Sinks.Many<Mono<Void>> loads = Sinks.many().unicast().onBackpressureBuffer();
    private final Sinks.Empty<Void> positioned = Sinks.empty();

    /** Written by the hub's thread, read by others too. */
    private final Map<Partition, Long> seen = new ConcurrentHashMap<>();

    /** How far the partitions were stored when the tail began anew, until the hub's thread has done so too. */
    private final AtomicReference<@Nullable Map<Partition, Long>> newPlace = new AtomicReference<>();

    private final Map<Partition, Ring> rings = new HashMap<>();
    private final Map<Selection, Map<Filter, Watched>> watched = new HashMap<>();
    private final SeveralIndex<Map<Filter, Watched>> several = new SeveralIndex<>();
    private final Reads reads = new Reads(this);
    private final Set<Subscriber> catchingUp = new LinkedHashSet<>();
    private final Map<ExecutorService, Outbox> outboxes = new IdentityHashMap<>();
    private final List<Runnable> whenCalm = new ArrayList<>();
    private int count;
    private int views;
    private boolean closed;

    public Hub(
            ContextTypes types,
            Surroundings surroundings,
            Waiters waiters,
            HubEvents events,
            Budget budget,
            Settings settings) {
        this.types = types;
        this.surroundings = surroundings;
        this.budget = budget;
        this.waiters = waiters;
        this.events = events;
        this.settings = settings;
    }

    /** A feed that has begun. */
    public final class Subscription {

        private final Subscriber subscriber;

        private Subscription(Subscriber subscriber) {
            this.subscriber = subscriber;
        }

        /** The connection has room again. To be called on its event loop. */
        public void writable() {
            subscriber.mailbox().writable();
        }

        /** The reader has gone. May be called from any thread, and more than once. */
        public void leave() {
            execute(() -> Hub.this.leave(subscriber));
        }
    }

    /** The hub at work. To be subscribed once. Never completes or fails. */
    public Flux<Void> run(UpdateLog updates) {
        Flux<Void> tail = Flux.defer(() -> updates.tail(types.all(), this::position))
                .publishOn(thread, 2)
                .concatMap(
                        records -> {
                            accept(records);
                            return calm();
                        },
                        1)
                .then()
                .flux()
                .retryWhen(Retry.backoff(Long.MAX_VALUE, Duration.ofMillis(100))
                        .maxBackoff(Duration.ofSeconds(2))
                        .transientErrors(true)
                        .doBeforeRetry(signal -> {
                            log.warn(
                                    "The tail of the updates starts over: {}",
                                    signal.failure().toString());
                            events.tailRestarted(signal.failure());
                        }));
        Flux<Void> heartbeats = Flux.interval(settings.heartbeat())
                .onBackpressureDrop()
                .publishOn(thread, 1)
                .doOnNext(tick -> beat())
                .then()
                .flux();
        return Flux.merge(tail, heartbeats, loads.asFlux().flatMap(Function.identity(), settings.maxLoads()));
    }

    /** Completes when the tail has its place: from then on nothing that is announced is missed. */
    public Mono<Void> positioned() {
        return positioned.asMono();
    }

    /**
     * Begins a feed: a snapshot, or what was missed since the cursor, then {@code ready}, then every update.
     *
     * @param resume the text of a cursor, of any origin; empty: none
     */
    public Subscription watch(View view, DeliveryPolicy policy, String resume, Connection connection) {
        Subscriber subscriber = new Subscriber(this, view, policy, connection);
        execute(() -> enter(subscriber, resume));
        return new Subscription(subscriber);
    }

    /** As far as the tail has come in a partition: the next source offset. Negative: that is not known now. */
    public long seen(Partition partition) {
        return seen.getOrDefault(partition, -1L);
    }

    /**
     * Ends all feeds, and at once those that still begin: each reader has a cursor to go on with elsewhere. Whoever waits for an
     * outcome is told as before.
     */
    public void drain() {
        execute(() -> {
            closed = true;
            everyone().forEach(Subscriber::close);
            several.clear();
            watched.clear();
            catchingUp.clear();
            count = 0;
            views = 0;
            events.subscribers(count);
            events.views(views);
        });
    }

    /** To be called when {@link #run} has been cancelled. */
    @Override
    public void close() {
        drain();
        thread.disposeGracefully()
                .timeout(Duration.ofSeconds(2))
                .onErrorComplete()
                .block();
    }

    /**
     * Forgets what is remembered, and begins all feeds anew: for when what was read from the source for a while was older than
     * what was announced before, and has become as new again.
     */
    public void startOver() {
        execute(() -> {
            surroundings.forget().run();
            reads.outdate();
            everyone().forEach(subscriber -> subscriber.startOver("rebuilt"));
        });
    }

    /** What it wants of the event loops they hear when it is done. */
    void execute(Runnable work) {
        if (!thread.isDisposed()) {
            thread.schedule(() -> {
                work.run();
                schedule();
            });
        }
    }

    private void schedule() {
        outboxes.values().forEach(Outbox::schedule);
    }

    /** On the hub's thread. */
    Outbox outbox(ScheduledExecutorService loop) {
        return outboxes.computeIfAbsent(loop, any -> new Outbox(loop, () -> execute(this::calmed)));
    }

    /** Completes when no event loop is far behind: the tail waits for the slowest of them. */
    private Mono<Void> calm() {
        if (outboxes.values().stream().noneMatch(Outbox::isFull)) {
            return Mono.empty();
        }
        return Mono.create(sink -> whenCalm.add(sink::success));
    }

    private void calmed() {
        if (outboxes.values().stream().noneMatch(Outbox::isFull)) {
            List<Runnable> waiting = List.copyOf(whenCalm);
            whenCalm.clear();
            waiting.forEach(Runnable::run);
        }
    }

    private void beat() {
        everyone().forEach(Subscriber::heartbeat);
        schedule();
    }

    private void enter(Subscriber subscriber, String resume) {
        if (closed) {
            subscriber.close();
            return;
        }
        View view = subscriber.view();
        Watched feed = watched.computeIfAbsent(view.selection(), selection -> {
                    Map<Filter, Watched> same = new HashMap<>(2);
                    several.add(selection, same);
                    return same;
                })
                .computeIfAbsent(view.filter(), filter -> subscriber.watched());
        if (feed.audienceIfAny(view) == null) {
            events.views(++views);
        }
        subscriber.enter(feed.audience(view));
        catchingUp.add(subscriber);
        events.subscribers(++count);
        subscriber.start(resume);
    }

    void leave(Subscriber subscriber) {
        subscriber.end();
        catchingUp.remove(subscriber);
        View view = subscriber.view();
        Watched feed = watched.getOrDefault(view.selection(), Map.of()).get(view.filter());
        Audience audience = feed == null ? null : feed.audienceIfAny(view);
        if (feed == null || audience == null || !audience.leave(subscriber)) {
            return;
        }
        events.subscribers(--count);
        if (audience.all().isEmpty()) {
            feed.remove(view);
            events.views(--views);
        }
        if (feed.isEmpty()) {
            forget(feed);
        }
    }

    private void forget(Watched feed) {
        Map<Filter, Watched> same = watched.getOrDefault(feed.selection(), Map.of());
        same.remove(feed.filter());
        if (same.isEmpty()) {
            watched.remove(feed.selection());
            several.remove(feed.selection(), same);
        }
    }

    /** On the thread that reads: what was stored before now may not be announced again, what is stored later will be. */
    private void position() {
        Map<Partition, Long> progress = surroundings.progress().block(POSITION_TIMEOUT);
        newPlace.set(progress == null ? Map.of() : progress);
        execute(this::beginAnew);
    }

    /** Before anything is accepted that was read at the new place, and that may be sooner than the thread comes to it. */
    private void beginAnew() {
        Map<Partition, Long> progress = newPlace.getAndSet(null);
        if (progress == null) {
            return;
        }
        surroundings.forget().run();
        reads.outdate();
        seen.clear();
        rings.clear();
        for (ContextType type : types.all()) {
            for (Partition partition : type.allPartitions()) {
                long next = progress.getOrDefault(partition, 0L);
                seen.put(partition, next);
                rings.put(partition, new Ring(new Ring.Settings(settings.ringUpdates(), settings.ringBytes()), next));
            }
        }
        everyone().forEach(subscriber -> subscriber.startOver("rebuilt"));
        positioned.tryEmitEmpty();
    }

    private List<Subscriber> everyone() {
        return watched.values().stream()
                .flatMap(same -> same.values().stream())
                .flatMap(feed -> feed.audiences().stream())
                .flatMap(audience -> audience.all().stream())
                .toList();
    }

    private void accept(List<LogRecord> records) {
        beginAnew();
        for (LogRecord record : records) {
            String topic = record.position().topic();
            ContextType type = types.named(topic.substring(0, topic.length() - "-updates".length()))
                    .orElseThrow();
            accept(record, type);
        }
        for (Subscriber subscriber : List.copyOf(catchingUp)) {
            goLive(subscriber);
        }
        schedule();
    }

    /** Whatever one record does, those behind it are not lost for it. */
    private void accept(LogRecord record, ContextType type) {
        try {
            if (RebuiltNotice.is(record)) {
                rebuilt(type);
                return;
            }
            Announced announced = UpdateCodec.read(record, type);
            if (announced != null) {
                accept(announced);
            }
        } catch (MalformedException e) {
            log.error("Skips {}, which is no announcement of Sluice: {}", record.position(), e.getMessage());
        } catch (RuntimeException e) {
            log.error("Cannot bring {} to those who watch", record.position(), e);
        }
    }

    /** What was announced stands, and so do the rings; what was read from the store may have been wrong. */
    private void rebuilt(ContextType type) {
        log.info("The states of type {} were made again: those who watch it start over", type.name());
        surroundings.forget().run();
        reads.outdate();
        everyone().stream()
                .filter(subscriber -> subscriber.view().selection().typeNames().contains(type.name()))
                .forEach(subscriber -> subscriber.startOver("rebuilt"));
    }

    private void accept(Announced announced) {
        Partition partition = Partition.of(announced.source());
        long next = announced.source().offset() + 1;
        if (next <= seen(partition)) {
            return; // said again after a crash, or the late word of a node that is no longer the owner
        }
        seen.put(partition, next);
        events.received(partition, Duration.between(announced.source().time(), now()));
        if (announced.isVisible()) {
            surroundings.remember().accept(announced);
            publish(new Published(announced, events));
        }
        waiters.tell(announced);
    }

    private void publish(Published published) {
        Ring ring = rings.get(published.partition());
        if (ring != null) {
            ring.add(published);
        }
        ContextKey key = published.key();
        reads.changed(key);
        publish(published, watched.get(new Selection.One(key)));
        publish(published, watched.get(new Selection.OfType(key.tenant(), key.type())));
        publishIfInConflict(published, watched.get(new Selection.OfType(key.tenant(), key.type(), true)));
        several.forEach(key, same -> publish(published, same));
    }

    private void publishIfInConflict(Published published, @Nullable Map<Filter, Watched> same) {
        if (same != null
                && published.isReadable()
                && !published.update().conflicts().isEmpty()) {
            publish(published, same);
        }
    }

    private void publish(Published published, @Nullable Map<Filter, Watched> same) {
        if (same != null && published.isReadable()) {
            same.values().forEach(feed -> events.delivered(feed.publish(published, this)));
        }
    }

    private void goLive(Subscriber subscriber) {
        subscriber.goLiveIfTailIsThere();
        if (!subscriber.isCatchingUp()) {
            catchingUp.remove(subscriber);
        }
    }

    /** It is not live any more. */
    void catchesUp(Subscriber subscriber) {
        catchingUp.add(subscriber);
    }

    void read(Question question, Consumer<Page> answered, Consumer<Throwable> failed) {
        reads.ask(question, answered, failed);
    }

    /** Asks when it is its turn. What is asked, and what comes of it, is told on the hub's thread. */
    <T> void load(Supplier<Mono<T>> question, Consumer<T> answered, Consumer<Throwable> failed) {
        loads.tryEmitNext(Mono.defer(question)
                .subscribeOn(thread)
                .publishOn(thread)
                .doOnNext(answer -> {
                    answered.accept(answer);
                    schedule();
                })
                .doOnError(error -> {
                    failed.accept(error);
                    schedule();
                })
                .onErrorComplete()
                .then());
    }

    /** What is in memory if that is enough, else what the source has. On the hub's thread. */
    Mono<Page> page(Question question) {
        FeedSource source = surroundings.source();
        return switch (question) {
            case Question.OfKeys(var keys) -> read(source.states(keys)).map(states -> new States(states, true));
            case Question.OfType(var tenant, var type, var after) ->
                read(source.states(tenant, type, after)).map(page -> new States(page.states(), page.last()));
            case Question.Missed missed -> missed(missed);
        };
    }

    private <T> Mono<T> read(Mono<T> asked) {
        events.read();
        return asked.retryWhen(Retry.backoff(3, Duration.ofMillis(100))
                .filter(failure -> !(failure instanceof NoLongerKeptException)));
    }

    private Mono<Page> missed(Question.Missed question) {
        Partition partition = question.partition();
        long tail = seen(partition);
        Ring ring = rings.get(partition);
        if (ring != null && ring.covers(question.from())) {
            return Mono.just(updates(ring.page(question.from(), question.selection()), tail));
        }
        return read(surroundings.source().updates(question.selection(), partition, question.from()))
                .map(page -> {
                    List<Published> updates = page.updates().stream()
                            .map(update -> published(update, partition))
                            .toList();
                    return updates(new Updates(updates, page.next(), page.last()), tail);
                });
    }

    /** @param tail where it stood before the page was asked for: what it has brought is stored, and so in the page */
    private static Updates updates(Updates page, long tail) {
        return page.last() ? new Updates(page.updates(), Math.max(page.next(), tail), true) : page;
    }

    private Published published(ContextUpdate update, Partition partition) {
        return new Published(update, partition, update.state().position().offset(), 0, events);
    }

    boolean hasSeen(List<Partition> partitions, long[] needed) {
        for (int i = 0; i < needed.length; i++) {
            if (seen(partitions.get(i)) < needed[i]) {
                return false;
            }
        }
        return true;
    }

    /** Where the tail stands, for all who watch the same. */
    String cursor(int hash, List<Partition> partitions) {
        long[] next = partitions.stream().mapToLong(this::seen).toArray();
        return new Cursor(hash, now(), true, next).text();
    }

    /**
     * A cursor for {@link #watch}, of a feed that began at that time.
     *
     * @param next of its partitions the first source offset that it has not seen; 0 of one that is not there
     */
    public String cursor(View view, Instant began, Map<Partition, Long> next) {
        long[] places = view.selection().partitions(types).stream()
                .mapToLong(partition -> next.getOrDefault(partition, 0L))
                .toArray();
        return new Cursor(hash(view), began, true, places).text();
    }

    boolean isExpired(Cursor cursor) {
        return cursor.issued().isBefore(now().minus(settings.resumeWindow()));
    }

    /** Of what a view has, however it looks. */
    int hash(View view) {
        List<String> lives = view.selection().typeNames().stream()
                .map(type -> surroundings.life().apply(types.named(type).orElseThrow()))
                .toList();
        return List.of(view.selection().name(), view.filter().name(), lives).hashCode();
    }

    Instant now() {
        return surroundings.clock().instant();
    }

    ContextTypes types() {
        return types;
    }

    Settings settings() {
        return settings;
    }

    Budget budget() {
        return budget;
    }

    HubEvents events() {
        return events;
    }
}
