package io.sluice.gateway.feed;

import io.sluice.backpressure.UpdateJson;
import io.sluice.resolver.ContextKey;
import io.sluice.resolver.ContextState;
import io.sluice.resolver.ContextUpdate;
import io.sluice.resolver.Json;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.ThreadLocalRandom;
import tools.jackson.databind.node.ObjectNode;

/**
 * Server-Sent Events, as the WHATWG standard has them. The data is one line of JSON, in which no line break can stand; cursors
 * are base64url.
 *
 * @param named whether events have names; if not, the name is a member of the data, for {@code onmessage}
 * @param deltas whether a change says only what is other than before, where that can be said
 * @param fields the part of documents that is seen
 * @param retry milliseconds that a client is told to wait before it comes again
 */
record SseEncoding(boolean named, boolean deltas, Projection fields, long retry) implements StreamEncoding {

    private static final byte[] ID = bytes("id: ");
    private static final byte[] DATA = bytes("data: ");
    static final byte[] HEARTBEAT = bytes(": heartbeat\n\n");
    private static final byte[] END = bytes("\n\n");

    @Override
    public byte[] greeting() {
        return bytes(": connected\n\nretry: " + retry + "\n\n");
    }

    @Override
    public boolean isCompressed() {
        return false;
    }

    @Override
    public byte[] update(ContextUpdate update) {
        ContextUpdate seen = fields.of(update);
        return deltas && seen.delta() != null ? event("update", UpdateJson.delta(seen)) : wholeOf(seen);
    }

    @Override
    public byte[] whole(ContextUpdate update) {
        return wholeOf(fields.of(update));
    }

    private byte[] wholeOf(ContextUpdate update) {
        return event(update.state().isDeleted() ? "deleted" : "update", UpdateJson.update(update));
    }

    @Override
    public boolean shows(ContextUpdate update) {
        return fields.shows(update);
    }

    @Override
    public byte[] removed(ContextKey key) {
        return event("removed", Json.newObject().put("key", key.path()));
    }

    @Override
    public byte[] snapshot(ContextState state) {
        return event("snapshot", UpdateJson.snapshot(fields.of(state)));
    }

    @Override
    public byte[] ready(long contexts) {
        ObjectNode data = Json.newObject();
        return event("ready", contexts < 0 ? data.put("resumed", true) : data.put("contexts", contexts));
    }

    @Override
    public byte[] reset(String reason) {
        return event("reset", Json.newObject().put("reason", reason));
    }

    @Override
    public byte[] heartbeat() {
        return HEARTBEAT;
    }

    /** Not all at the same time. */
    @Override
    public byte[] goodbye() {
        return bytes("retry: " + (retry + ThreadLocalRandom.current().nextLong(retry + 1)) + "\n\n");
    }

    @Override
    public byte[] withCursor(String cursor, byte[] body) {
        if (cursor.isEmpty()) {
            return body;
        }
        byte[] text = bytes(cursor);
        byte[] frame = new byte[ID.length + text.length + 1 + body.length];
        System.arraycopy(ID, 0, frame, 0, ID.length);
        System.arraycopy(text, 0, frame, ID.length, text.length);
        frame[ID.length + text.length] = '\n';
        System.arraycopy(body, 0, frame, ID.length + text.length + 1, body.length);
        return frame;
    }

    private byte[] event(String name, ObjectNode data) {
        byte[] head = named ? bytes("event: " + name + "\ndata: ") : DATA;
        byte[] json = Json.bytes(named ? data : unnamed(name, data));
        byte[] event = new byte[head.length + json.length + END.length];
        System.arraycopy(head, 0, event, 0, head.length);
        System.arraycopy(json, 0, event, head.length, json.length);
        System.arraycopy(END, 0, event, head.length + json.length, END.length);
        return event;
    }

    private static ObjectNode unnamed(String name, ObjectNode data) {
        ObjectNode whole = Json.newObject().put("event", name);
        whole.setAll(data);
        return whole;
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }
}
