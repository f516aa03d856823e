package io.sluice.backpressure;

import org.jspecify.annotations.Nullable;

/** Where records go that cannot be taken: whole, with the reason and the place they came from. */
public final class DeadLetters {

    public static final String TOPIC = "sluice-dead-letters";

    private static final String SOURCE = "sluice-dead-source";

    private DeadLetters() {}

    /** Where the record of that letter came from, as {@code topic-partition@offset}; null if it is none of ours. */
    public static @Nullable String source(LogRecord letter) {
        return letter.headers().text(SOURCE);
    }

    static OutRecord of(LogRecord record, String reason, String detail) {
        Headers headers = Headers.builder()
                .addAll(record.headers())
                .add("sluice-dead-reason", reason + ": " + detail)
                .add(SOURCE, record.position())
                .add("sluice-dead-time", record.position().time())
                .build();
        return new OutRecord(TOPIC, null, record.key(), record.value(), headers);
    }

    /** What is left of a letter that is too large for its topic: where to find it is in its headers. */
    static OutRecord withoutValue(OutRecord letter) {
        Headers headers = Headers.builder()
                .addAll(letter.headers())
                .add("sluice-dead-omitted", "value")
                .build();
        return new OutRecord(TOPIC, null, letter.key(), null, headers);
    }
}
