package io.sluice.gateway.endtoend;

import io.netty.channel.ChannelOption;
import io.sluice.gateway.endtoend.Watching.Held;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Sinks;
import reactor.netty.http.client.HttpClient;
import reactor.netty.http.client.WebsocketClientSpec;
import tools.jackson.databind.JsonNode;

/** Over WebSocket, as a client of the Centrifuge protocol that recovers. */
final class SocketWatcher extends Watcher {

    private record Position(long offset, String epoch) {}

    private final List<String> channels;
    private final Map<String, Position> positions = new LinkedHashMap<>();

    SocketWatcher(Watching watching) {
        super(watching);
        this.channels = List.of(watching.path().split(","));
    }

    @Override
    boolean hasPlace() {
        return !positions.isEmpty();
    }

    @Override
    Visit visit(Gateway gateway) {
        Frames frames = new Frames();
        HttpClient.newConnection()
                .option(ChannelOption.SO_RCVBUF, 4096)
                .websocket(WebsocketClientSpec.builder()
                        .maxFramePayloadLength(16 << 20)
                        .build())
                .uri(gateway.base().toString().replace("http:", "ws:") + "/connection/websocket")
                .handle((in, out) -> Flux.merge(
                        out.sendString(frames.toSay.asFlux()).then().cast(byte[].class),
                        in.aggregateFrames(16 << 20).receive().asByteArray()))
                .subscribe(frames);
        return frames;
    }

    private final class Frames extends Visit {

        private final Sinks.Many<String> toSay = Sinks.many().unicast().onBackpressureBuffer();
        private long lastCommand = 1;
        private final Map<Long, String> asked = new LinkedHashMap<>();

        private Frames() {
            toSay.tryEmitNext("{\"id\":1,\"connect\":{}}");
        }

        @Override
        void take(byte[] bytes) {
            text(bytes).lines().forEach(line -> said(Api.json(line)));
        }

        private void said(JsonNode said) {
            require(!said.has("error"), "nothing is refused", said);
            if (said.isEmpty()) {
                toSay.tryEmitNext("{}");
            } else if (said.has("connect")) {
                channels.forEach(this::subscribe);
            } else if (said.has("subscribe")) {
                subscribed(asked.get(said.get("id").asLong()), said.get("subscribe"));
            } else if (said.path("push").has("pub")) {
                publication(
                        said.get("push").get("channel").asString(),
                        said.get("push").get("pub"),
                        false);
            } else if (said.path("push").has("unsubscribe")) {
                String channel = said.get("push").get("channel").asString();
                require(said.get("push").get("unsubscribe").get("code").asInt() == 2500, "it may come again", said);
                subscribe(channel);
            } else {
                require(false, "the answer is known", said);
            }
        }

        private void subscribe(String channel) {
            asked.put(++lastCommand, channel);
            Position since = positions.get(channel);
            toSay.tryEmitNext("{\"id\":" + lastCommand + ",\"subscribe\":{\"channel\":\"" + channel + "\""
                    + (since == null
                            ? ""
                            : ",\"recover\":true,\"offset\":" + since.offset + ",\"epoch\":\"" + since.epoch + "\"")
                    + "}}");
        }

        private void subscribed(String channel, JsonNode subscribed) {
            boolean recovered = subscribed.path("recovered").asBoolean();
            Position since = positions.get(channel);
            if (since != null && !recovered) {
                resets++;
            }
            positions.put(
                    channel,
                    new Position(
                            subscribed.path("offset").asLong(),
                            subscribed.path("epoch").asString("")));
            if (!recovered) {
                // What it is now takes the place of all that was heard of it; if it is not there, that is what it is.
                boolean there = !subscribed.path("publications").isEmpty();
                hear(
                        key(channel),
                        new Held(there ? 0 : subscribed.path("offset").asLong(), null));
            }
            subscribed.path("publications").forEach(publication -> publication(channel, publication, recovered));
            settle();
        }

        private void publication(String channel, JsonNode publication, boolean every) {
            JsonNode data = publication.get("data");
            long offset = publication.get("offset").asLong();
            require(offset == data.get("version").asLong(), "the offset is the version", publication);
            change(key(channel), data, every);
            settle();
            positions.put(channel, new Position(offset, publication.get("epoch").asString()));
        }
    }

    private static String key(String channel) {
        return channel.replace(':', '/');
    }
}
