package io.sluice.gateway.endtoend;

import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpHeaders;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Flow;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/** One reader of Server-Sent Events: keeps all it gets, and can stop reading. */
final class Feed implements AutoCloseable {

    private static final Duration PATIENCE = Duration.ofSeconds(20);

    private final Events events = new Events();
    private final CompletableFuture<HttpResponse<Void>> response;

    private Feed(HttpClient client, HttpRequest request) {
        this.response = client.sendAsync(request, info -> {
            events.begin(info);
            return HttpResponse.BodySubscribers.fromSubscriber(events);
        });
        // Also if it never begins.
        response.whenComplete((done, failure) -> events.onComplete());
    }

    private record Told(String key, long version) {}

    /** An event as it came. */
    static final class Event {

        private final @Nullable String id;
        private final String name;
        private final String data;
        private volatile @Nullable Told told;

        private Event(@Nullable String id, String name, String data) {
            this.id = id;
            this.name = name;
            this.data = data;
        }

        @Nullable
        String id() {
            return id;
        }

        String name() {
            return name;
        }

        String data() {
            return data;
        }

        JsonNode json() {
            return Api.json(data);
        }

        /** Kept, and not the tree: a reader may have hundreds of events, and a test thousands of readers. */
        private Told told() {
            Told known = told;
            if (known == null) {
                JsonNode read = json();
                known = new Told(
                        read.path("key").asString("").intern(),
                        read.path("version").asLong(-1));
                told = known;
            }
            return known;
        }

        @Override
        public String toString() {
            return name + " " + id + " " + (data.length() < 300 ? data : data.substring(0, 300) + "...");
        }

        String key() {
            return told().key;
        }

        long version() {
            return told().version;
        }
    }

    static Feed open(URI base, String path, String... headers) {
        return open(Api.CLIENT, base, path, headers);
    }

    static Feed open(HttpClient client, URI base, String path, String... headers) {
        HttpRequest.Builder request =
                HttpRequest.newBuilder(URI.create(base + path)).header("Accept", "text/event-stream");
        if (headers.length > 0) {
            request.headers(headers);
        }
        return new Feed(client, request.build());
    }

    /** What is to be watched is said in the body. */
    static Feed post(URI base, String path, String json, String... headers) {
        HttpRequest.Builder request = HttpRequest.newBuilder(URI.create(base + path))
                .header("Content-Type", "application/json")
                .POST(HttpRequest.BodyPublishers.ofString(json));
        if (headers.length > 0) {
            request.headers(headers);
        }
        return new Feed(Api.CLIENT, request.build());
    }

    HttpHeaders headers() {
        until("the head of the answer", () -> events.headers != null);
        return java.util.Objects.requireNonNull(events.headers);
    }

    int status() {
        headers();
        return events.status;
    }

    /** All that came so far. */
    List<Event> events() {
        synchronized (events) {
            return List.copyOf(events.all);
        }
    }

    List<Event> events(String name) {
        return events().stream().filter(event -> event.name.equals(name)).toList();
    }

    /** Comments and fields that belong to no event, in order. */
    List<String> others() {
        synchronized (events) {
            return List.copyOf(events.others);
        }
    }

    /** The names of all that came so far. */
    List<String> names() {
        return events().stream().map(Event::name).toList();
    }

    /** The versions that snapshots, updates and deletions told of one context, in order. */
    List<Long> versions(String key) {
        return events().stream()
                .filter(event -> event.key().equals(key))
                .map(Event::version)
                .toList();
    }

    /** The last id that was given, as a browser keeps it. */
    String lastId() {
        return lastId(events());
    }

    static String lastId(List<Event> events) {
        return events.stream()
                .map(Event::id)
                .filter(java.util.Objects::nonNull)
                .reduce((first, second) -> second)
                .orElseThrow();
    }

    /** Waits for the first event of that name and gives it. */
    Event await(String name) {
        return await(name, event -> true);
    }

    Event await(String name, Predicate<Event> which) {
        until(name + " that is as expected", () -> events(name).stream().anyMatch(which));
        return events(name).stream().filter(which).findFirst().orElseThrow();
    }

    Event awaitReady() {
        return await("ready");
    }

    /** Waits until that version of that context, or a later one, has come. */
    void awaitVersion(String key, long version) {
        until(key + " at version " + version, () -> events.latest.getOrDefault(key, 0L) >= version);
    }

    void awaitEnd() {
        until("the end of the stream", () -> events.ended);
    }

    private void until(String what, BooleanSupplier condition) {
        long deadline = System.nanoTime() + PATIENCE.toNanos();
        synchronized (events) {
            while (!condition.getAsBoolean()) {
                long left = (deadline - System.nanoTime()) / 1_000_000;
                if (left <= 0) {
                    throw new AssertionError("There has not come " + what + " within " + PATIENCE + ", but: " + shown()
                            + ", then " + (events.ended ? "the end" : "nothing"));
                }
                try {
                    events.wait(left);
                } catch (InterruptedException e) {
                    throw new IllegalStateException(e);
                }
            }
        }
    }

    private String shown() {
        String all = events.status + " " + others() + " " + events();
        return all.length() < 2_000 ? all : all.substring(0, 500) + " ... " + all.substring(all.length() - 1_500);
    }

    /** Takes nothing more from the connection, but lets it stand. */
    void stopReading() {
        events.pause();
    }

    void goOn() {
        events.goOn();
    }

    @Override
    public void close() {
        events.cancel();
        response.orTimeout(1, TimeUnit.SECONDS);
    }

    /** Takes the stream apart as the standard says, one buffer at a time. */
    private static final class Events implements Flow.Subscriber<List<ByteBuffer>> {

        private final List<Event> all = new ArrayList<>();
        private final List<String> others = new ArrayList<>();
        private final Map<String, Long> latest = new HashMap<>();
        private final java.io.ByteArrayOutputStream line = new java.io.ByteArrayOutputStream();
        private final StringBuilder data = new StringBuilder();
        private String name = "message";
        private @Nullable String id;
        private Flow.@Nullable Subscription subscription;
        private @Nullable Gunzip gunzip;
        private boolean paused;
        private boolean owing;
        private boolean cancelled;
        private volatile @Nullable HttpHeaders headers;
        private volatile int status;
        private volatile boolean ended;

        @Override
        public synchronized void onSubscribe(Flow.Subscription given) {
            subscription = given;
            if (cancelled) {
                given.cancel();
            } else {
                given.request(1);
            }
        }

        @Override
        public synchronized void onNext(List<ByteBuffer> buffers) {
            for (ByteBuffer buffer : buffers) {
                byte[] bytes = new byte[buffer.remaining()];
                buffer.get(bytes);
                for (byte b : gunzip == null ? bytes : gunzip.next(bytes)) {
                    if (b == '\n') {
                        accept(line.toString(StandardCharsets.UTF_8));
                        line.reset();
                    } else {
                        line.write(b);
                    }
                }
            }
            notifyAll();
            if (paused) {
                owing = true;
            } else {
                java.util.Objects.requireNonNull(subscription).request(1);
            }
        }

        private synchronized void begin(HttpResponse.ResponseInfo info) {
            headers = info.headers();
            status = info.statusCode();
            gunzip = info.headers()
                            .firstValue("Content-Encoding")
                            .filter("gzip"::equals)
                            .isPresent()
                    ? new Gunzip()
                    : null;
            notifyAll();
        }

        private void accept(String text) {
            if (text.isEmpty()) {
                if (!data.isEmpty()) {
                    Event event = new Event(id, name, data.toString());
                    all.add(event);
                    latest.put(event.key(), event.version());
                }
                data.setLength(0);
                name = "message";
                id = null;
            } else if (text.startsWith("id: ")) {
                id = text.substring(4);
            } else if (text.startsWith("event: ")) {
                name = text.substring(7);
            } else if (text.startsWith("data: ")) {
                data.append(data.isEmpty() ? "" : "\n").append(text.substring(6));
            } else {
                others.add(text);
            }
        }

        private synchronized void pause() {
            paused = true;
        }

        private synchronized void goOn() {
            paused = false;
            if (owing) {
                owing = false;
                java.util.Objects.requireNonNull(subscription).request(1);
            }
        }

        private synchronized void cancel() {
            cancelled = true;
            if (subscription != null) {
                subscription.cancel();
            }
        }

        @Override
        public synchronized void onError(Throwable error) {
            ended = true;
            notifyAll();
        }

        @Override
        public synchronized void onComplete() {
            ended = true;
            notifyAll();
        }
    }
}
