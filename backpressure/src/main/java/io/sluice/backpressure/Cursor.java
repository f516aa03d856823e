package io.sluice.backpressure;

import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.time.Instant;
import java.util.Base64;
import java.util.Optional;
import java.util.zip.CRC32;

/**
 * Where a feed stands: for each partition of its selection, the source offset of the first event that it has not seen. Opaque
 * to those who hold it; shared by all who watch the same selection.
 *
 * @param selection a hash of what the feed has: a cursor of another selection or filter is of no use
 * @param issued the gateway's clock, to the second: a cursor expires
 * @param complete false: a snapshot was under way, and something is missing
 * @param next shared, never changed
 */
@SuppressWarnings("ArrayRecordComponent") // Never compared, and made millions of times.
record Cursor(int selection, Instant issued, boolean complete, long[] next) {

    private static final byte FORMAT = 1;
    private static final int MAX_TEXT = 8 * 1024;
    private static final int CHECKSUM = 4;

    /** Base64url without padding: what {@link #parse} reads. */
    String text() {
        ByteBuffer bytes = ByteBuffer.allocate(1 + 1 + 4 + 5 + 10 * next.length + CHECKSUM);
        bytes.put(FORMAT).put((byte) (complete ? 1 : 0)).putInt(selection);
        putVarint(bytes, issued.getEpochSecond());
        for (long offset : next) {
            putVarint(bytes, offset);
        }
        bytes.putInt(checksum(bytes.array(), bytes.position()));
        byte[] exact = new byte[bytes.position()];
        bytes.flip().get(exact);
        return Base64.getUrlEncoder().withoutPadding().encodeToString(exact);
    }

    /** Empty if the text is not a cursor, or a damaged one, or has not that many partitions. */
    static Optional<Cursor> parse(String text, int partitions) {
        if (text.length() > MAX_TEXT) {
            return Optional.empty();
        }
        try {
            byte[] bytes = Base64.getUrlDecoder().decode(text);
            int length = bytes.length - CHECKSUM;
            ByteBuffer in = ByteBuffer.wrap(bytes);
            if (length < 1 || in.getInt(length) != checksum(bytes, length) || in.get() != FORMAT) {
                return Optional.empty();
            }
            in.limit(length);
            boolean complete = in.get() == 1;
            int selection = in.getInt();
            Instant issued = Instant.ofEpochSecond(getVarint(in));
            long[] next = new long[partitions];
            for (int i = 0; i < partitions; i++) {
                next[i] = getVarint(in);
            }
            return in.hasRemaining() ? Optional.empty() : Optional.of(new Cursor(selection, issued, complete, next));
        } catch (IllegalArgumentException | BufferUnderflowException | java.time.DateTimeException e) {
            return Optional.empty();
        }
    }

    private static int checksum(byte[] bytes, int length) {
        CRC32 crc = new CRC32();
        crc.update(bytes, 0, length);
        return (int) crc.getValue();
    }

    private static void putVarint(ByteBuffer out, long value) {
        long rest = value;
        while ((rest & ~0x7fL) != 0) {
            out.put((byte) (rest & 0x7f | 0x80));
            rest >>>= 7;
        }
        out.put((byte) rest);
    }

    private static long getVarint(ByteBuffer in) {
        long value = 0;
        for (int shift = 0; shift < 64; shift += 7) {
            byte b = in.get();
            value |= (long) (b & 0x7f) << shift;
            if (b >= 0) {
                return value;
            }
        }
        throw new IllegalArgumentException("varint: longer than 64 bits");
    }
}
