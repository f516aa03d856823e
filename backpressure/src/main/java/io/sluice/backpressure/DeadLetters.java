package io.sluice.backpressure;

/** Where records go that cannot be taken: whole, with the reason and the place they came from. */
public final class DeadLetters {

    public static final String TOPIC = "sluice-dead-letters";

    private DeadLetters() {}

    static OutRecord of(LogRecord record, String reason, String detail) {
        Headers headers = Headers.builder()
                .addAll(record.headers())
                .add("sluice-dead-reason", reason + ": " + detail)
                .add("sluice-dead-source", record.position())
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
