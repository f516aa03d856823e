package io.sluice.gateway.faults;

import io.netty.channel.ChannelOption;
import io.sluice.gateway.faults.Watch.Kind;
import io.sluice.gateway.faults.Watch.Told;
import io.sluice.resolver.MergePatch;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Flux;
import reactor.netty.http.client.HttpClient;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** Over Server-Sent Events. */
final class StreamWatcher extends Watcher {

    /** Heartbeats come every second. */
    private static final Duration PATIENCE = Duration.ofSeconds(6);

    private final String path;
    private final boolean deltas;
    private String lastId = "";
    /** To which deltas apply, and what was there at the last id. */
    private final Map<String, JsonNode> documents = new HashMap<>();

    private final Map<String, Optional<JsonNode>> before = new HashMap<>();

    StreamWatcher(Scene scene, Watch watch, Random random, String path) {
        super(scene, watch, random, PATIENCE);
        this.path = path;
        this.deltas = path.contains("deltas=true");
    }

    @Override
    Visit visit(int node) {
        Stream stream = new Stream(node);
        HttpClient.newConnection()
                .disableRetry(true)
                .option(ChannelOption.CONNECT_TIMEOUT_MILLIS, 2_000)
                .option(ChannelOption.SO_RCVBUF, 8_192)
                .headers(headers -> {
                    headers.set("Accept", "text/event-stream");
                    if (!lastId.isEmpty()) {
                        headers.set("Last-Event-ID", lastId);
                    }
                })
                .get()
                .uri(scene.cluster.entrance(node) + path)
                .response((response, content) -> {
                    int status = response.status().code();
                    return status == 200
                            ? content.asByteArray()
                            : Flux.just(("!" + status + "\n").getBytes(StandardCharsets.UTF_8));
                })
                .subscribe(stream.pull);
        return stream;
    }

    private final class Stream implements Visit {

        private final int node;
        private final Pull pull = new Pull();
        private final ByteArrayOutputStream line = new ByteArrayOutputStream();
        private boolean begun;
        private boolean live;
        private @Nullable String id;
        private String name = "";
        private String data = "";

        private Stream(int node) {
            this.node = node;
        }

        @Override
        public Pull pull() {
            return pull;
        }

        @Override
        public void take(byte[] bytes) {
            for (byte b : bytes) {
                if (b == '\n') {
                    line(line.toString(StandardCharsets.UTF_8));
                    line.reset();
                } else {
                    line.write(b);
                }
            }
        }

        private void line(String text) {
            if (text.startsWith("!")) {
                if (!text.equals("!503")) {
                    unexpected(text);
                }
                return;
            }
            if (!begun) {
                begun = true;
                goBack();
                watch.tell(Told.word(Kind.CAME, !lastId.isEmpty()));
            }
            if (text.startsWith("id: ")) {
                id = text.substring(4);
            } else if (text.startsWith("event: ")) {
                name = text.substring(7);
            } else if (text.startsWith("data: ")) {
                data = text.substring(6);
            } else if (text.isEmpty() && !data.isEmpty()) {
                event(json(data));
                if (id != null) {
                    lastId = id;
                    before.clear();
                }
                id = null;
                data = "";
            }
        }

        private void event(ObjectNode event) {
            boolean place = id != null;
            switch (name) {
                case "reset" -> {
                    documents.clear();
                    before.clear();
                    live = false;
                    watch.tell(Told.word(Kind.RESET, place));
                }
                case "ready" -> {
                    live = true;
                    watch.tell(Told.word(Kind.READY, place));
                }
                case "snapshot" -> hear(Kind.SNAPSHOT, event, event.get("state"), place);
                case "update" -> {
                    hear(Kind.CHANGE, event, event.has("state") ? event.get("state") : patched(event), place);
                    tellOthers(event);
                }
                case "deleted" -> {
                    hear(Kind.CHANGE, event, null, place);
                    tellOthers(event);
                }
                default -> unexpected(name + " " + event);
            }
        }

        private void tellOthers(ObjectNode event) {
            if (live) {
                scene.isTold(node, event.path("key").asString(), revision(event));
            }
        }
    }

    private @Nullable JsonNode patched(ObjectNode event) {
        JsonNode to = documents.get(event.path("key").asString());
        if (!(to instanceof ObjectNode document) || !(event.get("delta") instanceof ObjectNode delta)) {
            unexpected("a delta to nothing: " + event);
            return null;
        }
        return MergePatch.apply(document, delta);
    }

    private void hear(Kind kind, ObjectNode event, @Nullable JsonNode state, boolean place) {
        String key = event.path("key").asString().intern();
        watch.tell(new Told(kind, key, revision(event), Version.digest(state), place));
        if (deltas) {
            JsonNode was = state == null ? documents.remove(key) : documents.put(key, state);
            before.putIfAbsent(key, Optional.ofNullable(was));
        }
    }

    private void goBack() {
        before.forEach((key, was) ->
                was.ifPresentOrElse(document -> documents.put(key, document), () -> documents.remove(key)));
        before.clear();
        if (lastId.isEmpty()) {
            documents.clear();
        }
    }
}
