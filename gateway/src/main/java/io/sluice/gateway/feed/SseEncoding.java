package io.sluice.gateway.feed;

import io.sluice.backpressure.Encoding;
import io.sluice.backpressure.UpdateJson;
import io.sluice.resolver.ContextState;
import io.sluice.resolver.ContextUpdate;
import io.sluice.resolver.Json;
import java.nio.charset.StandardCharsets;
import tools.jackson.databind.node.ObjectNode;

/**
 * Server-Sent Events, as the WHATWG standard has them. The data is one line of JSON, in which no line break can stand; cursors
 * are base64url.
 */
public final class SseEncoding implements Encoding {

    private static final byte[] ID = bytes("id: ");
    private static final byte[] HEARTBEAT = bytes(": heartbeat\n\n");
    private static final byte[] END = bytes("\n\n");

    @Override
    public byte[] update(ContextUpdate update) {
        return event(update.state().isDeleted() ? "deleted" : "update", UpdateJson.update(update));
    }

    @Override
    public byte[] snapshot(ContextState state) {
        return event("snapshot", UpdateJson.snapshot(state));
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

    @Override
    public byte[] withCursor(String cursor, byte[] body) {
        byte[] text = bytes(cursor);
        byte[] frame = new byte[ID.length + text.length + 1 + body.length];
        System.arraycopy(ID, 0, frame, 0, ID.length);
        System.arraycopy(text, 0, frame, ID.length, text.length);
        frame[ID.length + text.length] = '\n';
        System.arraycopy(body, 0, frame, ID.length + text.length + 1, body.length);
        return frame;
    }

    private static byte[] event(String name, ObjectNode data) {
        byte[] head = bytes("event: " + name + "\ndata: ");
        byte[] json = Json.bytes(data);
        byte[] event = new byte[head.length + json.length + END.length];
        System.arraycopy(head, 0, event, 0, head.length);
        System.arraycopy(json, 0, event, head.length, json.length);
        System.arraycopy(END, 0, event, head.length + json.length, END.length);
        return event;
    }

    static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }
}
