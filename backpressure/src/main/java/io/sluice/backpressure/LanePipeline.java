package io.sluice.backpressure;

import io.sluice.backpressure.ContextStore.Progress;
import io.sluice.backpressure.EventLog.Reading;
import io.sluice.resolver.ContextKey;
import io.sluice.resolver.MalformedException;
import io.sluice.resolver.Partition;
import io.sluice.resolver.Remembered;
import io.sluice.resolver.Resolver;
import java.time.Duration;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
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
 * away: nothing waits. A record that cannot be read or stored goes to the dead letters. Anything else ends this member of the
 * group and starts another, with a growing pause.
 */
public final class LanePipeline {

    private static final Logger log = LoggerFactory.getLogger(LanePipeline.class);

    private static final Duration TAKE_TIMEOUT = Duration.ofSeconds(10);

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

    /** The systems around the pipeline. */
    public record Ports(ContextStore store, StateRefresh cache, Appender appender) {}

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
        private final Reading reading = eventLog.read(
                lane, types.in(lane).stream().map(ContextType::topic).toList(), this);

        Flux<Void> run() {
            member = this;
            return Flux.merge(
                    commit.run(),
                    started.asFlux().flatMap(PartitionFlow::run, Integer.MAX_VALUE),
                    reading.batches().concatMap(this::dispatch, 1));
        }

        /** On the thread that reads; it has nothing better to do until the answer is there. */
        @Override
        public long assigned(Partition partition) {
            revoked(partition);
            Progress progress =
                    Objects.requireNonNull(ports.store().take(partition).block(TAKE_TIMEOUT));
            ContextType type = types.ofTopic(partition.topic());
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
            log.debug("Owns {} from {}", partition, progress.next());
            return progress.next();
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
