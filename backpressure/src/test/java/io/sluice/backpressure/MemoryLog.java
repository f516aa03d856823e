package io.sluice.backpressure;

import io.sluice.resolver.Partition;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Flux;
import reactor.core.publisher.FluxSink;
import reactor.core.publisher.Mono;
import reactor.core.scheduler.Scheduler;
import reactor.core.scheduler.Schedulers;

/** A log of events in memory, for one member at a time, that keeps the promises of the port. */
final class MemoryLog implements EventLog, AutoCloseable {

    private static final int ON_THEIR_WAY = 3;

    private final Scheduler reading = Schedulers.newBoundedElastic(1, 100_000, "memory-log");
    private final Scheduler handing = Schedulers.newBoundedElastic(1, 100_000, "memory-log-batches");
    private final Map<Partition, List<LogRecord>> records = new LinkedHashMap<>();
    private final int batch;

    /** Everything that was read, in any membership. */
    final AtomicLong read = new AtomicLong();

    final Set<Partition> paused = ConcurrentHashMap.newKeySet();
    final Map<Partition, Long> done = new ConcurrentHashMap<>();

    /** What came before that is gone. */
    final Map<Partition, Long> begins = new ConcurrentHashMap<>();

    /** Runs when a pause is asked for, before it is in force. */
    volatile Runnable beforePause = () -> {};

    private volatile MemoryReading current;

    MemoryLog(Collection<Partition> partitions, int batch) {
        partitions.forEach(p -> records.put(p, new ArrayList<>()));
        this.batch = batch;
    }

    void append(Partition partition, String key, String value, Headers headers) {
        append(partition, null, key, value, headers);
    }

    /** @param time null: a usual one */
    void append(Partition partition, @Nullable Instant time, String key, String value, Headers headers) {
        synchronized (records) {
            List<LogRecord> all = records.get(partition);
            LogRecord record = new LogRecord(
                    Fixtures.position(partition, all.size()), Fixtures.bytes(key), Fixtures.bytes(value), headers);
            all.add(time == null ? record : record.at(time));
        }
        poll();
    }

    long end(Partition partition) {
        synchronized (records) {
            return records.get(partition).size();
        }
    }

    List<LogRecord> records(Partition partition) {
        synchronized (records) {
            return List.copyOf(records.get(partition));
        }
    }

    /** Takes a partition from the member and gives it back, as a rebalance does: paused if it was. Batches on their way still arrive. */
    void rebalance(Partition partition) {
        reading.schedule(() -> {
            MemoryReading member = current;
            if (member != null) {
                try {
                    member.ownership.revoked(partition);
                    member.assign(partition);
                    member.poll();
                } catch (RuntimeException e) {
                    member.sink.error(e);
                }
            }
        });
    }

    private void poll() {
        reading.schedule(() -> {
            MemoryReading member = current;
            if (member != null) {
                member.poll();
            }
        });
    }

    @Override
    public Reading read(Lane lane, Collection<String> topics, Ownership ownership) {
        return new MemoryReading(ownership);
    }

    @Override
    public void close() {
        reading.dispose();
        handing.dispose();
    }

    private final class MemoryReading implements Reading {

        private final Ownership ownership;
        private final Map<Partition, Long> next = new HashMap<>();
        private FluxSink<List<LogRecord>> sink;

        MemoryReading(Ownership ownership) {
            this.ownership = ownership;
        }

        @Override
        public Flux<List<LogRecord>> batches() {
            return Flux.<List<LogRecord>>create(created -> {
                        sink = created;
                        sink.onRequest(n -> MemoryLog.this.poll());
                        sink.onDispose(() -> reading.schedule(this::leave));
                        reading.schedule(this::join);
                    })
                    .publishOn(handing, ON_THEIR_WAY);
        }

        private void join() {
            paused.clear();
            try {
                for (Partition partition : records.keySet()) {
                    assign(partition);
                }
                current = this;
                poll();
            } catch (RuntimeException e) {
                sink.error(e);
            }
        }

        private void assign(Partition partition) {
            Extent extent = new Extent() {
                @Override
                public long begin() {
                    return begins.getOrDefault(partition, 0L);
                }

                @Override
                public long end() {
                    return MemoryLog.this.end(partition);
                }
            };
            OptionalLong start = ownership.assigned(partition, extent);
            next.put(partition, start.orElse(Integer.MAX_VALUE));
        }

        private void leave() {
            if (current == this) {
                current = null;
            }
            new HashSet<>(next.keySet()).forEach(ownership::revoked);
        }

        private void poll() {
            boolean found = true;
            while (found && current == this) {
                found = false;
                for (Partition partition : records.keySet()) {
                    if (sink.requestedFromDownstream() > 0 && !paused.contains(partition)) {
                        List<LogRecord> some = take(partition);
                        if (!some.isEmpty()) {
                            found = true;
                            read.addAndGet(some.size());
                            sink.next(some);
                        }
                    }
                }
            }
        }

        private List<LogRecord> take(Partition partition) {
            synchronized (records) {
                List<LogRecord> all = records.get(partition);
                int from = next.get(partition).intValue();
                int to = (int) Math.min(all.size(), from + (long) batch);
                next.put(partition, (long) Math.max(from, to));
                return from >= to ? List.of() : List.copyOf(all.subList(from, to));
            }
        }

        @Override
        public Mono<Void> pause(Partition partition) {
            return Mono.fromRunnable(() -> {
                beforePause.run();
                paused.add(partition);
            });
        }

        @Override
        public Mono<Void> resume(Partition partition) {
            return Mono.fromRunnable(() -> {
                paused.remove(partition);
                MemoryLog.this.poll();
            });
        }

        @Override
        public void done(Partition partition, long nextOffset) {
            done.put(partition, nextOffset);
        }
    }
}
