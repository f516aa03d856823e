package io.sluice.cache;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/** Writes what {@link BytesIn} reads: numbers of any sign in 1 to 10 bytes, the small ones in few; texts in UTF-8. */
final class BytesOut {

    private final ByteArrayOutputStream out;

    BytesOut(int size) {
        this.out = new ByteArrayOutputStream(size);
    }

    void putByte(byte value) {
        out.write(value);
    }

    void putNumber(long value) {
        long rest = (value << 1) ^ (value >> 63);
        while ((rest & ~0x7fL) != 0) {
            out.write((int) (rest | 0x80));
            rest >>>= 7;
        }
        out.write((int) rest);
    }

    void putText(String value) {
        putBytes(value.getBytes(StandardCharsets.UTF_8));
    }

    void putOptionalText(@Nullable String value) {
        putBytes(value == null ? null : value.getBytes(StandardCharsets.UTF_8));
    }

    void putBytes(byte @Nullable [] value) {
        putNumber(value == null ? -1 : value.length);
        if (value != null) {
            out.writeBytes(value);
        }
    }

    void putInstant(Instant value) {
        putNumber(value.getEpochSecond());
        putNumber(value.getNano());
    }

    byte[] toBytes() {
        return out.toByteArray();
    }
}
