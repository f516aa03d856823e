package io.sluice.gateway.endtoend;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.DeserializationFeature;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** Requests to one gateway. Headers are given as name, value, name, value. */
record Api(URI base) {

    static final HttpClient CLIENT = HttpClient.newBuilder()
            .version(HttpClient.Version.HTTP_1_1)
            .connectTimeout(Duration.ofSeconds(10))
            .build();

    private static final JsonMapper JSON = JsonMapper.builder()
            .enable(DeserializationFeature.USE_BIG_DECIMAL_FOR_FLOATS)
            .build();

    static final String[] WAIT = {"Prefer", "wait=20"};

    /** An answer, its body as text. */
    record Answer(int status, java.net.http.HttpHeaders headers, String body) {

        @Nullable
        String header(String name) {
            return headers.firstValue(name).orElse(null);
        }

        JsonNode json() {
            return Api.json(body);
        }

        long version() {
            return headers.firstValueAsLong("Sluice-Version").orElse(-1);
        }

        String etag() {
            return headers.firstValue("ETag").orElse("");
        }

        /** The code, if it is a problem. */
        String code() {
            return json().path("code").asString("");
        }

        @Override
        public String toString() {
            return status + " " + headers.map() + " " + body;
        }
    }

    static JsonNode json(String text) {
        return JSON.readTree(text);
    }

    static String[] with(String[] headers, String... more) {
        String[] all = java.util.Arrays.copyOf(headers, headers.length + more.length);
        System.arraycopy(more, 0, all, headers.length, more.length);
        return all;
    }

    Answer get(String path, String... headers) {
        return send("GET", path, null, headers);
    }

    Answer put(String path, String json, String... headers) {
        return send("PUT", path, json, with(headers, "Content-Type", "application/json"));
    }

    Answer patch(String path, String json, String... headers) {
        return send("PATCH", path, json, with(headers, "Content-Type", "application/merge-patch+json"));
    }

    Answer delete(String path, String... headers) {
        return send("DELETE", path, null, headers);
    }

    Answer post(String path, String body, String... headers) {
        return send("POST", path, body, headers);
    }

    /** With a body whose length is not announced. */
    Answer putChunked(String path, String json) {
        byte[] bytes = json.getBytes(StandardCharsets.UTF_8);
        return await(exchange(request(path, "Content-Type", "application/json")
                .PUT(BodyPublishers.ofInputStream(() -> new ByteArrayInputStream(bytes)))));
    }

    Answer send(String method, String path, @Nullable String body, String... headers) {
        return await(sendAsync(method, path, body, headers));
    }

    CompletableFuture<Answer> sendAsync(String method, String path, @Nullable String body, String... headers) {
        return exchange(request(path, headers)
                .method(method, body == null ? BodyPublishers.noBody() : BodyPublishers.ofString(body)));
    }

    CompletableFuture<Answer> patchAsync(String path, String json, String... headers) {
        return sendAsync("PATCH", path, json, with(headers, "Content-Type", "application/merge-patch+json"));
    }

    /** Sends bytes as they are and reads until the other side closes: for what no client of HTTP would send. */
    String raw(String request) {
        try (var socket = new java.net.Socket(base.getHost(), base.getPort())) {
            socket.setSoTimeout(10_000);
            socket.getOutputStream().write(request.getBytes(StandardCharsets.ISO_8859_1));
            return new String(socket.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private HttpRequest.Builder request(String path, String... headers) {
        HttpRequest.Builder builder =
                HttpRequest.newBuilder(URI.create(base + path)).timeout(Duration.ofSeconds(40));
        if (headers.length > 0) {
            builder.headers(headers);
        }
        return builder;
    }

    private static CompletableFuture<Answer> exchange(HttpRequest.Builder request) {
        return CLIENT.sendAsync(request.build(), BodyHandlers.ofString(StandardCharsets.UTF_8))
                .thenApply((HttpResponse<String> r) -> new Answer(r.statusCode(), r.headers(), r.body()));
    }

    static <T> T await(CompletableFuture<T> future) {
        return future.orTimeout(60, java.util.concurrent.TimeUnit.SECONDS).join();
    }
}
