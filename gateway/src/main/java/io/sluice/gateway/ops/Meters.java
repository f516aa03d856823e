package io.sluice.gateway.ops;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import io.sluice.backpressure.HubEvents;
import io.sluice.backpressure.Lane;
import io.sluice.backpressure.PipelineEvents;
import io.sluice.cache.CacheEvents;
import io.sluice.cache.Tier;
import io.sluice.resolver.Partition;
import java.time.Duration;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * What Sluice measures of itself.
 * <ul>
 *   <li>{@code sluice.leg{leg,lane}}: the time of each leg of an event's way; READ and RECEIVE by two clocks
 *   <li>{@code sluice.resolutions{type,resolution}}, {@code sluice.dead.letters{type,reason}}
 *   <li>{@code sluice.conflicts{type,rule}}, {@code sluice.moved{type}}
 *   <li>{@code sluice.store.events{lane}}, {@code sluice.store.batches{lane}}, {@code sluice.restarts{of}}
 *   <li>{@code sluice.frames.encoded}, {@code sluice.frames.delivered}, {@code sluice.subscribers}, {@code sluice.resets{reason}}
 *   <li>{@code sluice.feeds.reads}, {@code sluice.feeds.reads.shared}: pages for those who catch up
 *   <li>{@code sluice.cache{tier,result}}, {@code sluice.cache.load{tier}}
 * </ul>
 * The lag of each partition is beside {@link Lag}.
 */
final class Meters implements PipelineEvents, HubEvents, CacheEvents {

    /** In nanoseconds more cannot be said: producers may date records back to the year 1. */
    private static final Duration LONGEST = Duration.ofNanos(Long.MAX_VALUE);

    private final MeterRegistry registry;
    private final Counter encoded;
    private final Counter delivered;
    private final Counter conflated;
    private final Counter reads;
    private final Counter readsShared;
    private final AtomicInteger subscribers;
    private final AtomicInteger views;
    private final Map<Object, Timer> timers = new ConcurrentHashMap<>();
    private final Map<Object, Counter> counters = new ConcurrentHashMap<>();
    private final Map<Partition, Long> announced = new ConcurrentHashMap<>();

    Meters(MeterRegistry registry) {
        this.registry = registry;
        this.encoded = registry.counter("sluice.frames.encoded");
        this.delivered = registry.counter("sluice.frames.delivered");
        this.conflated = registry.counter("sluice.frames.conflated");
        this.reads = registry.counter("sluice.feeds.reads");
        this.readsShared = registry.counter("sluice.feeds.reads.shared");
        this.subscribers = registry.gauge("sluice.subscribers", new AtomicInteger());
        this.views = registry.gauge("sluice.feeds.views", new AtomicInteger());
    }

    private record Name(String name, String... tags) {
        @Override
        public boolean equals(@org.jspecify.annotations.Nullable Object other) {
            return other instanceof Name n && name.equals(n.name) && java.util.Arrays.equals(tags, n.tags);
        }

        @Override
        public int hashCode() {
            return name.hashCode() * 31 + java.util.Arrays.hashCode(tags);
        }
    }

    private void count(double amount, String name, String... tags) {
        counters.computeIfAbsent(new Name(name, tags), n -> registry.counter(name, tags))
                .increment(amount);
    }

    private void time(Duration duration, String name, String... tags) {
        timers.computeIfAbsent(
                        new Name(name, tags),
                        n -> Timer.builder(name)
                                .tags(tags)
                                .publishPercentileHistogram()
                                .register(registry))
                .record(duration.isNegative() ? Duration.ZERO : duration.compareTo(LONGEST) > 0 ? LONGEST : duration);
    }

    private static String word(Enum<?> value) {
        return value.name().toLowerCase(Locale.ROOT);
    }

    @Override
    public void took(Leg leg, Lane lane, Duration duration) {
        time(duration, "sluice.leg", "leg", word(leg), "lane", lane.label());
    }

    @Override
    public void resolved(String type, String resolution) {
        count(1, "sluice.resolutions", "type", type, "resolution", resolution);
    }

    @Override
    public void conflict(String type, String rule) {
        count(1, "sluice.conflicts", "type", type, "rule", rule);
    }

    @Override
    public void deadLettered(String type, String reason) {
        count(1, "sluice.dead.letters", "type", type, "reason", reason);
    }

    @Override
    public void moved(String type) {
        count(1, "sluice.moved", "type", type);
    }

    @Override
    public void stored(Lane lane, int batches, int events) {
        count(batches, "sluice.store.batches", "lane", lane.label());
        count(events, "sluice.store.events", "lane", lane.label());
    }

    @Override
    public void done(Partition partition, long nextOffset) {
        announced.merge(partition, nextOffset, Math::max);
    }

    /** Of partitions that this node had, the offset before which everything is announced. */
    Map<Partition, Long> announced() {
        return announced;
    }

    @Override
    public void restarted(Lane lane, Throwable cause) {
        count(1, "sluice.restarts", "of", lane.label());
    }

    @Override
    public void encoded() {
        encoded.increment();
    }

    @Override
    public void delivered(int frames) {
        delivered.increment(frames);
    }

    @Override
    public void conflated() {
        conflated.increment();
    }

    @Override
    public void read() {
        reads.increment();
    }

    @Override
    public void readShared() {
        readsShared.increment();
    }

    @Override
    public void subscribers(int now) {
        subscribers.set(now);
    }

    @Override
    public void views(int now) {
        views.set(now);
    }

    @Override
    public void reset(String reason) {
        count(1, "sluice.resets", "reason", reason);
    }

    @Override
    public void received(Partition partition, Duration lag) {
        time(lag, "sluice.leg", "leg", "receive", "lane", "all");
    }

    @Override
    public void tailRestarted(Throwable cause) {
        count(1, "sluice.restarts", "of", "tail");
    }

    @Override
    public void hit(Tier tier) {
        count(1, "sluice.cache", "tier", word(tier), "result", "hit");
    }

    @Override
    public void miss(Tier tier) {
        count(1, "sluice.cache", "tier", word(tier), "result", "miss");
    }

    @Override
    public void bypassed(Tier tier) {
        count(1, "sluice.cache", "tier", word(tier), "result", "bypassed");
    }

    @Override
    public void loaded(Tier tier, Duration took) {
        time(took, "sluice.cache.load", "tier", word(tier));
    }
}
