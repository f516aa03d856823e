package io.sluice.gateway.websocket;

import io.sluice.backpressure.UpdateJson;
import io.sluice.resolver.ContextState;
import io.sluice.resolver.ContextUpdate;
import io.sluice.resolver.Json;
import io.sluice.resolver.Revision;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;
import tools.jackson.databind.node.StringNode;

/**
 * What a client is told, one object of JSON each, UTF-8, without a line break in it or behind it.
 *
 * <p>A publication is encoded once, as the push that all subscribers of a channel share. Where it stands in a reply instead, or
 * goes to a channel under another spelling, its inside is cut out of those bytes.
 */
public final class Replies {

    private static final byte[] PING = utf8("{}");
    private static final byte[] PUSH_END = utf8("}}");

    private Replies() {}

    /** The push of a change, to be shared by all who are subscribed to that channel. */
    public static byte[] publication(String channel, ContextUpdate update) {
        return publication(channel, UpdateJson.update(update), update.revision());
    }

    /** The push of a context as it is now. */
    public static byte[] publication(String channel, ContextState state) {
        return publication(channel, UpdateJson.snapshot(state), state.revision());
    }

    private static byte[] publication(String channel, ObjectNode data, Revision revision) {
        data.remove("key");
        ObjectNode body = Json.newObject();
        body.set("data", data);
        Position position = Position.of(revision);
        body.put("offset", position.offset()).put("epoch", position.epoch());
        return joined(pushHead(channel), Json.bytes(body), PUSH_END);
    }

    /** What is in a push that {@link #publication} made for that channel. */
    static byte[] inside(byte[] push, String channel) {
        return Arrays.copyOfRange(push, pushHead(channel).length, push.length - PUSH_END.length);
    }

    /** A push for one channel, as a push for another. */
    static byte[] renamed(byte[] push, String channel, String other) {
        return joined(pushHead(other), inside(push, channel), PUSH_END);
    }

    static byte[] unsubscribed(String channel, Unsubscribed why) {
        ObjectNode push = Json.newObject().put("channel", channel);
        push.putObject("unsubscribe").put("code", why.code()).put("reason", why.reason());
        return line("push", push);
    }

    /** For transports that have no close frame of their own: over WebSocket the code of the frame says it. */
    static byte[] disconnected(Disconnect why) {
        ObjectNode push = Json.newObject();
        push.putObject("disconnect").put("code", why.code()).put("reason", why.reason());
        return line("push", push);
    }

    static byte[] ping() {
        return PING;
    }

    /** @param pingSeconds how often the client will be asked, and has to answer */
    static byte[] connected(long id, String client, String version, long pingSeconds) {
        ObjectNode result = Json.newObject()
                .put("client", client)
                .put("version", version)
                .put("ping", pingSeconds)
                .put("pong", true);
        return reply(id, "connect", result);
    }

    /**
     * @param position with {@code recovered}: the offset that the client asked with, so that it goes on from there
     * @param publications insides of pushes
     */
    record Subscription(Position position, boolean recovered, boolean wasRecovering, List<byte[]> publications) {}

    static byte[] subscribed(long id, Subscription subscription) {
        ObjectNode result = Json.newObject()
                .put("recoverable", true)
                .put("positioned", true)
                .put("epoch", subscription.position().epoch())
                .put("offset", subscription.position().offset());
        if (subscription.recovered()) {
            result.put("recovered", true);
        }
        if (subscription.wasRecovering()) {
            result.put("was_recovering", true);
        }
        return reply(id, "subscribe", withPublications(result, subscription.publications()));
    }

    /** @param publications insides of pushes */
    static byte[] history(long id, Position top, List<byte[]> publications) {
        ObjectNode result = Json.newObject().put("epoch", top.epoch()).put("offset", top.offset());
        return reply(id, "history", withPublications(result, publications));
    }

    static byte[] unsubscribed(long id) {
        return reply(id, "unsubscribe", Json.newObject());
    }

    static byte[] published(long id) {
        return reply(id, "publish", Json.newObject());
    }

    /** @param data one JSON value, in one line */
    static byte[] called(long id, byte[] data) {
        return joined(utf8("{\"id\":" + id + ",\"rpc\":{\"data\":"), data, PUSH_END);
    }

    static byte[] error(long id, ErrorReply error) {
        ObjectNode json = Json.newObject().put("code", error.code()).put("message", error.message());
        if (error.temporary()) {
            json.put("temporary", true);
        }
        return reply(id, "error", json);
    }

    /** What {@link #lines} has put together; there may be a line break at the end. */
    static List<byte[]> split(byte[] lines) {
        List<byte[]> all = new ArrayList<>();
        int from = 0;
        for (int i = 0; i <= lines.length; i++) {
            if (i == lines.length || lines[i] == '\n') {
                if (i > from) {
                    all.add(Arrays.copyOfRange(lines, from, i));
                }
                from = i + 1;
            }
        }
        return all;
    }

    /** Some of these in one frame. */
    static byte[] lines(List<byte[]> lines) {
        ByteArrayOutputStream frame = new ByteArrayOutputStream();
        for (byte[] line : lines) {
            if (frame.size() > 0) {
                frame.write('\n');
            }
            frame.writeBytes(line);
        }
        return frame.toByteArray();
    }

    private static byte[] reply(long id, String name, ObjectNode result) {
        return reply(id, name, Json.bytes(result));
    }

    private static byte[] reply(long id, String name, byte[] result) {
        return joined(utf8("{\"id\":" + id + ",\"" + name + "\":"), result, utf8("}"));
    }

    private static byte[] withPublications(ObjectNode result, List<byte[]> publications) {
        if (publications.isEmpty()) {
            return Json.bytes(result);
        }
        byte[] head = Json.bytes(result);
        ByteArrayOutputStream json = new ByteArrayOutputStream();
        json.write(head, 0, head.length - 1);
        byte[] before = utf8(",\"publications\":[");
        for (byte[] publication : publications) {
            json.writeBytes(before);
            json.writeBytes(publication);
            before = utf8(",");
        }
        json.writeBytes(utf8("]}"));
        return json.toByteArray();
    }

    private static byte[] pushHead(String channel) {
        JsonNode name = StringNode.valueOf(channel);
        return joined(utf8("{\"push\":{\"channel\":"), Json.bytes(name), utf8(",\"pub\":"));
    }

    private static byte[] line(String name, ObjectNode value) {
        ObjectNode line = Json.newObject();
        line.set(name, value);
        return Json.bytes(line);
    }

    private static byte[] joined(byte[] head, byte[] middle, byte[] end) {
        byte[] all = Arrays.copyOf(head, head.length + middle.length + end.length);
        System.arraycopy(middle, 0, all, head.length, middle.length);
        System.arraycopy(end, 0, all, head.length + middle.length, end.length);
        return all;
    }

    private static byte[] utf8(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }
}
