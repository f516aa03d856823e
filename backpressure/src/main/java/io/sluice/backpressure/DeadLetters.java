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
}
