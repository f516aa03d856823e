package io.sluice.gateway.websocket;

import io.sluice.resolver.Change;
import io.sluice.resolver.ContextKey;
import io.sluice.resolver.Json;
import io.sluice.resolver.MalformedException;
import io.sluice.resolver.OperationsJson;
import io.sluice.resolver.Texts;
import java.time.Duration;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** Reads what clients publish and call. The context is {@code key}, as everywhere in JSON, or {@code channel}. */
final class Calls {

    private static final int LONGEST_WAIT = 30;
    private static final int MAX_ITEMS = 1000;

    private final ChannelNames channels;
    private final int maxDepth;

    Calls(ChannelNames channels, int maxDepth) {
        this.channels = channels;
        this.maxDepth = maxDepth;
    }

    /** @throws CommandFailure if it is none @throws MalformedException if something in it is not what it has to be */
    Call call(Command.Rpc rpc) {
        return switch (rpc.method()) {
            case "get" -> new Call.Get(key(data(rpc)));
            case "history" -> history(data(rpc));
            case "put" ->
                write(rpc, new Change.Replace(document("state", data(rpc).value("state"))));
            case "patch" -> write(rpc, patch(data(rpc)));
            case "delete" -> write(rpc, Change.DELETE);
            default ->
                throw Errors.METHOD_NOT_FOUND
                        .because("\"" + Texts.shown(rpc.method()) + "\" (expected: get, history, put, patch or delete)")
                        .failure();
        };
    }

    /** A document, or the patch of one. */
    ObjectNode document(String name, @Nullable JsonNode value) {
        if (!(value instanceof ObjectNode object)) {
            throw malformed(name + ": " + (value == null ? "none" : "no object") + " (expected: an object)");
        }
        requireDepth(name, object);
        return object;
    }

    private void requireDepth(String name, JsonNode value) {
        if (!isWithin(value, maxDepth)) {
            throw malformed(name + ": deeper than " + maxDepth + " levels (expected: at most " + maxDepth + ")");
        }
    }

    /** A merge patch, or operations: over HTTP the media type says which. */
    private Change patch(Fields data) {
        JsonNode operations = data.value("ops");
        if (operations == null) {
            return new Change.Patch(document("patch", data.value("patch")));
        }
        if (data.value("patch") != null) {
            throw malformed("data: both patch and ops (expected: one of them)");
        }
        requireDepth("ops", operations);
        return new Change.Operate(OperationsJson.parse(operations));
    }

    private Call history(Fields data) {
        String after = data.text("after");
        return new Call.History(key(data), (int) data.number("limit", 1, MAX_ITEMS), after.isEmpty() ? null : after);
    }

    private Call write(Command.Rpc rpc, Change change) {
        Fields data = data(rpc);
        String eventId = data.text("eventId");
        long seconds = data.number("wait", 0, Integer.MAX_VALUE);
        return new Call.Write(
                key(data),
                change,
                eventId.isEmpty() ? null : eventId,
                data.value("wait") == null ? null : Duration.ofSeconds(Math.min(seconds, LONGEST_WAIT)));
    }

    private ContextKey key(Fields data) {
        String key = data.text("key");
        String channel = data.text("channel");
        if (key.isEmpty() == channel.isEmpty()) {
            throw malformed("data: " + (key.isEmpty() ? "neither key nor channel" : "both key and channel")
                    + " (expected: one of them)");
        }
        return key.isEmpty() ? channels.key(channel) : channels.keyOfPath(key);
    }

    private static Fields data(Command.Rpc rpc) {
        JsonNode data = rpc.data();
        if (data == null || data instanceof ObjectNode) {
            return new Fields(data == null ? Json.newObject() : (ObjectNode) data);
        }
        throw malformed("data: no object (expected: an object)");
    }

    private static boolean isWithin(JsonNode node, int levels) {
        if (!node.isContainer()) {
            return true;
        }
        if (levels == 0) {
            return false;
        }
        for (JsonNode child : node) {
            if (!isWithin(child, levels - 1)) {
                return false;
            }
        }
        return true;
    }

    private static MalformedException malformed(String message) {
        return new MalformedException("malformed-call", message);
    }
}
