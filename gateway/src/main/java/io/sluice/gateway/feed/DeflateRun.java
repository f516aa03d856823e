package io.sluice.gateway.feed;

import io.netty.util.concurrent.FastThreadLocal;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.zip.Deflater;

/**
 * Bytes as blocks of deflate (RFC 1951), none of them the last one of a stream. A run ends on a whole byte and refers to nothing
 * outside: runs in any order, one behind the other, are a stream of which each can be read as soon as it is there.
 */
final class DeflateRun {

    /** What is smaller is seldom worth the time; and it goes in one packet in any case. */
    static final int WORTH_BYTES = 512;

    /** The fastest: the others take twice as long at a few per cent less. */
    private static final int LEVEL = Deflater.BEST_SPEED;

    private static final int STORED_BYTES = 0xffff;
    private static final int STORED_HEAD = 5;

    /** Of each thread that encodes: it has memory outside of the heap. */
    private static final FastThreadLocal<Deflater> DEFLATER = new FastThreadLocal<>() {
        @Override
        protected Deflater initialValue() {
            return new Deflater(LEVEL, true);
        }

        @Override
        protected void onRemoval(Deflater last) {
            last.end();
        }
    };

    private DeflateRun() {}

    static byte[] of(byte[] bytes) {
        return bytes.length < WORTH_BYTES ? stored(bytes) : smaller(bytes);
    }

    private static byte[] smaller(byte[] bytes) {
        byte[] run = new byte[storedSize(bytes.length)];
        Deflater deflater = DEFLATER.get();
        deflater.reset();
        deflater.setInput(bytes);
        // Behind a reset there is nothing that this run could refer to: a full flush would only forget it once more.
        int size = deflater.deflate(run, 0, run.length, Deflater.SYNC_FLUSH);
        return size < run.length ? Arrays.copyOf(run, size) : stored(bytes);
    }

    private static int storedSize(int size) {
        return size + STORED_HEAD * Math.max(1, Math.ceilDiv(size, STORED_BYTES));
    }

    private static byte[] stored(byte[] bytes) {
        ByteBuffer run = ByteBuffer.allocate(storedSize(bytes.length)).order(java.nio.ByteOrder.LITTLE_ENDIAN);
        int from = 0;
        do {
            int size = Math.min(STORED_BYTES, bytes.length - from);
            run.put((byte) 0).putShort((short) size).putShort((short) ~size).put(bytes, from, size);
            from += size;
        } while (from < bytes.length);
        return run.array();
    }
}
