package io.sluice.gateway.publish;

import io.sluice.backpressure.Appender;
import io.sluice.backpressure.OutRecord;
import java.util.ArrayList;
import java.util.List;
import reactor.core.publisher.Mono;
import reactor.core.publisher.MonoSink;

/** A log in memory that answers when the test says so. */
final class HeldLog implements Appender {

    private final List<OutRecord> taken = new ArrayList<>();
    private final List<MonoSink<Void>> waiting = new ArrayList<>();
    volatile boolean hasRoom = true;

    @Override
    public Mono<Void> append(OutRecord record) {
        return Mono.create(sink -> {
            synchronized (this) {
                taken.add(record);
                waiting.add(sink);
            }
        });
    }

    @Override
    public boolean hasRoom(OutRecord record) {
        return hasRoom;
    }

    @Override
    public Mono<Void> appendAll(List<OutRecord> records) {
        return Mono.error(new IllegalStateException("nothing is announced here"));
    }

    synchronized int count() {
        return taken.size();
    }

    /** The values, in order. */
    synchronized List<String> values() {
        return taken.stream()
                .map(record -> new String(record.value(), java.nio.charset.StandardCharsets.UTF_8))
                .toList();
    }

    private synchronized MonoSink<Void> next(int index) {
        return waiting.remove(index);
    }

    /** The one that has waited for the longest. */
    void answerFirst() {
        next(0).success();
    }

    synchronized int waiting() {
        return waiting.size();
    }

    void answerLast() {
        next(waiting() - 1).success();
    }

    /** @param index among those that wait */
    void fail(int index, Throwable e) {
        next(index).error(e);
    }
}
