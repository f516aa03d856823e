package io.sluice.loadtest;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/** Bytes that become more, up to a limit. */
final class Bytes {

    private final int limit;
    private byte[] array = new byte[256];
    private int length;

    Bytes(int limit) {
        this.limit = limit;
    }

    void add(byte value) {
        room(1);
        array[length++] = value;
    }

    void add(byte[] from, int start, int end) {
        room(end - start);
        System.arraycopy(from, start, array, length, end - start);
        length += end - start;
    }

    private void room(int more) {
        if (length + more > limit) {
            throw new IllegalStateException("more than " + limit + " bytes in one piece");
        }
        if (length + more > array.length) {
            array = Arrays.copyOf(array, Math.max(length + more, 2 * array.length));
        }
    }

    byte at(int index) {
        return array[index];
    }

    /** The bytes are the first {@link #length()} of it. */
    byte[] array() {
        return array;
    }

    int length() {
        return length;
    }

    void clear() {
        length = 0;
    }

    String text(int start, int end) {
        return new String(array, start, end - start, StandardCharsets.UTF_8);
    }
}
