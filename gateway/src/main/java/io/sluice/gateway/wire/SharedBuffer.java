package io.sluice.gateway.wire;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.util.concurrent.FastThreadLocal;
import org.jspecify.annotations.Nullable;

/**
 * The last bytes that an event loop has framed. A hub gives the same bytes to one connection after the other: they are copied
 * out of the heap once, and each connection has a reference.
 */
final class SharedBuffer {

    private static final FastThreadLocal<SharedBuffer> OF_LOOP = new FastThreadLocal<>() {
        @Override
        protected SharedBuffer initialValue() {
            return new SharedBuffer();
        }

        @Override
        protected void onRemoval(SharedBuffer last) {
            last.release();
        }
    };

    private byte @Nullable [] bytes;
    private @Nullable Framing framing;
    private @Nullable ByteBuf framed;

    private SharedBuffer() {}

    /** @return to be released by who writes it */
    static ByteBuf of(byte[] bytes, Framing framing, ByteBufAllocator allocator) {
        return OF_LOOP.get().framed(bytes, framing, allocator);
    }

    /** Lets go of the last bytes: for the time when nothing is written. */
    static void forget() {
        OF_LOOP.get().release();
    }

    private ByteBuf framed(byte[] wanted, Framing how, ByteBufAllocator allocator) {
        ByteBuf last = framed;
        if (last == null || bytes != wanted || framing != how) {
            release();
            last = how.framed(wanted, allocator);
            framed = last;
            bytes = wanted;
            framing = how;
        }
        return last.retainedDuplicate();
    }

    private void release() {
        if (framed != null) {
            framed.release();
            framed = null;
            bytes = null;
        }
    }
}
