package io.sluice.backpressure;

import io.sluice.resolver.LogPosition;
import io.sluice.resolver.Partition;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * Records that are in another partition than their key's, and go there: as they are, with two headers more. These stand for
 * the place and the time that it had, so that whatever is said of it by its place says the same; a record that is moved twice, after a
 * crash, is one event with one identity.
 */
final class Moves {

    private Moves() {}

    /** @param letter where it goes if it does not fit, with the two headers, into its topic */
    record Move(OutRecord record, OutRecord letter) {}

    static OutRecord to(Partition right, LogRecord record) {
        Headers headers = Headers.builder()
                .addAll(record.headers())
                .add(RecordHeaders.MOVED_FROM, place(record.position()))
                .add(RecordHeaders.MOVED_TIME, record.position().time())
                .build();
        return new OutRecord(right.topic(), right.number(), record.key(), record.value(), headers);
    }

    /** Moved once and in the wrong place again: nodes do not agree on the partitions, and would move it for ever. */
    static boolean wasMoved(LogRecord record) {
        return record.headers().text(RecordHeaders.MOVED_FROM) != null;
    }

    /** Where the record was first, as the id of an event that has none. */
    static String place(LogRecord record) {
        String from = record.headers().text(RecordHeaders.MOVED_FROM);
        return from == null ? place(record.position()) : from;
    }

    private static String place(LogPosition position) {
        return position.topic() + "/" + position.partition() + "/" + position.offset();
    }

    /** When the log took the record first: the time of an event that has none. */
    static Instant time(LogRecord record) {
        @Nullable String time = record.headers().text(RecordHeaders.MOVED_TIME);
        return EventCodec.time(time, record.position().time());
    }
}
