package io.sluice.backpressure;

import io.sluice.backpressure.Moves.Move;
import io.sluice.resolver.ContextEvent;
import io.sluice.resolver.ContextException;
import io.sluice.resolver.ContextKey;
import io.sluice.resolver.MalformedException;
import io.sluice.resolver.Remembered;
import io.sluice.resolver.Resolution;
import io.sluice.resolver.Resolved;
import io.sluice.resolver.Resolver;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Reads and folds the records of one batch, in order, in plain Java. Never fails: a record that cannot be is a dead letter. */
final class BatchFold {

    private static final Logger log = LoggerFactory.getLogger(BatchFold.class);

    /** Of documents that are stored together, about: of small changes to a large document each is stored with the whole. */
    private static final long MAX_BYTES = 8 << 20;

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

    /** A batch that has been read: what it needs to be folded is known. For one thread at a time. */
    final class Batch {

        private final List<Read> reads;
        private int folded;
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

        boolean isFolded() {
            return folded == reads.size();
        }

        /**
         * Folds what is left of it, or as much as comes to {@link #MAX_BYTES}: at least one record.
         *
         * @param refusal not null: the database has refused the records, and each is rejected for that reason
         */
        Results fold(WorkingSet known, @Nullable RefusedException refusal) {
            List<Outcome> outcomes = new ArrayList<>(reads.size());
            List<OutRecord> deadLetters = new ArrayList<>();
            List<Move> moves = new ArrayList<>();
            Map<ContextKey, Remembered> changed = new LinkedHashMap<>();
            long bytes = 0;
            while (!isFolded() && bytes < MAX_BYTES) {
                Read read = reads.get(folded++);
                if (read.problem() instanceof WrongPartitionException wrong && !Moves.wasMoved(read.record())) {
                    moves.add(move(read.record(), wrong));
                } else if (read.event() == null) {
                    deadLetters.add(deadLetter(read.record(), Objects.requireNonNull(read.problem())));
                } else {
                    Remembered before = known.get(read.event().key());
                    Resolved resolved = resolve(before, read, refusal);
                    Remembered after = resolved.after();
                    if (after.registers() != before.registers() || after.state() != before.state()) {
                        changed.put(read.event().key(), after);
                    }
                    known.put(read.event().key(), after);
                    Outcome outcome = outcome(read, resolved);
                    outcomes.add(outcome);
                    bytes += outcome.bytes();
                    if (outcome.resolution() instanceof Resolution.Rejected rejected
                            && isForDeadLetters(outcome, rejected)) {
                        deadLetters.add(
                                deadLetter(read.record(), rejected.reason().code(), rejected.detail()));
                    }
                }
            }
            long next = reads.get(folded - 1).record().position().offset() + 1;
            return new Results(next, outcomes, deadLetters, moves, changed);
        }
    }

    /**
     * @param next the offset behind the last record
     * @param moves of records that belong into other partitions
     * @param changed what is remembered of the contexts of which that is not what it was
     */
    record Results(
            long next,
            List<Outcome> outcomes,
            List<OutRecord> deadLetters,
            List<Move> moves,
            Map<ContextKey, Remembered> changed) {}

    /** A condition that does not hold is an answer, where somebody waits for it, and nothing to look after. */
    private static boolean isForDeadLetters(Outcome outcome, Resolution.Rejected rejected) {
        return outcome.waiter() == null || rejected.reason() != Resolution.Reason.CONDITION_NOT_MET;
    }

    Batch read(List<LogRecord> records) {
        return new Batch(records);
    }

    private Read read(LogRecord record) {
        try {
            return new Read(record, codec.read(record, type), null);
        } catch (ContextException e) {
            return new Read(record, null, e);
        } catch (RuntimeException | StackOverflowError e) {
            log.error("Cannot read {}; it goes to the dead letters", record.position(), e);
            return new Read(record, null, new MalformedException("internal", "a fault of Sluice: " + e, e));
        }
    }

    private Outcome outcome(Read read, Resolved resolved) {
        ContextEvent event = Objects.requireNonNull(read.event());
        events.resolved(type.name(), resolved.resolution().kind());
        if (resolved.resolution() instanceof Resolution.Merged merged) {
            merged.conflicts().forEach(conflict -> events.conflict(type.name(), conflict.rule()));
        }
        return new Outcome(
                read.record().position(),
                event,
                resolved.resolution(),
                resolved.after().state(),
                EventCodec.waiter(read.record()));
    }

    private Resolved resolve(Remembered before, Read read, @Nullable RefusedException refusal) {
        ContextEvent event = Objects.requireNonNull(read.event());
        if (refusal != null) {
            return rejected(before, Resolution.Reason.REFUSED_BY_STORE, String.valueOf(refusal.getMessage()));
        }
        try {
            return resolver.resolve(before, event, read.record().position());
        } catch (RuntimeException | StackOverflowError e) {
            log.error("Cannot resolve {}; it is rejected", read.record().position(), e);
            return rejected(before, Resolution.Reason.INTERNAL, "a fault of Sluice: " + e);
        }
    }

    private static Resolved rejected(Remembered before, Resolution.Reason reason, String detail) {
        return new Resolved(new Resolution.Rejected(reason, detail), before);
    }

    private Move move(LogRecord record, WrongPartitionException wrong) {
        events.moved(type.name());
        return new Move(
                Moves.to(wrong.right(), record),
                DeadLetters.of(record, wrong.code(), String.valueOf(wrong.getMessage())));
    }

    private OutRecord deadLetter(LogRecord record, ContextException problem) {
        return deadLetter(record, problem.code(), String.valueOf(problem.getMessage()));
    }

    private OutRecord deadLetter(LogRecord record, String reason, String detail) {
        events.deadLettered(type.name(), reason);
        return DeadLetters.of(record, reason, detail);
    }
}
