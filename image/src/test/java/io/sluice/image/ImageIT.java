package io.sluice.image;

import static org.assertj.core.api.Assertions.assertThat;

import io.sluice.embedded.Endpoints;
import io.sluice.embedded.PartsProcess;
import io.sluice.embedded.PartsSettings;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What is in the image, and that it runs as it would where it is meant to. */
class ImageIT {

    private static final Duration PATIENCE = Duration.ofSeconds(90);
    private static final HttpClient CLIENT = HttpClient.newHttpClient();

    @TempDir
    private static Path work;

    private static Image image;

    @BeforeAll
    static void unpack() {
        image = Image.unpack(Path.of(System.getProperty("image.tar")), work);
    }

    @Test
    void whatChangesRarelyLiesBelowWhatChangesOften() {
        int runtime = image.layerOf("/opt/java/openjdk/lib/modules");
        int bought = image.layerOf("/app/libs/spring-core-");
        int ours = image.layerOf("/app/libs/sluice-");
        assertThat(List.of(runtime, bought, ours)).isSorted().doesNotHaveDuplicates();
        assertThat(runtime).isZero();
        for (String own : List.of("resolver", "backpressure", "cache")) {
            assertThat(image.layerOf("/app/libs/" + own + "-")).isGreaterThan(bought);
        }
    }

    @Test
    void nothingEmbeddedAndNothingOfTestsIsInIt() {
        List<String> jars = image.files(".jar").stream()
                .map(jar -> jar.substring(jar.lastIndexOf('/') + 1))
                .toList();
        assertThat(jars).anyMatch(jar -> jar.startsWith("kafka-clients-")).doesNotHaveDuplicates();
        assertThat(jars)
                .noneMatch(jar -> jar.matches(
                        "(embedded|kafka_|kafka-server|kafka-raft|kafka-storage|scala-|junit|assertj|awaitility|mockito|blockhound"
                                + "|archunit|reactor-test|spring-boot-loader|spring-boot-devtools).*"));
        assertThat(image.files("redis-server")).isEmpty();
        assertThat(image.files("bin/sh")).isEmpty();
    }

    @Test
    void itSaysHowItIsToBeRun() {
        assertThat(image.container().get("User").asString()).isEqualTo("10001:10001");
        assertThat(image.container().get("ExposedPorts").has("8080/tcp")).isTrue();
        assertThat(image.words("Entrypoint"))
                .startsWith("java")
                .endsWith("io.sluice.gateway.GatewayApplication")
                .contains("--enable-native-access=ALL-UNNAMED");
        assertThat(image.words("Env"))
                .contains("JAVA_TOOL_OPTIONS=-XX:MaxRAMPercentage=60 -XX:+ExitOnOutOfMemoryError");
    }

    @Test
    void withoutAddressesItSaysWhichAreMissing() throws Exception {
        try (Container container = Container.start(image, work, Map.of("SERVER_PORT", freePort()))) {
            assertThat(container.await(PATIENCE)).isEqualTo(1);
            assertThat(container.output())
                    .contains("sluice.kafka.bootstrap-servers: empty, and nothing is embedded here (expected: ")
                    .doesNotContain("Exception");
        }
    }

    @Test
    void itServesFromARootThatCannotBeWrittenToAndStopsWhenItIsTold() throws Exception {
        try (PartsProcess parts = PartsProcess.start(
                new PartsSettings(work.resolve("data"), 0, true, true, true), PartsProcess.ownCommand())) {
            Endpoints endpoints = parts.await();
            String port = freePort();
            URI base = URI.create("http://127.0.0.1:" + port);
            // As the chart gives them: some in the environment, some in a Secret's files, some in a ConfigMap's.
            image.put("etc/sluice/secrets/sluice.postgres.url", Objects.requireNonNull(endpoints.postgres()));
            image.put("etc/sluice/config/application.yaml", "sluice.redis.url: " + endpoints.redis() + "\n");
            try (Container container = Container.start(
                    image,
                    work,
                    Map.of(
                            "SERVER_PORT", port,
                            "JAVA_TOOL_OPTIONS", "-Xmx300m",
                            "SLUICE_KAFKA_BOOTSTRAP_SERVERS", Objects.requireNonNull(endpoints.kafka()),
                            "SPRING_CONFIG_IMPORT", "configtree:/etc/sluice/secrets/",
                            "SPRING_CONFIG_ADDITIONALLOCATION", "/etc/sluice/config/"))) {
                Awaitility.await().atMost(PATIENCE).until(() -> {
                    assertThat(container.isRunning()).as(container.output()).isTrue();
                    return isReady(base);
                });
                requireConfined(container);
                requireWorks(base);
                assertThat(heap(base)).isBetween(200L << 20, 300L << 20); // what the environment says counts
                assertThat(container.stop(PATIENCE)).isEqualTo(128 + 15);
                assertThat(container.output()).doesNotContain("ERROR", "[error]");
            }
        }
    }

    private static boolean isReady(URI base) throws InterruptedException {
        try {
            return get(base, "/actuator/health/readiness").statusCode() == 200;
        } catch (IOException e) {
            return false; // not yet
        }
    }

    private static void requireConfined(Container container) throws IOException {
        Path process = Path.of("/proc", String.valueOf(container.pid()));
        if (Container.isRoot()) {
            assertThat(Files.readString(process.resolve("status"))).containsPattern("Uid:\\s+10001\\s+10001");
        }
        assertThat(Files.readString(process.resolve("cmdline"))).startsWith("java\0");
        assertThat(Files.readAllLines(process.resolve("mountinfo")))
                .anyMatch(mount -> mount.matches("\\S+ \\S+ \\S+ \\S+ / ro,.*"));
    }

    private static void requireWorks(URI base) throws IOException, InterruptedException {
        URI context = base.resolve("/v1/contexts/customer/67890");
        HttpResponse<java.io.InputStream> feed = CLIENT.send(
                HttpRequest.newBuilder(context)
                        .header("Accept", "text/event-stream")
                        .build(),
                BodyHandlers.ofInputStream());
        try (BufferedReader events = new BufferedReader(new InputStreamReader(feed.body(), StandardCharsets.UTF_8))) {
            HttpResponse<String> written = CLIENT.send(
                    HttpRequest.newBuilder(context)
                            .header("Content-Type", "application/merge-patch+json")
                            .header("Prefer", "wait=20")
                            .timeout(PATIENCE)
                            .method("PATCH", HttpRequest.BodyPublishers.ofString("{\"plan\":\"gold\"}"))
                            .build(),
                    BodyHandlers.ofString());
            assertThat(written.statusCode()).as(written.body()).isEqualTo(200);
            assertThat(events.lines()
                            .filter(line -> line.equals("event: update"))
                            .findFirst())
                    .isPresent();
        }
    }

    private static long heap(URI base) throws IOException, InterruptedException {
        return get(base, "/actuator/prometheus")
                .body()
                .lines()
                .filter(line -> line.startsWith("jvm_memory_max_bytes{area=\"heap\""))
                .mapToLong(line -> (long) Double.parseDouble(line.substring(line.lastIndexOf(' ') + 1)))
                .filter(bytes -> bytes > 0)
                .max()
                .orElse(0);
    }

    private static HttpResponse<String> get(URI base, String path) throws IOException, InterruptedException {
        return CLIENT.send(
                HttpRequest.newBuilder(base.resolve(path)).timeout(PATIENCE).build(), BodyHandlers.ofString());
    }

    private static String freePort() throws IOException {
        try (ServerSocket socket = new ServerSocket(0)) {
            return String.valueOf(socket.getLocalPort());
        }
    }
}
