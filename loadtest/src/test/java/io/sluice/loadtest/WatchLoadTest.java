package io.sluice.loadtest;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.File;
import java.io.IOException;
import java.io.PrintStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Properties;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** The whole run, against a gateway that keeps its promises and against some that do not. */
class WatchLoadTest {

    private static final int WATCHERS = 20;
    private static final int UPDATES = 50;

    /** The one that went wrong: the context is at version 1 when the watching begins. */
    private static final int WATCHER = 3;

    private static final long VERSION = 12;

    private final ByteArrayOutputStream out = new ByteArrayOutputStream();
    private final ByteArrayOutputStream err = new ByteArrayOutputStream();

    @Test
    void whatIsDeliveredOnceAndInOrderEndsWithZero() throws Exception {
        assertThat(run(TinyGateway.ALL, TinyGateway.TAKEN)).isZero();
        assertThat(out.toString(StandardCharsets.UTF_8))
                .contains("updates acknowledged  " + UPDATES + " of " + UPDATES)
                .contains("deliveries seen       " + UPDATES * WATCHERS + " of " + UPDATES * WATCHERS)
                .contains("missing               0 at 0 watchers, and 0 gaps in versions")
                .contains("of " + UPDATES * WATCHERS + " deliveries")
                .contains("once and in order");
    }

    @Test
    void anUpdateLostForOneWatcherIsReported() throws Exception {
        int code =
                run((watcher, version, frame) -> hit(watcher, version) ? List.of() : List.of(frame), TinyGateway.TAKEN);
        assertThat(code).isEqualTo(1);
        assertLines(
                "missing               1 at 1 watchers, and 1 gaps in versions",
                "repeated              0",
                "out of order          0");
    }

    @Test
    void anAcknowledgedUpdateThatNobodyGetsIsReportedThoughNoVersionIsMissing() throws Exception {
        TinyGateway.Answered swallows = write -> write == VERSION ? 200 : 202;
        assertThat(run(TinyGateway.ALL, swallows)).isEqualTo(1);
        assertLines("missing               " + WATCHERS + " at " + WATCHERS + " watchers, and 0 gaps in versions");
    }

    @Test
    void theLastUpdateLostIsReported() throws Exception {
        int code = run(
                (watcher, version, frame) -> watcher == WATCHER && version == UPDATES + 1 ? List.of() : List.of(frame),
                TinyGateway.TAKEN);
        assertThat(code).isEqualTo(1);
        assertLines("missing               1 at 1 watchers, and 0 gaps in versions");
    }

    @Test
    void anUpdateDeliveredTwiceIsReported() throws Exception {
        int code = run(
                (watcher, version, frame) -> hit(watcher, version) ? List.of(frame, frame) : List.of(frame),
                TinyGateway.TAKEN);
        assertThat(code).isEqualTo(1);
        assertLines(
                "missing               0 at 0 watchers, and 0", "repeated              1", "out of order          0");
    }

    @Test
    void updatesInTheWrongOrderAreReported() throws Exception {
        List<String> held = new ArrayList<>();
        int code = run(
                (watcher, version, frame) -> {
                    if (hit(watcher, version)) {
                        held.add(frame);
                        return List.of();
                    }
                    return watcher == WATCHER && version == VERSION + 1
                            ? List.of(frame, held.getFirst())
                            : List.of(frame);
                },
                TinyGateway.TAKEN);
        assertThat(code).isEqualTo(1);
        assertLines(
                "missing               0 at 0 watchers, and 0", "repeated              0", "out of order          1");
    }

    @Test
    void aResetIsReported() throws Exception {
        String reset = "event: reset\ndata: {\"reason\":\"overrun\"}\n\n";
        int code = run(
                (watcher, version, frame) ->
                        hit(watcher, version) ? List.of(reset, frame.replace("update", "snapshot")) : List.of(frame),
                TinyGateway.TAKEN);
        assertThat(code).isEqualTo(1);
        assertLines("missing               1 at 1 watchers, and 0", "resets, ended streams 1, 0");
    }

    @Test
    void aStreamThatEndsIsReported() throws Exception {
        int code = run(
                (watcher, version, frame) -> {
                    if (hit(watcher, version)) {
                        return List.of("");
                    }
                    return watcher == WATCHER && version > VERSION ? List.of() : List.of(frame);
                },
                TinyGateway.TAKEN);
        assertThat(code).isEqualTo(1);
        assertLines("missing               " + (UPDATES + 2 - VERSION), "resets, ended streams 0, 1", "has ended it");
    }

    @Test
    void whatIsRefusedIsCountedAndExpectedByNobody() throws Exception {
        assertThat(run(TinyGateway.ALL, write -> write == VERSION ? 503 : 202)).isZero();
        assertLines((UPDATES - 1) + " of " + UPDATES + " (1 refused, 0 unknown)", "PATCH is answered with 503");
    }

    @Test
    void aRunInWhichNothingIsAcknowledgedKeepsNoPromise() throws Exception {
        assertThat(run(TinyGateway.ALL, write -> write == 0 ? 202 : 503)).isEqualTo(1);
    }

    @Test
    void withoutAGatewayTheRunCannotBeMade() throws Exception {
        int port;
        try (ServerSocket free = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            port = free.getLocalPort();
        }
        assertThat(run("http://127.0.0.1:" + port)).isEqualTo(2);
        assertThat(err.toString(StandardCharsets.UTF_8).lines())
                .singleElement()
                .asString()
                .startsWith("No gateway at ");
    }

    @Test
    void nothingButTheJdkIsNeededAtRunTime() throws Exception {
        try (TinyGateway gateway = new TinyGateway(TinyGateway.ALL, TinyGateway.TAKEN)) {
            List<String> command = new ArrayList<>();
            command.add(System.getProperty("java.home") + "/bin/java");
            properties(gateway.url()).forEach((name, value) -> command.add("-D" + name + "=" + value));
            command.addAll(List.of("-cp", "target/classes", WatchLoad.class.getName()));
            File said = File.createTempFile("watch-load", ".txt");
            Process process = new ProcessBuilder(command)
                    .redirectErrorStream(true)
                    .redirectOutput(said)
                    .start();
            assertThat(process.waitFor(60, TimeUnit.SECONDS)).isTrue();
            assertThat(process.exitValue()).as(said.toString()).isZero();
            assertThat(said).content().contains("once and in order");
            assertThat(said.delete()).isTrue();
        }
    }

    private static boolean hit(int watcher, long version) {
        return watcher == WATCHER && version == VERSION;
    }

    private void assertLines(String... parts) {
        assertThat(out.toString(StandardCharsets.UTF_8)).contains(parts);
    }

    private int run(TinyGateway.Sent sent, TinyGateway.Answered answered) throws IOException, InterruptedException {
        try (TinyGateway gateway = new TinyGateway(sent, answered)) {
            return run(gateway.url());
        }
    }

    private int run(String url) throws InterruptedException {
        return WatchLoad.run(
                properties(url),
                new PrintStream(out, true, StandardCharsets.UTF_8),
                new PrintStream(err, true, StandardCharsets.UTF_8));
    }

    private static Properties properties(String url) {
        Properties properties = new Properties();
        properties.setProperty("sluice.url", url);
        properties.setProperty("sluice.watchers", String.valueOf(WATCHERS));
        properties.setProperty("sluice.rate", String.valueOf(UPDATES));
        properties.setProperty("sluice.duration", "1");
        properties.setProperty("sluice.warmup", "0");
        properties.setProperty("sluice.settle", "2");
        return properties;
    }
}
