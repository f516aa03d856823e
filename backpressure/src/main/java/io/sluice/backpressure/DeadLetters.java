package io.sluice.backpressure;

import io.sluice.resolver.Resolution.Reason;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** Where records go that cannot be taken: whole, with the reason and the place they came from. */
public final class DeadLetters {

    public static final String TOPIC = "sluice-dead-letters";

    private static final String SOURCE = "sluice-dead-source";
    private static final String REASON = "sluice-dead-reason";

    /** Reasons of rejections, which the journal has too. Not those of what may be in the dead letters only. */
    private static final Set<String> JOURNALED = Arrays.stream(Reason.values())
            .filter(reason ->
                    !EnumSet.of(Reason.REFUSED_BY_STORE, Reason.INTERNAL).contains(reason))
            .map(Reason::code)
            .collect(Collectors.toUnmodifiableSet());

    private DeadLetters() {}

    /** Where the record of that letter came from, as {@code topic-partition@offset}; null if it is none of ours. */
    public static @Nullable String source(LogRecord letter) {
        return letter.headers().text(SOURCE);
    }

    /** Whether it can be all that is left of a record: not if the event was rejected, since of that there is a row in the journal. */
    public static boolean standsAlone(LogRecord letter) {
        String reason = letter.headers().text(REASON);
        return reason == null || !JOURNALED.contains(reason.split(":", 2)[0]);
    }

    static OutRecord of(LogRecord record, String reason, String detail) {
        Headers headers = Headers.builder()
                .addAll(record.headers())
                .add(REASON, reason + ": " + detail)
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
