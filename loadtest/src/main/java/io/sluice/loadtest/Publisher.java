package io.sluice.loadtest;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.BitSet;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Publishes each update when it is due, whatever became of those before. If too many are not answered yet it waits, and is late;
 * that counts as latency, as updates are timed from when they were due.
 */
final class Publisher implements AutoCloseable {

    private static final int MAX_UNANSWERED = 1024;

    private final URI address;
    private final Tally tally;
    private final Duration patience;
    private final HttpClient client;
    private final Semaphore unanswered = new Semaphore(MAX_UNANSWERED);
    private final BitSet acknowledged = new BitSet();
    private int published;
    private int refused;
    private int unknown;

    Publisher(Settings settings, Tally tally) {
        this.address = settings.address();
        this.tally = tally;
        this.patience = settings.patience();
        // Only HTTP/1.1: no connection begins with an attempt at more.
        this.client = HttpClient.newBuilder()
                .version(HttpClient.Version.HTTP_1_1)
                .connectTimeout(settings.patience())
                .build();
    }

    /** Makes sure that the context is there, and that it can be written at all. */
    void prepare() throws InterruptedException {
        HttpRequest request = request("null").header("Prefer", "wait=5").build();
        HttpResponse<String> response;
        try {
            response = client.send(request, HttpResponse.BodyHandlers.ofString());
        } catch (IOException e) {
            throw new LoadException("No gateway at " + address.resolve("/") + ": " + reason(e));
        }
        if (response.statusCode() != 200) {
            throw new LoadException("PATCH " + address + " is answered with " + response.statusCode()
                    + " (expected: 200): " + response.body().strip());
        }
    }

    /** Blocks until the last one is on its way. */
    void publish() throws InterruptedException {
        for (int stamp = 0; stamp < tally.updates(); stamp++) {
            long wait = tally.dueNanos(stamp) - System.nanoTime();
            if (wait > 0) {
                TimeUnit.NANOSECONDS.sleep(wait);
            }
            unanswered.acquire();
            send(stamp);
        }
    }

    private void send(int stamp) {
        synchronized (this) {
            published++;
        }
        var unused = client.sendAsync(request(Integer.toString(stamp)).build(), HttpResponse.BodyHandlers.ofString())
                .whenComplete((response, error) -> {
                    answered(stamp, response, error);
                    unanswered.release();
                });
    }

    private HttpRequest.Builder request(String stamp) {
        String body = "{\"loadtest\":{\"run\":\"" + tally.run() + "\",\"seq\":" + stamp + "}}";
        return HttpRequest.newBuilder(address)
                .timeout(patience)
                .header("Content-Type", "application/merge-patch+json")
                .method("PATCH", HttpRequest.BodyPublishers.ofString(body));
    }

    private synchronized void answered(int stamp, @Nullable HttpResponse<String> response, @Nullable Throwable error) {
        if (response == null) {
            unknown++;
            tally.trouble("PATCH is not answered: " + reason(error));
            return;
        }
        int status = response.statusCode();
        if (status == 200 || status == 202 || status == 204) {
            acknowledged.set(stamp);
            return;
        }
        // What is not certainly refused may have been written.
        if (status == 504 || status == 500) {
            unknown++;
        } else {
            refused++;
        }
        tally.trouble(
                "PATCH is answered with " + status + ": " + response.body().strip());
    }

    private static String reason(@Nullable Throwable error) {
        if (error == null) {
            return "no reason given";
        }
        Throwable last = error;
        while (last.getCause() != null) {
            last = last.getCause();
        }
        String name = last.getClass().getSimpleName();
        return last.getMessage() == null ? name : name + ": " + last.getMessage();
    }

    /** Blocks until every update is answered; each is, if only with the end of our patience. */
    void awaitAnswers() throws InterruptedException {
        unanswered.acquire(MAX_UNANSWERED);
        unanswered.release(MAX_UNANSWERED);
    }

    synchronized BitSet acknowledged() {
        return (BitSet) acknowledged.clone();
    }

    synchronized int acknowledgedCount() {
        return acknowledged.cardinality();
    }

    synchronized int published() {
        return published;
    }

    synchronized int refused() {
        return refused;
    }

    /** Those of which nobody can say whether they were written. */
    synchronized int unknown() {
        return unknown;
    }

    @Override
    public void close() {
        client.shutdownNow();
    }
}
