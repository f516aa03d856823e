package io.sluice.gateway.faults;

import io.sluice.resolver.Revision;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpHeaders;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/** What all clients share. Safe for use by several threads. */
final class Scene {

    /** After everything is healed. */
    private static final Duration LAST_PATIENCE = Duration.ofSeconds(60);

    private final HttpClient http = HttpClient.newBuilder()
            .version(HttpClient.Version.HTTP_1_1)
            .connectTimeout(Duration.ofSeconds(2))
            .build();
    private final CountDownLatch over = new CountDownLatch(1);
    private final CountDownLatch end = new CountDownLatch(1);
    private final Map<String, Revision> told = new ConcurrentHashMap<>();
    private volatile long lastChance = Long.MAX_VALUE;

    final Cluster cluster;
    final Ledger ledger;
    final Anomalies anomalies;

    Scene(Cluster cluster, Ledger ledger, Anomalies anomalies) {
        this.cluster = cluster;
        this.ledger = ledger;
        this.anomalies = anomalies;
    }

    /** Waits so long, or until nothing new is to be begun. @return whether that is so */
    boolean pause(Duration duration) {
        return await(over, duration);
    }

    /** Waits so long, or until whoever watches is to go. @return whether that is so */
    boolean rest(Duration duration) {
        return await(end, duration);
    }

    private static boolean await(CountDownLatch latch, Duration duration) {
        try {
            return latch.await(duration.toMillis(), TimeUnit.MILLISECONDS);
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    /** Nothing new is begun; whoever watches stays, and behaves. */
    void isOver() {
        over.countDown();
    }

    boolean over() {
        return over.getCount() == 0;
    }

    /** From here on everything works. */
    void isHealed() {
        lastChance = System.nanoTime() + LAST_PATIENCE.toNanos();
    }

    /** Whether who still has no answer will get none. */
    boolean isTooLate() {
        return System.nanoTime() > lastChance && lastChance != Long.MAX_VALUE;
    }

    void isAtEnd() {
        end.countDown();
    }

    boolean atEnd() {
        return end.getCount() == 0;
    }

    static int anyNode(Random random) {
        return random.nextInt(Cluster.NODES);
    }

    /** A node has told somebody who watches of a change that it had just heard of. */
    void isTold(int node, String key, Revision revision) {
        told.merge(node + " " + key, revision, (a, b) -> b.isAfter(a) ? b : a);
    }

    @Nullable
    Revision told(int node, String key) {
        return told.get(node + " " + key);
    }

    /** An answer; status 0: none came. */
    record Reply(int status, HttpHeaders headers, String body) {

        @Nullable
        String header(String name) {
            return headers.firstValue(name).orElse(null);
        }

        /** As the ETag tells; null if there is none. */
        @Nullable
        Revision revision() {
            String etag = header("ETag");
            return etag == null ? null : Revision.parse(etag.substring(1, etag.length() - 1));
        }
    }

    Reply send(int node, String method, String path, @Nullable String body, List<String> headers) {
        HttpRequest.Builder request = HttpRequest.newBuilder(URI.create(cluster.entrance(node) + path))
                .timeout(Duration.ofSeconds(10))
                .method(
                        method,
                        body == null ? HttpRequest.BodyPublishers.noBody() : HttpRequest.BodyPublishers.ofString(body));
        if (!headers.isEmpty()) {
            request.headers(headers.toArray(String[]::new));
        }
        return send(request.build(), HttpResponse.BodyHandlers.ofString());
    }

    Reply send(HttpRequest request, HttpResponse.BodyHandler<String> handler) {
        CompletableFuture<HttpResponse<String>> answer = http.sendAsync(request, handler);
        try {
            // The request's own timeout ends with the head of the answer.
            HttpResponse<String> response = answer.get(12, TimeUnit.SECONDS);
            return new Reply(response.statusCode(), response.headers(), response.body());
        } catch (ExecutionException | TimeoutException e) {
            answer.cancel(true);
            return new Reply(0, HttpHeaders.of(Map.of(), (n, v) -> true), e.toString());
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }
}
