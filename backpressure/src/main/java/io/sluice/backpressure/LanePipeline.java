package io.sluice.backpressure;

import io.sluice.backpressure.ContextStore.Progress;
import io.sluice.backpressure.EventLog.Reading;
import io.sluice.backpressure.Moves.Move;
import io.sluice.resolver.ContextKey;
import io.sluice.resolver.MalformedException;
import io.sluice.resolver.Partition;
import io.sluice.resolver.Remembered;
import io.sluice.resolver.Resolver;
import io.sluice.resolver.UnavailableException;
import java.time.Duration;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.OptionalLong;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.core.publisher.Sinks;
import reactor.core.scheduler.Scheduler;
import reactor.util.retry.Retry;

/**
 * The way of the events of one lane, on one node: <em>read, load, fold, store, refresh the cache, announce</em>.
 *
 * <h2>Ownership</h2>
 *
 * The consumer group says whose a partition is; the database makes it true. Whoever is assigned a partition takes a new epoch
 * in its progress and reads from there, not from what the group has committed. Each store moves the progress from where its
 * batch began, under its epoch, or does nothing: a node that was thought dead and wakes up loses, drops everything that it
 * holds, leaves the group and joins it anew.
 *
 * <h2>Order</h2>
 *
 * Batches of a partition are folded one by one, stored in that order (several of them, and of other partitions, in one
 * transaction), and announced in that order, after they are stored. What was stored and not announced when a node dies, the
 * next owner announces from the journal, as it was decided then.
 *
 * <h2>Faults</h2>
 *
 * The database away: the store stage waits, partitions fill and are paused. The log away: announcements wait, likewise. Redis
 * away: nothing waits. A record that cannot be read or stored goes to the dead letters. A type whose topics are not what they
 * were is stopped: its partitions stay this member's, and nothing of them is read. Anything else ends this member of the
 * group and starts another, with a growing pause.
 */
public final class LanePipeline {

    private static final Logger log = LoggerFactory.getLogger(LanePipeline.class);

    private static final Duration TAKE_TIMEOUT = Duration.ofSeconds(10);
    private static final Duration LOOK_EVERY = Duration.ofSeconds(2);

    private final Lane lane;
    private final ContextTypes types;
    private final EventLog eventLog;
    private final Ports ports;
    private final Function<ContextType, Resolver> resolvers;
    private final EventCodec codec;
    private final PipelineEvents events;
    private final PipelineSettings settings;
    private final Scheduler folding;
    /** Stretches of the log in which the database has refused something. Outlives the member that met it. */
    private final Map<Partition, Long> crawls = new ConcurrentHashMap<>();

    private volatile @Nullable Member member;

    /**
     * The systems around the pipeline.
     *
     * @param stopped what is not read
     * @param check stops a type whose topics are not what they were
     */
    public record Ports(
            ContextStore store,
            StateRefresh cache,
            Appender appender,
            StoppedTypes stopped,
            Function<ContextType, Mono<Void>> check) {}

    /** @param folding where the folds run; not closed here */
    public LanePipeline(
            Lane lane,
            ContextTypes types,
            EventLog eventLog,
            Ports ports,
            Function<ContextType, Resolver> resolvers,
            EventCodec codec,
            PipelineEvents events,
            PipelineSettings settings,
            Scheduler folding) {
        this.lane = lane;
        this.types = types;
        this.eventLog = eventLog;
        this.ports = ports;
        this.resolvers = resolvers;
        this.codec = codec;
        this.events = events;
        this.settings = settings;
        this.folding = folding;
    }

    /** The lane at work. To be subscribed once. Never completes or fails; cancelling leaves the group at once. */
    public Flux<Void> run() {
        return Flux.defer(() -> new Member().run())
                .retryWhen(Retry.backoff(Long.MAX_VALUE, Duration.ofMillis(200))
                        .maxBackoff(Duration.ofSeconds(5))
                        .transientErrors(true)
                        .doBeforeRetry(signal -> {
                            log.warn(
                                    "Lane {} starts over: {}",
                                    lane.label(),
                                    signal.failure().toString());
                            events.restarted(lane, signal.failure());
                        }));
    }

    /** One membership in the consumer group, with all that hangs on it. */
    private final class Member implements EventLog.Ownership {

        private final GroupCommit commit = new GroupCommit(lane, ports.store(), events, folding);
        private final Map<Partition, PartitionFlow> flows = new ConcurrentHashMap<>();
        /** Per partition, where the last batch ended that was dispatched. Its lock keeps a flow from changing meanwhile. */
        private final Map<Partition, Long> dispatched = new HashMap<>();

        private final Sinks.Many<PartitionFlow> started = Sinks.many().unicast().onBackpressureBuffer();
        private final List<String> topics = types.in(lane).stream()
                .filter(type -> !ports.stopped().isStopped(type))
                .map(ContextType::topic)
                .toList();
        private final Reading reading = eventLog.read(lane, topics, this);

        Flux<Void> run() {
            if (topics.isEmpty()) {
                return Flux.never();
            }
            member = this;
            return Flux.merge(
                    commit.run(),
                    Flux.interval(LOOK_EVERY).onBackpressureDrop().concatMap(tick -> look(), 1),
                    ports.stopped().stops().handle((type, nothing) -> standStill(type)),
                    started.asFlux().flatMap(PartitionFlow::run, Integer.MAX_VALUE),
                    reading.batches().concatMap(this::dispatch, 1));
        }

        /**
         * A database that has failed over to a replica may have less than it said. Where events come the next store finds that
         * out; where none come, this does.
         */
        private Mono<Void> look() {
            Map<Partition, Long> known = new HashMap<>();
            flows.forEach((partition, flow) -> known.put(partition, flow.stored()));
            return ports.store()
                    .progress()
                    .onErrorResume(UnavailableException.class, e -> Mono.empty())
                    .doOnNext(now -> known.forEach((partition, next) -> {
                        if (now.getOrDefault(partition, 0L) < next) {
                            throw new LostPartitionException(partition);
                        }
                    }))
                    .then();
        }

        /** On the thread that reads; it has nothing better to do until the answer is there. */
        @Override
        public OptionalLong assigned(Partition partition, EventLog.Extent extent) {
            revoked(partition);
            ContextType type = types.ofTopic(partition.topic());
            ports.check().apply(type).block(TAKE_TIMEOUT);
            if (partition.number() >= type.partitions()) {
                ports.stopped().stop(type, tooMany(partition, type));
            }
            if (ports.stopped().isStopped(type)) {
                return OptionalLong.empty();
            }
            Progress progress =
                    Objects.requireNonNull(ports.store().take(partition).block(TAKE_TIMEOUT));
            long start = position(progress, type, extent);
            if (ports.stopped().isStopped(type)) {
                return OptionalLong.empty();
            }
            begin(type, progress);
            if (ports.stopped().isStopped(type)) {
                revoked(partition);
                return OptionalLong.empty();
            }
            log.debug("Owns {} from {}", partition, start);
            return OptionalLong.of(start);
        }

        /** Where the store stands; of what nothing is stored, where the log begins. */
        private long position(Progress progress, ContextType type, EventLog.Extent extent) {
            long next = progress.next();
            long begin = extent.begin();
            long end = extent.end();
            if (next > end) {
                stop(
                        type,
                        "partition " + progress.partition() + " ends at " + end + ", and " + next
                                + " is stored of it (expected: the log that was read before; this one has lost its end)");
            } else if (next > 0 && next < begin) {
                stop(
                        type,
                        "partition " + progress.partition() + " begins at " + begin
                                + " by now, and events from " + next
                                + " on were not read yet (expected: a log that keeps what is"
                                + " not read; see retention.ms of the topic)");
            }
            return Math.max(next, begin);
        }

        private void stop(ContextType type, String reason) {
            ports.stopped().stop(type, reason);
            ports.store().stop(type.topic(), reason).block(TAKE_TIMEOUT);
        }

        private static String tooMany(Partition partition, ContextType type) {
            return "topic " + partition.topic() + " has a partition " + partition.number() + " (expected: "
                    + type.partitions() + " partitions, as sluice.types." + type.name()
                    + ".partitions says; the number is pinned)";
        }

        private void standStill(ContextType type) {
            flows.keySet().stream()
                    .filter(partition -> partition.topic().equals(type.topic()))
                    .forEach(this::revoked);
        }

        private void begin(ContextType type, Progress progress) {
            Partition partition = progress.partition();
            BatchFold fold = new BatchFold(type, codec, resolvers.apply(type), events);
            synchronized (dispatched) {
                PartitionFlow flow = new PartitionFlow(
                        LanePipeline.this,
                        fold,
                        progress,
                        crawls.getOrDefault(partition, 0L),
                        dispatched.getOrDefault(partition, 0L));
                flows.put(partition, flow);
                started.tryEmitNext(flow);
            }
        }

        @Override
        public void revoked(Partition partition) {
            PartitionFlow flow = flows.remove(partition);
            if (flow != null) {
                flow.close();
                log.debug("Owns {} no longer", partition);
            }
        }

        private Mono<Void> dispatch(List<LogRecord> batch) {
            Partition partition = Partition.of(batch.getFirst().position());
            PartitionFlow flow;
            synchronized (dispatched) {
                dispatched.put(partition, batch.getLast().position().offset() + 1);
                flow = flows.get(partition);
                if (flow == null || flow.offer(batch)) {
                    return Mono.empty();
                }
            }
            // Before the pause is made, the last unfinished batch may be done, or the partition another flow's: nobody
            // else would resume.
            return reading.pause(partition)
                    .then(Mono.defer(() ->
                            flows.get(partition) == flow && flow.isFull() ? Mono.empty() : reading.resume(partition)));
        }
    }

    PipelineSettings settings() {
        return settings;
    }

    Scheduler folding() {
        return folding;
    }

    ContextStore store() {
        return ports.store();
    }

    GroupCommit commit() {
        return current().commit;
    }

    Mono<Void> resume(Partition partition) {
        return current().reading.resume(partition);
    }

    void crawl(Partition partition, long until) {
        log.warn("The database refused something in {} before {}: taking that stretch one by one", partition, until);
        crawls.merge(partition, until, Math::max);
    }

    /** Waits for a database that is away: the partition fills meanwhile, and is paused. */
    Mono<Map<ContextKey, Remembered>> load(Collection<ContextKey> keys) {
        return Mono.defer(() -> ports.store().load(keys)).retryWhen(GroupCommit.untilTheStoreIsBack(lane));
    }

    /** So that the cache knows, should it have more than the store by now. */
    Mono<Void> takeOver(Partition partition, long next) {
        return ports.cache().store(partition, next, next, List.of());
    }

    Mono<Void> refreshCache(Folded batch) {
        return timed(
                PipelineEvents.Leg.CACHE,
                ports.cache().store(batch.partition(), batch.from(), batch.next(), batch.states()));
    }

    Mono<Void> announce(List<Outcome> outcomes) {
        List<OutRecord> announcements = outcomes.stream()
                .filter(Outcome::isAnnounced)
                .map(outcome ->
                        UpdateCodec.write(outcome, types.ofKey(outcome.event().key())))
                .toList();
        return announcements.isEmpty()
                ? Mono.empty()
                : timed(PipelineEvents.Leg.ANNOUNCE, ports.appender().appendAll(announcements));
    }

    Mono<Void> move(List<Move> moves) {
        if (moves.isEmpty()) {
            return Mono.empty();
        }
        return ports.appender()
                .appendAll(moves.stream().map(Move::record).toList())
                .onErrorResume(MalformedException.class, e -> moveEach(moves));
    }

    /** Again, also those that were moved: they count once. Of those that have become too large the dead letter is left. */
    private Mono<Void> moveEach(List<Move> moves) {
        return Flux.fromIterable(moves)
                .concatMap(move -> ports.appender()
                        .appendAll(List.of(move.record()))
                        .onErrorResume(MalformedException.class, e -> deadLetters(List.of(move.letter()))))
                .then();
    }

    Mono<Void> deadLetters(List<OutRecord> letters) {
        if (letters.isEmpty()) {
            return Mono.empty();
        }
        return ports.appender().appendAll(letters).onErrorResume(MalformedException.class, e -> {
            log.error(
                    "A dead letter does not fit into its topic, and goes there without its value: {}", e.getMessage());
            return ports.appender()
                    .appendAll(letters.stream().map(DeadLetters::withoutValue).toList());
        });
    }

    void done(Partition partition, long next) {
        current().reading.done(partition, next);
        events.done(partition, next);
    }

    void took(PipelineEvents.Leg leg, Duration duration) {
        events.took(leg, lane, duration);
    }

    private Mono<Void> timed(PipelineEvents.Leg leg, Mono<Void> work) {
        return Mono.defer(() -> {
            long begin = System.nanoTime();
            return work.doOnSuccess(nothing -> took(leg, Duration.ofNanos(System.nanoTime() - begin)));
        });
    }

    private Member current() {
        return Objects.requireNonNull(member, "the pipeline is not running");
    }
}
