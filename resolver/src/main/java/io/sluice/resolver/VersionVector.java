package io.sluice.resolver;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.ObjLongConsumer;
import org.jspecify.annotations.Nullable;

/**
 * How many writes of each writer are known (Parker et al., 1983). Immutable; the empty vector knows nothing. A writer at zero is
 * a writer of whom nothing is known, and is not kept.
 *
 * <p>Its text is a dictionary of RFC 9651, {@code a=3, b=7}, sorted by writer. A byte of a writer's name that cannot stand in
 * a key is written {@code *hh}; the names of reserved writers begin with a bare {@code *}.
 */
public final class VersionVector {

    public enum Order {
        SAME,
        BEFORE,
        AFTER,
        CONCURRENT
    }

    public static final VersionVector EMPTY = new VersionVector(new String[0], new long[0]);

    /** The largest integer of RFC 9651. */
    public static final long MAX_COUNTER = 999_999_999_999_999L;

    /** Names that begin so belong to Sluice and are refused as input. */
    public static final String RESERVED = "*sluice.";

    /** Sorted. Two arrays, since a vector is asked and merged with every event, and seldom changed. */
    private final String[] writers;

    private final long[] counts;

    private VersionVector(String[] writers, long[] counts) {
        this.writers = writers;
        this.counts = counts;
    }

    public VersionVector(Map<String, Long> counters) {
        SortedMap<String, Long> sorted = new TreeMap<>(counters);
        sorted.values().removeIf(counter -> counter == 0);
        this.writers = sorted.keySet().toArray(new String[0]);
        this.counts = sorted.values().stream().mapToLong(Long::longValue).toArray();
    }

    /** The writer that stands for all who name none, in one partition of one topic: its counter is the offset plus one. */
    public static String reservedWriter(LogPosition position) {
        return RESERVED + position.topic() + "." + position.partition();
    }

    /** The writers of whom something is known. */
    public int size() {
        return writers.length;
    }

    /** In the order of the writers. */
    public void forEach(ObjLongConsumer<String> action) {
        for (int i = 0; i < writers.length; i++) {
            action.accept(writers[i], counts[i]);
        }
    }

    /** The writers of whom the other knows something else, with what it knows: 0 of those of whom it knows nothing. */
    void forEachOther(VersionVector other, ObjLongConsumer<String> action) {
        if (writers == other.writers) {
            for (int i = 0; i < counts.length; i++) {
                if (counts[i] != other.counts[i]) {
                    action.accept(writers[i], other.counts[i]);
                }
            }
            return;
        }
        other.forEach((writer, counter) -> {
            if (counter(writer) != counter) {
                action.accept(writer, counter);
            }
        });
        forEach((writer, counter) -> {
            if (other.counter(writer) == 0) {
                action.accept(writer, 0);
            }
        });
    }

    /** Of whom the other knows more, if it knows the same writers, and of all others as much; else null. */
    @Nullable
    String stepTo(VersionVector other) {
        if (!Arrays.equals(writers, other.writers)) {
            return null;
        }
        String step = null;
        for (int i = 0; i < counts.length; i++) {
            if (counts[i] != other.counts[i]) {
                if (step != null || counts[i] > other.counts[i]) {
                    return null;
                }
                step = writers[i];
            }
        }
        return step;
    }

    /** 0 for a writer of whom nothing is known. */
    public long counter(String writer) {
        int at = Arrays.binarySearch(writers, writer);
        return at < 0 ? 0 : counts[at];
    }

    /** Whether the vector knows everything that the other does. */
    public boolean covers(VersionVector other) {
        int mine = 0;
        for (int i = 0; i < other.writers.length; i++) {
            int order = -1;
            while (mine < writers.length && (order = writers[mine].compareTo(other.writers[i])) < 0) {
                mine++;
            }
            if (order != 0 || mine == writers.length || counts[mine] < other.counts[i]) {
                return false;
            }
        }
        return true;
    }

    public Order compare(VersionVector other) {
        boolean covers = covers(other);
        boolean covered = other.covers(this);
        if (covers) {
            return covered ? Order.SAME : Order.AFTER;
        }
        return covered ? Order.BEFORE : Order.CONCURRENT;
    }

    /** The least vector that knows what either knows. */
    public VersionVector merge(VersionVector other) {
        if (other.writers.length == 1) {
            return with(other.writers[0], other.counts[0]);
        }
        if (covers(other)) {
            return this;
        }
        if (other.covers(this)) {
            return other;
        }
        SortedMap<String, Long> merged = new TreeMap<>();
        forEach(merged::put);
        other.forEach((writer, counter) -> merged.merge(writer, counter, Math::max));
        return new VersionVector(merged);
    }

    /** Knows of that writer at least so many. */
    public VersionVector with(String writer, long counter) {
        int at = Arrays.binarySearch(writers, writer);
        if (at >= 0) {
            if (counts[at] >= counter) {
                return this;
            }
            long[] more = counts.clone();
            more[at] = counter;
            return new VersionVector(writers, more);
        }
        if (counter == 0) {
            return this;
        }
        int place = -at - 1;
        String[] names = Arrays.copyOf(writers, writers.length + 1);
        long[] more = Arrays.copyOf(counts, counts.length + 1);
        System.arraycopy(writers, place, names, place + 1, writers.length - place);
        System.arraycopy(counts, place, more, place + 1, counts.length - place);
        names[place] = writer;
        more[place] = counter;
        return new VersionVector(names, more);
    }

    @Override
    public boolean equals(@Nullable Object other) {
        return other instanceof VersionVector vector
                && Arrays.equals(writers, vector.writers)
                && Arrays.equals(counts, vector.counts);
    }

    @Override
    public int hashCode() {
        return 31 * Arrays.hashCode(writers) + Arrays.hashCode(counts);
    }

    /** The form of the header {@code Sluice-Clock}, which {@link ClockText#parse} reads. */
    @Override
    public String toString() {
        StringBuilder text = new StringBuilder();
        forEach((writer, counter) -> {
            text.append(text.isEmpty() ? "" : ", ");
            appendKey(text, writer);
            text.append('=').append(counter);
        });
        return text.toString();
    }

    private static void appendKey(StringBuilder text, String writer) {
        boolean reserved = writer.startsWith(RESERVED);
        int begin = reserved ? RESERVED.length() : 0;
        text.append(writer, 0, begin);
        for (int i = begin; i < writer.length(); i++) {
            char c = writer.charAt(i);
            boolean letter = c >= 'a' && c <= 'z';
            boolean inner = (c >= '0' && c <= '9') || c == '_' || c == '.' || c == '-';
            if (letter || (inner && i > 0)) {
                text.append(c);
            } else if (c < 0x80) {
                appendEscape(text, c);
            } else {
                int end = writer.offsetByCodePoints(i, 1);
                for (byte b : writer.substring(i, end).getBytes(StandardCharsets.UTF_8)) {
                    appendEscape(text, b & 0xff);
                }
                i = end - 1;
            }
        }
    }

    private static void appendEscape(StringBuilder text, int b) {
        text.append('*').append(Character.forDigit(b >> 4, 16)).append(Character.forDigit(b & 15, 16));
    }
}
