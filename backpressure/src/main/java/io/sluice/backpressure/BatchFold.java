package io.sluice.backpressure;

import io.sluice.resolver.ContextEvent;
import io.sluice.resolver.ContextException;
import io.sluice.resolver.ContextKey;
import io.sluice.resolver.ContextState;
import io.sluice.resolver.MalformedException;
import io.sluice.resolver.Remembered;
import io.sluice.resolver.Resolution;
import io.sluice.resolver.Resolver;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Reads and folds the records of one batch, in order, in plain Java. Never fails: a record that cannot be is a dead letter. */
final class BatchFold {

    private static final Logger log = LoggerFactory.getLogger(BatchFold.class);

    private final ContextType type;
    private final EventCodec codec;
    private final Resolver resolver;
    private final PipelineEvents events;

    BatchFold(ContextType type, EventCodec codec, Resolver resolver, PipelineEvents events) {
        this.type = type;
        this.codec = codec;
        this.resolver = resolver;
        this.events = events;
    }

    /** A record with what could be read of it. */
    private record Read(
            LogRecord record,
            @Nullable ContextEvent event,
            @Nullable ContextException problem) {}

    /** A batch that has been read: what it needs to be folded is known. */
    final class Batch {

        private final List<Read> reads;
        private final Set<ContextKey> keys = new LinkedHashSet<>();

        private Batch(List<LogRecord> records) {
            reads = records.stream().map(BatchFold.this::read).toList();
            reads.forEach(read -> {
                if (read.event() != null) {
                    keys.add(read.event().key());
                }
            });
        }

        /** The contexts that it touches. */
        Set<ContextKey> keys() {
            return keys;
        }

        /** @param refusal not null: the database has refused the records, and each is rejected for that reason */
        Results fold(WorkingSet known, @Nullable RefusedException refusal) {
            List<Outcome> outcomes = new ArrayList<>(reads.size());
            List<OutRecord> deadLetters = new ArrayList<>();
            for (Read read : reads) {
                if (read.event() == null) {
                    deadLetters.add(deadLetter(read.record(), java.util.Objects.requireNonNull(read.problem())));
                } else {
                    Outcome outcome = foldOne(read.record(), read.event(), known, refusal);
                    outcomes.add(outcome);
                    if (outcome.resolution() instanceof Resolution.Rejected rejected && outcome.waiter() == null) {
                        deadLetters.add(
                                deadLetter(read.record(), rejected.reason().code(), rejected.detail()));
                    }
                }
            }
            return new Results(outcomes, deadLetters);
        }
    }

    record Results(List<Outcome> outcomes, List<OutRecord> deadLetters) {}

    Batch read(List<LogRecord> records) {
        return new Batch(records);
    }

    private Read read(LogRecord record) {
        try {
            return new Read(record, codec.read(record, type), null);
        } catch (ContextException e) {
            return new Read(record, null, e);
        } catch (RuntimeException e) {
            log.error("Cannot read {}; it goes to the dead letters", record.position(), e);
            return new Read(record, null, new MalformedException("internal", "a fault of Sluice: " + e, e));
        }
    }

    private Outcome foldOne(
            LogRecord record, ContextEvent event, WorkingSet known, @Nullable RefusedException refusal) {
        Remembered before = known.get(event.key());
        Resolution resolution = refusal == null
                ? resolve(before, event, record)
                : new Resolution.Rejected(Resolution.Reason.REFUSED_BY_STORE, String.valueOf(refusal.getMessage()));
        Remembered after = before.after(event, record.position(), resolution);
        known.put(event.key(), after);
        events.resolved(type.name(), resolution.kind());
        ContextState state = after.state();
        return new Outcome(record.position(), event, resolution, state, EventCodec.waiter(record));
    }

    private Resolution resolve(Remembered before, ContextEvent event, LogRecord record) {
        try {
            return resolver.resolve(before, event, record.position());
        } catch (RuntimeException e) {
            log.error("Cannot resolve {}; it is rejected", record.position(), e);
            return new Resolution.Rejected(Resolution.Reason.INTERNAL, "a fault of Sluice: " + e);
        }
    }

    private OutRecord deadLetter(LogRecord record, ContextException problem) {
        return deadLetter(record, problem.code(), String.valueOf(problem.getMessage()));
    }

    private OutRecord deadLetter(LogRecord record, String reason, String detail) {
        events.deadLettered(type.name(), reason);
        return DeadLetters.of(record, reason, detail);
    }
}
