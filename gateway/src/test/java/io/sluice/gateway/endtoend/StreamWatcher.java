package io.sluice.gateway.endtoend;

import io.netty.channel.ChannelOption;
import io.sluice.gateway.endtoend.Watching.Held;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Flux;
import reactor.netty.http.client.HttpClient;
import tools.jackson.databind.JsonNode;

/** Over Server-Sent Events, as an EventSource. */
final class StreamWatcher extends Watcher {

    private String lastId = "";
    private boolean ready;
    private boolean resumed;
    private int resumedWhole;

    StreamWatcher(Watching watching) {
        super(watching);
    }

    /** How often it was told, after it came back, that nothing was missing. */
    int resumedWhole() {
        return resumedWhole;
    }

    @Override
    boolean hasPlace() {
        return !lastId.isEmpty();
    }

    @Override
    Visit visit(Gateway gateway) {
        Lines lines = new Lines();
        ready = false;
        resumed = hasPlace();
        HttpClient.newConnection()
                .disableRetry(true)
                .option(ChannelOption.SO_RCVBUF, 4096)
                .headers(headers -> {
                    headers.set("Accept", "text/event-stream");
                    if (hasPlace()) {
                        headers.set("Last-Event-ID", lastId);
                    }
                })
                .get()
                .uri(gateway.base() + watching.path())
                .response((response, content) -> {
                    int status = response.status().code();
                    return status == 200
                            ? content.asByteArray()
                            : status == 503
                                    ? Flux.<byte[]>empty()
                                    : Flux.just(("\n!" + status + "\n").getBytes(StandardCharsets.UTF_8));
                })
                .subscribe(lines);
        return lines;
    }

    private final class Lines extends Visit {

        private final ByteArrayOutputStream line = new ByteArrayOutputStream();
        private @Nullable String id;
        private String name = "";
        private String data = "";

        @Override
        void take(byte[] bytes) {
            for (byte b : bytes) {
                if (b == '\n') {
                    line(text(line.toByteArray()));
                    line.reset();
                } else {
                    line.write(b);
                }
            }
        }

        private void line(String text) {
            require(!text.startsWith("!"), "the answer is 200 or 503", text);
            if (text.startsWith("id: ")) {
                id = text.substring(4);
            } else if (text.startsWith("event: ")) {
                name = text.substring(7);
            } else if (text.startsWith("data: ")) {
                data = text.substring(6);
            } else if (text.isEmpty() && !data.isEmpty()) {
                event(name, Api.json(data));
                if (id != null) {
                    lastId = id;
                    settle();
                }
                id = null;
                data = "";
            }
        }
    }

    private void event(String name, JsonNode event) {
        String key = event.path("key").asString("");
        switch (name) {
            case "reset" -> {
                forgetAll();
                ready = false;
                resumed = false;
            }
            case "snapshot" -> {
                require(!ready && !resumed, "snapshots come before ready, and none after a resume", event);
                require(watching.has(key) && heard(key) == null, "each context is shown once", event);
                hear(key, new Held(event.get("version").asLong(), event.get("state")));
            }
            case "ready" -> {
                require(!ready, "ready comes once", event);
                require(resumed == event.has("resumed"), "a resume is told from a snapshot", event);
                ready = true;
                resumedWhole += resumed ? 1 : 0;
            }
            case "removed" -> {
                require(watching.filtered(), "nothing leaves a feed of all", event);
                Held was = heard(key);
                hear(key, new Held(was == null ? 0 : was.version(), null));
            }
            case "update", "deleted" -> change(key, event, watching.every());
            default -> require(false, "the event is known", name);
        }
    }
}
