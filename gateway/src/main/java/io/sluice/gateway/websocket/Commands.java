package io.sluice.gateway.websocket;

import io.sluice.resolver.Json;
import io.sluice.resolver.MalformedException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.function.BiFunction;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * Reads frames: one JSON object a line, as many lines as one likes. Strict in what it knows, deaf to what it does not know. Safe
 * for use by several threads.
 */
final class Commands {

    /** What the protocol puts around a document: command, request, data, and the member of data that it is in. */
    private static final int ENVELOPE = 4;

    private static final long UINT32 = 0xFFFF_FFFFL;
    private static final long ALL_OR_ERROR = 2;

    /** By the names of the protocol. {@code ping} is in none: a client of this version says it with an empty object. */
    private static final Map<String, BiFunction<Long, Fields, Command>> METHODS = Map.ofEntries(
            Map.entry("connect", (id, request) -> new Command.Connect(id, request.text("token"))),
            Map.entry("subscribe", Commands::subscribe),
            Map.entry("unsubscribe", (id, request) -> new Command.Unsubscribe(id, channel(request))),
            Map.entry("publish", Commands::publish),
            Map.entry("history", Commands::history),
            Map.entry("presence", (id, request) -> new Command.Presence(id, request.text("channel"))),
            Map.entry("presence_stats", (id, request) -> new Command.PresenceStats(id, request.text("channel"))),
            Map.entry("rpc", (id, request) -> new Command.Rpc(id, request.text("method"), request.value("data"))),
            Map.entry("refresh", (id, request) -> new Command.Refresh(id)),
            Map.entry("sub_refresh", (id, request) -> new Command.SubRefresh(id, channel(request))),
            Map.entry("send", (id, request) -> new Command.Send(id)));

    private final SessionSettings settings;
    private final Json json;

    Commands(SessionSettings settings) {
        this.settings = settings;
        this.json = Json.around(settings.maxDepth(), ENVELOPE);
    }

    /** @throws MalformedException if any of it is no command, or there is none, or there are too many */
    List<Command> parse(byte[] frame) {
        if (frame.length > settings.maxFrameBytes()) {
            throw malformed("frame: " + frame.length + " bytes (expected: at most " + settings.maxFrameBytes() + ")");
        }
        List<Command> commands = new ArrayList<>();
        for (int start = 0; start < frame.length; ) {
            int end = endOfLine(frame, start);
            if (!isBlank(frame, start, end)) {
                commands.add(command(json.object(Arrays.copyOfRange(frame, start, end))));
            }
            if (commands.size() > settings.maxCommands()) {
                throw malformed("frame: too many commands (expected: at most " + settings.maxCommands() + ")");
            }
            start = end + 1;
        }
        if (commands.isEmpty()) {
            throw malformed("frame: no command (expected: at least one)");
        }
        return commands;
    }

    private static int endOfLine(byte[] frame, int start) {
        int end = start;
        while (end < frame.length && frame[end] != '\n') {
            end++;
        }
        return end;
    }

    private static boolean isBlank(byte[] frame, int start, int end) {
        for (int i = start; i < end; i++) {
            if (frame[i] != ' ' && frame[i] != '\t' && frame[i] != '\r') {
                return false;
            }
        }
        return true;
    }

    private static Command command(ObjectNode line) {
        Fields fields = new Fields(line);
        long id = fields.number("id", 0, UINT32);
        Command command = null;
        for (Map.Entry<String, JsonNode> member : line.properties()) {
            Command next = command(id, member.getKey(), fields);
            if (command != null && next != null) {
                throw malformed("command: two methods (expected: one)");
            }
            command = next == null ? command : next;
        }
        return identified(id, command);
    }

    private static @Nullable Command command(long id, String method, Fields line) {
        BiFunction<Long, Fields, Command> reader = METHODS.get(method);
        Fields request = reader == null ? null : line.object(method);
        return reader == null || request == null ? null : reader.apply(id, request);
    }

    /** Only an empty object, and a message that nobody answers, may come without an id; and nothing else with one. */
    private static Command identified(long id, @Nullable Command command) {
        if (command == null && id == 0) {
            return new Command.Pong();
        }
        if (command == null || (id == 0 && !(command instanceof Command.Send))) {
            throw malformed("command: " + (command == null ? "no known method" : "no id")
                    + " (expected: one method, with an id)");
        }
        return command;
    }

    private static Command subscribe(long id, Fields request) {
        Position since = request.flag("recover") ? new Position(request.text("epoch"), request.offset("offset")) : null;
        long flag = request.number("flag", Long.MIN_VALUE, Long.MAX_VALUE);
        return new Command.Subscribe(
                id,
                channel(request),
                since,
                (flag & ALL_OR_ERROR) != 0,
                request.number("type", Integer.MIN_VALUE, Integer.MAX_VALUE),
                request.object("tf") != null);
    }

    private static Command publish(long id, Fields request) {
        return new Command.Publish(
                id,
                channel(request),
                request.value("data"),
                request.number("type", Integer.MIN_VALUE, Integer.MAX_VALUE));
    }

    private static Command history(long id, Fields request) {
        Fields since = request.object("since");
        return new Command.History(
                id,
                channel(request),
                (int) request.number("limit", Integer.MIN_VALUE, Integer.MAX_VALUE),
                since == null ? null : new Position(since.text("epoch"), since.offset("offset")),
                request.flag("reverse"));
    }

    private static String channel(Fields request) {
        String channel = request.text("channel");
        if (channel.isEmpty()) {
            throw malformed("channel: none (expected: its name)");
        }
        return channel;
    }

    private static MalformedException malformed(String message) {
        return new MalformedException("malformed-frame", message);
    }
}
