package io.sluice.loadtest;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

/** As much of a gateway as the load needs: one context, in memory. What it does wrong is chosen by whoever starts it. */
final class TinyGateway implements AutoCloseable {

    /** What one watcher is sent for one version; the default is just what it should be. */
    interface Sent {
        List<String> of(int watcher, long version, String frame);
    }

    /** How a write is answered. A status other than 202 changes nothing. */
    interface Answered {
        int status(long write);
    }

    static final Sent ALL = (watcher, version, frame) -> List.of(frame);
    static final Answered TAKEN = write -> 202;

    private final HttpServer server;
    private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
    private final CountDownLatch closed = new CountDownLatch(1);
    private final Sent sent;
    private final Answered answered;
    private final List<OutputStream> watchers = new ArrayList<>();
    private long version;
    private long writes;
    private String state = "{}";

    TinyGateway(Sent sent, Answered answered) throws IOException {
        this.sent = sent;
        this.answered = answered;
        this.server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 100);
        server.createContext("/v1/contexts/customer/loadtest", this::handle);
        server.setExecutor(threads);
        server.start();
    }

    String url() {
        return "http://127.0.0.1:" + server.getAddress().getPort();
    }

    private void handle(HttpExchange exchange) throws IOException {
        if (exchange.getRequestMethod().equals("PATCH")) {
            write(exchange);
        } else {
            watch(exchange);
        }
    }

    private void write(HttpExchange exchange) throws IOException {
        String body = new String(exchange.getRequestBody().readAllBytes(), StandardCharsets.UTF_8);
        int status = take(body);
        boolean waits = exchange.getRequestHeaders().containsKey("Prefer");
        exchange.sendResponseHeaders(status == 202 && waits ? 200 : status, -1);
        exchange.close();
    }

    private synchronized int take(String body) throws IOException {
        int status = answered.status(writes++);
        if (status != 202) {
            return status;
        }
        // Every patch has the same members: the whole is the newest.
        state = body;
        version++;
        for (int i = 0; i < watchers.size(); i++) {
            for (String frame : sent.of(i, version, event("update"))) {
                send(watchers.get(i), frame);
            }
        }
        return status;
    }

    private void watch(HttpExchange exchange) throws IOException {
        exchange.getResponseHeaders().set("Content-Type", "text/event-stream");
        exchange.sendResponseHeaders(200, 0);
        synchronized (this) {
            OutputStream stream = exchange.getResponseBody();
            send(stream, ": connected\n\nretry: 2000\n\n");
            send(stream, event("snapshot"));
            send(stream, "id: c\nevent: ready\ndata: {\"contexts\":1}\n\n");
            watchers.add(stream);
        }
        try {
            closed.await();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private String event(String name) {
        return "id: c" + version + "\nevent: " + name
                + "\ndata: {\"key\":\"customer/loadtest\",\"incarnation\":1,\"version\":" + version + ",\"state\":"
                + state + ",\"time\":\"2026-01-01T00:00:00Z\"}\n\n";
    }

    /** An empty frame ends the stream. */
    private static void send(OutputStream stream, String frame) throws IOException {
        if (frame.isEmpty()) {
            stream.close();
        } else {
            stream.write(frame.getBytes(StandardCharsets.UTF_8));
            stream.flush();
        }
    }

    @Override
    public void close() {
        closed.countDown();
        server.stop(0);
        threads.shutdownNow();
    }
}
