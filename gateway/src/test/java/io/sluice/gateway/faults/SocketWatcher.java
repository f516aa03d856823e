package io.sluice.gateway.faults;

import io.netty.channel.ChannelOption;
import io.sluice.gateway.faults.Watch.Kind;
import io.sluice.gateway.faults.Watch.Told;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Sinks;
import reactor.netty.http.client.HttpClient;
import reactor.netty.http.client.WebsocketClientSpec;
import tools.jackson.databind.JsonNode;

/** Over WebSocket, as a client of the Centrifuge protocol that recovers. */
final class SocketWatcher extends Watcher {

    private static final int MAX_FRAME = 16 << 20;

    /** Pings come every 25 s. */
    private static final Duration PATIENCE = Duration.ofSeconds(35);

    private record Position(long offset, String epoch) {}

    private final List<String> channels;
    private final Map<String, Position> positions = new HashMap<>();

    SocketWatcher(Scene scene, Watch watch, Random random, List<String> channels) {
        super(scene, watch, random, PATIENCE);
        this.channels = channels;
    }

    @Override
    Visit visit(int node) {
        Socket socket = new Socket();
        HttpClient.newConnection()
                .option(ChannelOption.CONNECT_TIMEOUT_MILLIS, 2_000)
                .option(ChannelOption.SO_RCVBUF, 8_192)
                .websocket(WebsocketClientSpec.builder()
                        .maxFramePayloadLength(MAX_FRAME)
                        .build())
                .uri(scene.cluster.entrance(node).toString().replace("http:", "ws:") + "/connection/websocket")
                .handle((in, out) -> Flux.merge(
                        out.sendString(socket.toSay.asFlux()).then().cast(byte[].class),
                        in.aggregateFrames(MAX_FRAME).receive().asByteArray()))
                .subscribe(socket.pull);
        return socket;
    }

    private final class Socket implements Visit {

        private final Pull pull = new Pull();
        private final Sinks.Many<String> toSay = Sinks.many().unicast().onBackpressureBuffer();
        private final Map<Long, String> asked = new HashMap<>();
        private long lastCommand = 1;

        private Socket() {
            toSay.tryEmitNext("{\"id\":1,\"connect\":{}}");
        }

        @Override
        public Pull pull() {
            return pull;
        }

        @Override
        public void take(byte[] bytes) {
            new String(bytes, StandardCharsets.UTF_8).lines().forEach(line -> said(json(line)));
        }

        private void said(JsonNode said) {
            if (said.isEmpty()) {
                toSay.tryEmitNext("{}");
            } else if (said.has("error")) {
                if (!said.get("error").path("temporary").asBoolean()) {
                    unexpected(said);
                }
                pull.cancel();
            } else if (said.has("connect")) {
                watch.tell(Told.word(Kind.CAME, !positions.isEmpty()));
                channels.forEach(this::subscribe);
            } else if (said.has("subscribe")) {
                subscribed(asked.get(said.path("id").asLong()), said.get("subscribe"));
            } else if (said.path("push").has("pub")) {
                publication(
                        said.get("push").path("channel").asString(),
                        said.get("push").get("pub"),
                        Kind.CHANGE);
            } else if (said.path("push").path("unsubscribe").path("code").asInt() == 2500) {
                subscribe(said.get("push").path("channel").asString());
            } else if (!said.path("push").has("disconnect")) {
                unexpected(said);
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
            if (!recovered && positions.containsKey(channel)) {
                watch.tell(new Told(Kind.RESTART, key(channel), null, 0, true));
            }
            // Where the publications begin, of those that are recovered: each of them moves it on.
            positions.put(
                    channel,
                    new Position(
                            subscribed.path("offset").asLong(),
                            subscribed.path("epoch").asString("")));
            subscribed
                    .path("publications")
                    .forEach(publication -> publication(channel, publication, recovered ? Kind.MISSED : Kind.CHANGE));
        }

        private void publication(String channel, JsonNode publication, Kind kind) {
            JsonNode data = Objects.requireNonNull(publication.get("data"));
            long offset = publication.path("offset").asLong();
            if (offset != data.path("version").asLong()) {
                unexpected(publication);
            }
            watch.tell(new Told(kind, key(channel), revision(data), Version.digest(data.get("state")), true));
            positions.put(
                    channel, new Position(offset, publication.path("epoch").asString()));
        }
    }

    private static String key(String channel) {
        return channel.replace(':', '/').intern();
    }
}
