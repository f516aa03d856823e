package io.sluice.gateway.websocket;

import io.sluice.backpressure.Encoding;
import io.sluice.resolver.ContextKey;
import io.sluice.resolver.ContextState;
import io.sluice.resolver.ContextUpdate;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/**
 * The feed of one context as pushes, each with a line break behind it. What is said of the feed itself is for
 * {@link ChannelFeed}, and not for the client.
 */
record ChannelEncoding() implements Encoding {

    static final ChannelEncoding PUSHES = new ChannelEncoding();

    static final byte READY = 'r';
    static final byte RESET = 'x';

    private static final byte[] NOTHING = new byte[0];

    @Override
    public byte[] update(ContextUpdate update) {
        return whole(update);
    }

    @Override
    public byte[] whole(ContextUpdate update) {
        return line(Replies.publication(ChannelNames.of(update.key()), update));
    }

    @Override
    public byte[] snapshot(ContextState state) {
        return line(Replies.publication(ChannelNames.of(state.key()), state));
    }

    @Override
    public byte[] removed(ContextKey key) {
        throw new UnsupportedOperationException("channels have no filters, and so nothing leaves one");
    }

    @Override
    public byte[] ready(long contexts) {
        return new byte[] {READY};
    }

    @Override
    public byte[] reset(String reason) {
        byte[] text = reason.getBytes(StandardCharsets.UTF_8);
        byte[] said = new byte[text.length + 1];
        said[0] = RESET;
        System.arraycopy(text, 0, said, 1, text.length);
        return said;
    }

    /** Clients are asked whether they are there by the protocol itself. */
    @Override
    public byte[] heartbeat() {
        return NOTHING;
    }

    @Override
    public byte[] goodbye() {
        return NOTHING;
    }

    @Override
    public byte[] withCursor(String cursor, byte[] body) {
        return body;
    }

    private static byte[] line(byte[] push) {
        byte[] line = Arrays.copyOf(push, push.length + 1);
        line[push.length] = '\n';
        return line;
    }
}
