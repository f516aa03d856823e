package io.sluice.resolver;

import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * How many writes of each writer are known (Parker et al., 1983). Immutable; the empty vector knows nothing.
 *
 * <p>Its text is a dictionary of RFC 9651, {@code a=3, b=7}, sorted by writer. A byte of a writer's name that cannot stand in
 * a key is written {@code *hh}; the names of reserved writers begin with a bare {@code *}.
 */
public record VersionVector(SortedMap<String, Long> counters) {

    public enum Order {
        SAME,
        BEFORE,
        AFTER,
        CONCURRENT
    }

    public static final VersionVector EMPTY = new VersionVector(new TreeMap<>());

    /** The largest integer of RFC 9651. */
    public static final long MAX_COUNTER = 999_999_999_999_999L;

    /** Names that begin so belong to Sluice and are refused as input. */
    public static final String RESERVED = "*sluice.";

    public VersionVector {
        counters = java.util.Collections.unmodifiableSortedMap(new TreeMap<>(counters));
    }

    /** The writer that stands for all who name none, in one partition of one topic: its counter is the offset plus one. */
    public static String reservedWriter(LogPosition position) {
        return RESERVED + position.topic() + "." + position.partition();
    }

    public long counter(String writer) {
        return counters.getOrDefault(writer, 0L);
    }

    public Order compare(VersionVector other) {
        boolean knowsMore = counters.entrySet().stream().anyMatch(e -> e.getValue() > other.counter(e.getKey()));
        boolean knowsLess = other.counters.entrySet().stream().anyMatch(e -> e.getValue() > counter(e.getKey()));
        if (knowsMore) {
            return knowsLess ? Order.CONCURRENT : Order.AFTER;
        }
        return knowsLess ? Order.BEFORE : Order.SAME;
    }

    /** The least vector that knows what either knows. */
    public VersionVector merge(VersionVector other) {
        TreeMap<String, Long> merged = new TreeMap<>(counters);
        other.counters.forEach((writer, counter) -> merged.merge(writer, counter, Math::max));
        return new VersionVector(merged);
    }

    public VersionVector with(String writer, long counter) {
        return merge(new VersionVector(new TreeMap<>(Map.of(writer, counter))));
    }

    /** The form of the header {@code Sluice-Clock}, which {@link ClockText#parse} reads. */
    @Override
    public String toString() {
        StringBuilder text = new StringBuilder();
        counters.forEach((writer, counter) -> {
            text.append(text.isEmpty() ? "" : ", ");
            appendKey(text, writer);
            text.append('=').append(counter.longValue());
        });
        return text.toString();
    }

    private static void appendKey(StringBuilder text, String writer) {
        boolean reserved = writer.startsWith(RESERVED);
        text.append(reserved ? RESERVED : "");
        byte[] bytes = (reserved ? writer.substring(RESERVED.length()) : writer).getBytes(StandardCharsets.UTF_8);
        for (int i = 0; i < bytes.length; i++) {
            char c = (char) (bytes[i] & 0xff);
            boolean letter = c >= 'a' && c <= 'z';
            boolean inner = (c >= '0' && c <= '9') || c == '_' || c == '.' || c == '-';
            if (letter || (inner && (i > 0 || reserved))) {
                text.append(c);
            } else {
                text.append('*').append(Character.forDigit(c >> 4, 16)).append(Character.forDigit(c & 15, 16));
            }
        }
    }
}
