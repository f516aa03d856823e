package io.sluice.gateway.endtoend;

import static io.sluice.gateway.endtoend.Api.WAIT;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Properties;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** One command, everything embedded, on whatever Java is there. */
class MainJobIT {

    private static final String PATH = "/v1/contexts/customer/67890";

    @TempDir
    private Path dataDir;

    private SluiceProcess start() {
        return SluiceProcess.start(
                SluiceProcess.olderJava(),
                "--server.port=0",
                "--sluice.embedded.kafka-port=0",
                "--sluice.embedded.data-dir=" + dataDir);
    }

    /** By a process beside it, which is told nothing but where the data is. */
    private void requireVerified() {
        try (SluiceProcess verify =
                SluiceProcess.start(SluiceProcess.olderJava(), "verify", "--sluice.embedded.data-dir=" + dataDir)) {
            verify.awaitLine("No differences in 4 types, 16 partitions");
            assertThat(verify.awaitExit()).as(verify.lines().toString()).isZero();
        }
    }

    @Test
    void oneCommandRunsItAllAndWhatItHasStoredOutlivesEveryEnd() throws IOException {
        NodeClients.install();
        URI url;
        String last;
        NodeClients.Running browser;
        try (SluiceProcess first = start()) {
            url = first.awaitReady();
            requireWelcome(first, url);
            requireEndpoints(url);
            browser = NodeClients.start("node", "watch.mjs", url + PATH);
            awaitLines(browser, "ready");
            try (Feed feed = Feed.open(url, PATH)) {
                feed.awaitReady();
                new Api(url).put(PATH, "{\"n\":1.10}", WAIT);
                feed.awaitVersion("customer/67890", 1);
                requireVerified();
                last = feed.lastId();
                awaitLines(browser, "ready", "update 1");
                assertThat(first.family()).isNotEmpty();
                assertThat(first.terminate()).isIn(0, 143);
                feed.awaitEnd();
            }
            first.awaitNothingRuns();
        }
        try (browser) {
            try (SluiceProcess second = start()) {
                assertThat(second.awaitReady()).isEqualTo(url);
                Api api = new Api(url);
                assertThat(api.get(PATH).body()).isEqualTo("{\"n\":1.10}");
                assertThat(api.patch(PATH, "{\"m\":2}", WAIT).version()).isEqualTo(2);
                awaitLines(browser, "ready", "update 1", "update 2", "ready");
                second.kill();
                second.awaitNothingRuns();
            }
            try (SluiceProcess third = start()) {
                assertThat(third.awaitReady()).isEqualTo(url);
                Api api = new Api(url);
                assertThat(api.get(PATH).body()).isEqualTo("{\"n\":1.10,\"m\":2}");
                assertThat(api.patch(PATH, "{\"k\":3}", WAIT).version()).isEqualTo(3);
                try (Feed feed = Feed.open(url, PATH, "Last-Event-ID", last)) {
                    feed.awaitReady();
                    assertThat(feed.names()).containsExactly("update", "update", "ready");
                    assertThat(feed.versions("customer/67890")).containsExactly(2L, 3L);
                }
                awaitLines(browser, "ready", "update 1", "update 2", "ready", "update 3", "ready");
            }
        }
    }

    /**
     * What a reader that comes back by itself prints. The `ready` of a resumed stream comes before or after what is written
     * just then.
     */
    private static void awaitLines(NodeClients.Running browser, String... lines) {
        Awaitility.await().atMost(Duration.ofSeconds(30)).untilAsserted(() -> {
            List<String> seen = browser.output().lines().toList();
            assertThat(seen).containsExactlyInAnyOrder(lines);
            assertThat(seen.stream().filter(line -> line.startsWith("update"))).isSorted();
        });
    }

    private static void requireWelcome(SluiceProcess process, URI url) {
        process.awaitLine("Write to it:");
        String output = String.join("\n", process.lines());
        assertThat(output)
                .contains("Sluice is ready after ")
                .contains("curl -N -H 'Accept: text/event-stream' " + url + "/v1/contexts/")
                .contains("curl -X PATCH " + url + "/v1/contexts/");
        assertThat(output).doesNotContain("Exception");
    }

    private void requireEndpoints(URI url) throws IOException {
        Properties endpoints = new Properties();
        try (var reader = Files.newBufferedReader(dataDir.resolve("endpoints.properties"))) {
            endpoints.load(reader);
        }
        assertThat(endpoints.getProperty("gateway")).isEqualTo(url.toString());
        assertThat(endpoints.getProperty("kafka")).matches("127\\.0\\.0\\.1:\\d+");
        assertThat(endpoints.getProperty("postgres")).startsWith("postgresql://");
        assertThat(endpoints.getProperty("redis")).startsWith("redis://");
    }

    @Test
    void aTakenPortIsOneClearLineAndNothingStaysRunning() throws IOException {
        try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            String port = String.valueOf(taken.getLocalPort());
            requireRefused(port, "--server.port=" + port, "--sluice.embedded.kafka-port=0");
            requireRefused(port, "--server.port=0", "--sluice.embedded.kafka-port=" + port);
        }
    }

    private void requireRefused(String port, String... settings) {
        try (SluiceProcess process = SluiceProcess.start(
                SluiceProcess.olderJava(), Api.with(settings, "--sluice.embedded.data-dir=" + dataDir))) {
            assertThat(process.awaitExit()).isEqualTo(1);
            List<String> lines =
                    process.lines().stream().filter(line -> !line.isBlank()).toList();
            assertThat(lines).hasSize(1);
            assertThat(lines.getFirst()).contains(port).contains("taken");
            process.awaitNothingRuns();
        }
    }
}
