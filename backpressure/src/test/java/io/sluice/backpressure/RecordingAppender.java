package io.sluice.backpressure;

import io.sluice.resolver.MalformedException;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Predicate;
import java.util.function.UnaryOperator;
import reactor.core.publisher.Mono;

/** Remembers what is appended, in order, and can be made to wait. */
final class RecordingAppender implements Appender {

    private final List<OutRecord> all = new ArrayList<>();

    volatile UnaryOperator<Mono<Void>> aroundDeadLetters = UnaryOperator.identity();
    volatile UnaryOperator<Mono<Void>> aroundUpdates = UnaryOperator.identity();

    /** Records that the log does not take. */
    volatile Predicate<OutRecord> tooLarge = record -> false;

    @Override
    public Mono<Void> append(OutRecord record) {
        return appendAll(List.of(record));
    }

    @Override
    public boolean hasRoom(OutRecord record) {
        return true;
    }

    @Override
    public Mono<Void> appendAll(List<OutRecord> records) {
        return Mono.defer(() -> {
            if (records.stream().anyMatch(tooLarge)) {
                return Mono.error(new MalformedException("too-large", "record"));
            }
            boolean dead = records.getFirst().topic().equals(DeadLetters.TOPIC);
            return (dead ? aroundDeadLetters : aroundUpdates).apply(Mono.fromRunnable(() -> add(records)));
        });
    }

    private synchronized void add(List<OutRecord> records) {
        all.addAll(records);
    }

    synchronized List<OutRecord> deadLetters() {
        return all.stream().filter(r -> r.topic().equals(DeadLetters.TOPIC)).toList();
    }

    synchronized List<OutRecord> to(String topic) {
        return all.stream().filter(r -> r.topic().equals(topic)).toList();
    }

    synchronized List<Announced> announced(ContextType type) {
        return all.stream()
                .filter(r -> r.topic().equals(type.updatesTopic()))
                .map(r -> UpdateCodec.read(
                        new LogRecord(
                                new io.sluice.resolver.LogPosition(r.topic(), r.partition(), 0, Fixtures.START),
                                r.key(),
                                r.value(),
                                r.headers()),
                        type))
                .toList();
    }
}
