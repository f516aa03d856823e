package io.sluice.loadtest.simulation;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import io.sluice.loadtest.simulation.Track.Promise;
import org.jspecify.annotations.Nullable;

/** Over WebSocket, by the client protocol of Centrifuge in JSON: any number of lines in a text. */
final class SocketWatcher extends Watcher {

    private static final String PING = "{}";
    private static final String PONG = "{}";

    private int unanswered;

    SocketWatcher(Run run, String scenario) {
        super(run, scenario, "websocket");
    }

    /** What to answer at once, else the gateway takes the client for gone; null: nothing. */
    static @Nullable String pong(String text) {
        boolean isPing = text.contains(PING) && text.lines().anyMatch(PING::equals);
        return isPing ? PONG : null;
    }

    /** What to say first: connects, and subscribes to each context, behind what it has had. */
    String commands() {
        StringBuilder commands = new StringBuilder("{\"id\":1,\"connect\":{}}");
        unanswered = contexts().length;
        for (int i = 0; i < contexts().length; i++) {
            commands.append("\n{\"id\":")
                    .append(i + 2)
                    .append(",\"subscribe\":{\"channel\":\"")
                    .append(run().plan().type())
                    .append(':')
                    .append(run().id(contexts()[i]))
                    .append('"')
                    .append(isReturning() ? position(had(contexts()[i])) : "")
                    .append("}}");
        }
        return commands.toString();
    }

    private static String position(@Nullable Track had) {
        String epoch = had == null ? "" : String.valueOf(had.incarnation());
        long offset = had == null ? 0 : had.version();
        return ",\"recover\":true,\"epoch\":\"" + epoch + "\",\"offset\":" + offset;
    }

    @Override
    void read(String text, long millis) throws JsonProcessingException {
        for (String line : text.split("\n")) {
            if (!line.isBlank()) {
                line(json(line), millis);
            }
        }
    }

    private void line(JsonNode line, long millis) {
        JsonNode push = line.path("push");
        if (push.has("pub")) {
            update(context(push.path("channel").asText()), push.path("pub").path("data"), conflated(), millis);
        } else if (push.has("unsubscribe")) {
            fault(Fault.RESET, 1, push.path("unsubscribe").toString());
        } else if (line.has("error")) {
            fault(Fault.REFUSED, 1, line.path("error").toString());
        } else if (line.has("subscribe")) {
            subscribed(contexts()[line.path("id").asInt() - 2], line.path("subscribe"), millis);
        }
    }

    private void subscribed(int context, JsonNode subscription, long millis) {
        Promise promise = subscription.path("recovered").asBoolean() ? Promise.EACH : Promise.ANY;
        for (JsonNode publication : subscription.path("publications")) {
            if (isReturning()) {
                update(context, publication.path("data"), promise, millis);
            } else {
                snapshot(context, publication.path("data"));
            }
        }
        unanswered--;
        if (unanswered == 0) {
            ready(millis);
        }
    }

    private int context(String channel) {
        return run().context(channel.substring(channel.indexOf(':') + 1));
    }
}
