package io.sluice.cache;

import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * Reads what {@link BytesOut} wrote. Of anything else every method may throw a RuntimeException, and none takes more memory
 * than there are bytes.
 */
final class BytesIn {

    private final ByteBuffer in;

    BytesIn(ByteBuffer in) {
        this.in = in;
    }

    byte takeByte() {
        return in.get();
    }

    long takeNumber() {
        long value = 0;
        for (int shift = 0; shift < 64; shift += 7) {
            byte part = in.get();
            value |= (part & 0x7fL) << shift;
            if (part >= 0) {
                return (value >>> 1) ^ -(value & 1);
            }
        }
        throw new IllegalArgumentException("number: more than 10 bytes (expected: at most 10)");
    }

    String takeText() {
        byte[] bytes = takeBytes();
        if (bytes == null) {
            throw new IllegalArgumentException("text: none (expected: one)");
        }
        return new String(bytes, StandardCharsets.UTF_8);
    }

    @Nullable
    String takeOptionalText() {
        byte[] bytes = takeBytes();
        return bytes == null ? null : new String(bytes, StandardCharsets.UTF_8);
    }

    byte @Nullable [] takeBytes() {
        long length = takeNumber();
        if (length == -1) {
            return null;
        }
        if (length < 0 || length > in.remaining()) {
            throw new BufferUnderflowException();
        }
        byte[] bytes = new byte[(int) length];
        in.get(bytes);
        return bytes;
    }

    Instant takeInstant() {
        return Instant.ofEpochSecond(takeNumber(), takeNumber());
    }

    void requireEnd() {
        if (in.hasRemaining()) {
            throw new IllegalArgumentException("bytes: " + in.remaining() + " more (expected: none)");
        }
    }
}
