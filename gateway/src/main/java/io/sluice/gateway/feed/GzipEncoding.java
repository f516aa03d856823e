package io.sluice.gateway.feed;

import io.sluice.backpressure.Encoding;
import io.sluice.resolver.ContextKey;
import io.sluice.resolver.ContextState;
import io.sluice.resolver.ContextUpdate;
import java.io.ByteArrayOutputStream;

/**
 * Another encoding as one member of gzip (RFC 1952): its header with the greeting, then each frame as a {@link DeflateRun}. The
 * bytes of a frame hang on nothing before it, so that all who watch share them; and so there is no check value at the end, which
 * would be of all that one connection has got.
 */
record GzipEncoding(SseEncoding plain) implements StreamEncoding {

    /** Deflate; no name, no time, an unknown system. */
    private static final byte[] HEADER = {0x1f, (byte) 0x8b, 8, 0, 0, 0, 0, 0, 0, (byte) 0xff};

    private static final byte[] HEARTBEAT = DeflateRun.of(SseEncoding.HEARTBEAT);

    @Override
    public byte[] greeting() {
        ByteArrayOutputStream greeting = new ByteArrayOutputStream();
        greeting.writeBytes(HEADER);
        greeting.writeBytes(DeflateRun.of(plain.greeting()));
        return greeting.toByteArray();
    }

    @Override
    public boolean isCompressed() {
        return true;
    }

    @Override
    public Encoding bodies() {
        return plain;
    }

    @Override
    public byte[] update(ContextUpdate update) {
        return plain.update(update);
    }

    @Override
    public byte[] whole(ContextUpdate update) {
        return plain.whole(update);
    }

    @Override
    public byte[] snapshot(ContextState state) {
        return plain.snapshot(state);
    }

    @Override
    public byte[] removed(ContextKey key) {
        return plain.removed(key);
    }

    @Override
    public boolean shows(ContextUpdate update) {
        return plain.shows(update);
    }

    @Override
    public byte[] ready(long contexts) {
        return plain.ready(contexts);
    }

    @Override
    public byte[] reset(String reason) {
        return plain.reset(reason);
    }

    @Override
    public byte[] heartbeat() {
        return HEARTBEAT;
    }

    @Override
    public byte[] goodbye() {
        return DeflateRun.of(plain.goodbye());
    }

    @Override
    public byte[] withCursor(String cursor, byte[] body) {
        return DeflateRun.of(plain.withCursor(cursor, body));
    }
}
