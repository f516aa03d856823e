package io.sluice.gateway.endtoend;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The same feed whatever carries it. */
@EndToEnd
class TransportTest {

    static final String PASSWORD = "changeit";

    private static final String UNENDED = "GET /v1/contexts/customer HTTP/1.1\r\n";

    /** That of HTTP/2, with empty settings. */
    private static final String PREFACE = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\4\0\0\0\0\0";

    private final String id = Stack.fresh("transport");
    private final String path = "/v1/contexts/customer/" + id;

    @TempDir
    private Path folder;

    private static HttpClient client(HttpClient.Version version, SSLContext tls) {
        HttpClient.Builder builder = HttpClient.newBuilder().version(version).connectTimeout(Duration.ofSeconds(10));
        return tls == null ? builder.build() : builder.sslContext(tls).build();
    }

    /** Watches until the second version has come, of three that are written meanwhile. */
    private void requireFeed(HttpClient client, URI base, HttpClient.Version expected) throws Exception {
        requireWritten(client, base, 1);
        HttpRequest request = HttpRequest.newBuilder(base.resolve(path + "?policy=every"))
                .header("Accept", "text/event-stream")
                .header("Accept-Encoding", "gzip")
                .build();
        HttpResponse<Stream<String>> response = client.send(request, HttpResponse.BodyHandlers.ofLines());
        assertThat(response.statusCode()).isEqualTo(200);
        assertThat(response.version()).isEqualTo(expected);
        assertThat(response.headers().firstValue("Content-Encoding")).isEmpty();
        List<String> events = new ArrayList<>();
        try (Stream<String> lines = response.body()) {
            var each = lines.iterator();
            for (int written = 1; written < 3; ) {
                String line = each.next();
                if (line.startsWith("event: ")) {
                    events.add(line.substring(7));
                }
                if (line.startsWith("data: ")
                        && (line.contains("contexts") || line.contains("state"))
                        && !events.getLast().equals("snapshot")) {
                    requireWritten(client, base, ++written);
                }
            }
        }
        assertThat(events).containsExactly("snapshot", "ready", "update");
    }

    private void requireWritten(HttpClient client, URI base, int n) throws Exception {
        requireWritten(client, base, "{\"n\":" + n + "}");
    }

    private void requireWritten(HttpClient client, URI base, String state) throws Exception {
        HttpRequest request = HttpRequest.newBuilder(base.resolve(path))
                .header("Content-Type", "application/json")
                .header("Prefer", "wait=10")
                .PUT(HttpRequest.BodyPublishers.ofString(state))
                .build();
        assertThat(client.send(request, HttpResponse.BodyHandlers.ofString()).statusCode())
                .isEqualTo(200);
    }

    @Test
    void overHttp2WithoutTls() throws Exception {
        try (Gateway gateway = Stack.another(
                        "--sluice.roles=publish,feed",
                        "--sluice.feeds.compression=false",
                        "--server.http2.enabled=true",
                        "--server.compression.enabled=true",
                        "--server.compression.mime-types=text/event-stream,application/json");
                HttpClient two = client(HttpClient.Version.HTTP_2, null);
                HttpClient one = client(HttpClient.Version.HTTP_1_1, null)) {
            requireFeed(two, gateway.base(), HttpClient.Version.HTTP_2);
            requireFeed(one, gateway.base(), HttpClient.Version.HTTP_1_1);
            requireGuarded(new RawSocket(gateway));
            requireSentAway(
                    two,
                    gateway.base(),
                    new RawSocket(gateway),
                    new RawSocket(gateway).send(UNENDED),
                    new RawSocket(gateway).send(PREFACE));
        }
    }

    @Test
    void toAClientOfHttp10AsABodyThatEndsWithTheConnection() throws Exception {
        try (HttpClient client = client(HttpClient.Version.HTTP_1_1, null);
                Gateway gateway = Stack.another("--sluice.roles=publish,feed")) {
            requireWritten(client, gateway.base(), 1);
            RawSocket old =
                    new RawSocket(gateway).send("GET " + path + " HTTP/1.0\r\nAccept: text/event-stream\r\n\r\n");
            String begun = old.readUntil("\"contexts\":1}\n\n");
            String head = begun.substring(0, begun.indexOf("\r\n\r\n")).toLowerCase(Locale.ROOT);
            assertThat(head).contains("connection: close").doesNotContain("transfer-encoding");
            assertThat(begun.substring(head.length() + 4)).startsWith(": connected\n\nretry: 2000\n\nid: ");
            gateway.close();
            assertThat(old.readToEnd()).startsWith("retry: ").endsWith("\n\n");
            old.close();
        }
    }

    /** Each is read before the next one is written. */
    private void requireCompressedFeed(HttpClient client, URI base, String filler) throws Exception {
        try (Feed feed = Feed.open(client, base, path + "?policy=every", "Accept-Encoding", "gzip")) {
            feed.awaitReady();
            assertThat(feed.headers().allValues("Content-Encoding")).containsExactly("gzip");
            assertThat(feed.headers().allValues("Vary")).contains("accept-encoding");
            long before = feed.versions("customer/" + id).stream().findFirst().orElse(0L);
            for (long n = before + 1; n <= before + 20; n++) {
                requireWritten(client, base, "{\"n\":" + n + ",\"filler\":\"" + (n % 2 == 0 ? filler : "") + "\"}");
                feed.awaitVersion("customer/" + id, n);
            }
        } finally {
            client.shutdownNow(); // to close it is to wait for what was left unread
        }
    }

    @Test
    void compressedOverHttp2AndHttp1() throws Exception {
        try (Gateway gateway = Stack.another(
                        "--sluice.roles=publish,feed",
                        "--server.http2.enabled=true",
                        "--server.compression.enabled=true",
                        "--server.compression.mime-types=text/event-stream,application/json");
                HttpClient two = client(HttpClient.Version.HTTP_2, null);
                HttpClient one = client(HttpClient.Version.HTTP_1_1, null)) {
            requireCompressedFeed(two, gateway.base(), "two".repeat(10_000));
            requireCompressedFeed(one, gateway.base(), "one".repeat(10_000));
        }
    }

    @Test
    void overTls() throws Exception {
        Path store = folder.resolve("store.p12");
        makeKeys(store);
        SSLContext tls = trusting(store);
        try (Gateway gateway = Stack.another(
                        "--sluice.roles=publish,feed",
                        "--sluice.feeds.compression=false",
                        "--server.http2.enabled=true",
                        "--server.ssl.key-store=" + store,
                        "--server.ssl.key-store-password=" + PASSWORD);
                HttpClient two = client(HttpClient.Version.HTTP_2, tls);
                HttpClient one = client(HttpClient.Version.HTTP_1_1, tls)) {
            URI base = URI.create("https://localhost:" + gateway.base().getPort());
            requireFeed(two, base, HttpClient.Version.HTTP_2);
            requireFeed(one, base, HttpClient.Version.HTTP_1_1);
            requireGuarded(RawSocket.tls(gateway, tls, "http/1.1"));
            requireSentAway(
                    two,
                    base,
                    RawSocket.tls(gateway, tls, "http/1.1"),
                    RawSocket.tls(gateway, tls, "http/1.1").send(UNENDED),
                    RawSocket.tls(gateway, tls, "h2"),
                    RawSocket.tls(gateway, tls, "h2").send(PREFACE));
        }
    }

    /** An address that is no URI is told so. */
    private static void requireGuarded(RawSocket socket) {
        try (socket) {
            socket.send("GET /v1/contexts/customer/a|b HTTP/1.1\r\nHost: x\r\n\r\n");
            assertThat(socket.readToEnd())
                    .startsWith("HTTP/1.1 400")
                    .contains("application/problem+json")
                    .contains("request target");
        }
    }

    /** Connections without a request end; one that was opened before and has had one goes on. */
    private void requireSentAway(HttpClient client, URI base, RawSocket... silent) throws Exception {
        HttpRequest request = HttpRequest.newBuilder(base.resolve(path + "?policy=every"))
                .header("Accept", "text/event-stream")
                .build();
        HttpResponse<Stream<String>> feed = client.send(request, HttpResponse.BodyHandlers.ofLines());
        try (Stream<String> lines = feed.body()) {
            var each = lines.iterator();
            while (!each.next().equals("event: ready")) {
                // The snapshot.
            }
            for (RawSocket socket : silent) {
                try (socket) {
                    assertThat(socket.readToEnd()).doesNotContain("HTTP/1.1 200");
                }
            }
            requireWritten(client, base, 7);
            while (!each.next().equals("event: update")) {
                // A heartbeat.
            }
        }
    }

    static void makeKeys(Path store) throws IOException, InterruptedException {
        String keytool =
                Path.of(System.getProperty("java.home"), "bin", "keytool").toString();
        Process process = new ProcessBuilder(
                        keytool,
                        "-genkeypair",
                        "-alias",
                        "gateway",
                        "-keyalg",
                        "EC",
                        "-dname",
                        "CN=localhost",
                        "-ext",
                        "SAN=dns:localhost,ip:127.0.0.1",
                        "-storetype",
                        "PKCS12",
                        "-keystore",
                        store.toString(),
                        "-storepass",
                        PASSWORD)
                .inheritIO()
                .start();
        assertThat(process.waitFor()).isZero();
    }

    private static SSLContext trusting(Path store) throws GeneralSecurityException, IOException {
        KeyStore keys = KeyStore.getInstance(store.toFile(), PASSWORD.toCharArray());
        KeyStore trusted = KeyStore.getInstance("PKCS12");
        trusted.load(null, null);
        trusted.setCertificateEntry("gateway", keys.getCertificate("gateway"));
        TrustManagerFactory managers = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
        managers.init(trusted);
        SSLContext context = SSLContext.getInstance("TLS");
        context.init(null, managers.getTrustManagers(), null);
        return context;
    }
}
