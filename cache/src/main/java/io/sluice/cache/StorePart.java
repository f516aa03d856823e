package io.sluice.cache;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.sluice.resolver.ContextState;
import io.sluice.resolver.Partition;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.concurrent.ThreadLocalRandom;

/** As much of a batch as one script writes. A single large state is not cut. */
final class StorePart {

    private static final int MAX_ENTRIES = 256;
    private static final int MAX_BYTES = 1 << 20;

    private final List<byte[]> keys = new ArrayList<>();
    private final List<byte[]> values = new ArrayList<>();
    private final String before;
    private String name = "";
    private int bytes;

    private StorePart(Partition partition, String before) {
        this.before = before;
        keys.add(Entry.markKey(partition));
    }

    /** At least one part, the mark in each. */
    static List<StorePart> cut(Partition partition, Collection<ContextState> states, long next) {
        return cut(partition, states, next, MAX_ENTRIES);
    }

    static List<StorePart> cut(Partition partition, Collection<ContextState> states, long next, int maxEntries) {
        String batch = Long.toHexString(ThreadLocalRandom.current().nextLong());
        StorePart part = new StorePart(partition, "");
        List<StorePart> parts = new ArrayList<>(List.of(part));
        for (ContextState state : states) {
            byte[] value = Entry.encode(state, next);
            if (part.isFullWith(value, maxEntries)) {
                part.name = batch + ":" + parts.size();
                part = new StorePart(partition, part.name);
                parts.add(part);
            }
            part.add(Entry.key(partition, state.key()), value);
        }
        return parts;
    }

    /**
     * One of parts that are not made all at once.
     *
     * @param before the name of the one before; empty: this is the first
     * @param name empty: this is the last
     */
    static StorePart of(Partition partition, Collection<ContextState> states, long next, String before, String name) {
        StorePart part = new StorePart(partition, before);
        part.name = name;
        states.forEach(state -> part.add(Entry.key(partition, state.key()), Entry.encode(state, next)));
        return part;
    }

    private boolean isFullWith(byte[] value, int maxEntries) {
        return values.size() == maxEntries || (!values.isEmpty() && bytes + value.length > MAX_BYTES);
    }

    private void add(byte[] key, byte[] value) {
        keys.add(key);
        values.add(value);
        bytes += value.length;
    }

    byte[][] keys() {
        return keys.toArray(byte[][]::new);
    }

    /** As {@code store.lua} wants them. */
    byte[][] arguments(long from, long next, byte[] ttlMillis) {
        List<byte[]> arguments = new ArrayList<>(values.size() + 5);
        arguments.add(Long.toString(from).getBytes(UTF_8));
        arguments.add(Long.toString(next).getBytes(UTF_8));
        arguments.add(ttlMillis);
        arguments.add(before.getBytes(UTF_8));
        arguments.add(name.getBytes(UTF_8));
        arguments.addAll(values);
        return arguments.toArray(byte[][]::new);
    }
}
