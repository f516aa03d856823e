package io.sluice.loadtest.simulation;

import static org.assertj.core.api.Assertions.assertThat;

import io.sluice.loadtest.TinyGateway;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Whole runs, against a gateway that keeps its promises and against some that do not. */
class LoadTest {

    private static final int WATCHERS = 4;
    private static final int UPDATES = 40;

    /** The one that goes wrong. */
    private static final int WATCHER = 2;

    private static final long VERSION = 12;

    private final ByteArrayOutputStream out = new ByteArrayOutputStream();
    private final ByteArrayOutputStream err = new ByteArrayOutputStream();

    @TempDir
    private Path reports;

    @Test
    void whatIsDeliveredOnceAndInOrderEndsWithZeroAndAReport() throws Exception {
        assertThat(watch("sse", TinyGateway.ALL)).isZero();
        assertThat(said())
                .contains("updates acknowledged  40 of 40 (0 refused, 0 unknown)")
                .contains("watchers              4 of 4 to the end; 160 versions came, 0 were skipped")
                .contains("contexts read back    1 of 1")
                .contains("found                 lost 0, gap 0, repeated 0, out of order 0, wrong 0")
                .contains("after the stamp, of 160")
                .contains("came, as promised");
        try (Stream<Path> files = Files.walk(reports)) {
            assertThat(files.map(file -> file.getFileName().toString()))
                    .contains("index.html")
                    .anyMatch(name -> name.contains("arrival-sse"));
        }
    }

    @Test
    void aVersionThatIsLostIsCaught() throws Exception {
        assertThat(watch("sse", (watcher, version, frame) -> hit(watcher, version) ? List.of() : List.of(frame)))
                .isEqualTo(1);
        assertThat(said()).contains("lost 0, gap 1, repeated 0").contains("NOT what is promised");
    }

    @Test
    void theLastVersionThatIsLostIsCaught() throws Exception {
        assertThat(watch(
                        "sse",
                        (watcher, version, frame) ->
                                watcher == WATCHER && version == UPDATES ? List.of() : List.of(frame)))
                .isEqualTo(1);
        assertThat(said()).contains("lost 1, gap 0, repeated 0");
    }

    @Test
    void aVersionThatComesTwiceIsCaught() throws Exception {
        assertThat(watch(
                        "sse",
                        (watcher, version, frame) -> hit(watcher, version) ? List.of(frame, frame) : List.of(frame)))
                .isEqualTo(1);
        assertThat(said()).contains("lost 0, gap 0, repeated 1, out of order 0");
    }

    @Test
    void versionsInTheWrongOrderAreCaught() throws Exception {
        assertThat(watch("sse", swapped())).isEqualTo(1);
        assertThat(said()).contains("lost 0, gap 1, repeated 0, out of order 1");
    }

    @Test
    void aVersionThatIsNotWhatWasAcknowledgedIsCaught() throws Exception {
        assertThat(watch(
                        "sse",
                        (watcher, version, frame) -> hit(watcher, version)
                                ? List.of(frame.replace("\"update\":", "\"update\":9"))
                                : List.of(frame)))
                .isEqualTo(1);
        assertThat(said()).contains("out of order 0, wrong 1");
    }

    @Test
    void anAcknowledgedUpdateThatNobodyGetsIsCaught() throws Exception {
        assertThat(run("watch", TinyGateway.ALL, write -> write == VERSION ? 200 : 202, Map.of()))
                .isEqualTo(1);
        // By each watcher, and by whoever reads it back.
        assertThat(said()).contains("lost " + (WATCHERS + 1) + ", gap 0");
    }

    @Test
    void aResetIsCaught() throws Exception {
        String reset = "event: reset\ndata: {\"reason\":\"overrun\"}\n\n";
        assertThat(watch(
                        "sse",
                        (watcher, version, frame) -> hit(watcher, version)
                                ? List.of(reset, frame.replace("update\ndata", "snapshot\ndata"))
                                : List.of(frame)))
                .isEqualTo(1);
        assertThat(said()).contains("wrong 0, reset 1");
    }

    @Test
    void aStreamThatEndsIsCaught() throws Exception {
        assertThat(watch("sse", (watcher, version, frame) -> hit(watcher, version) ? List.of("") : List.of(frame)))
                .isEqualTo(1);
        assertThat(said()).contains("lost " + (UPDATES - VERSION + 1) + ", gap 0");
    }

    @Test
    void whatIsRefusedEndsWithOne() throws Exception {
        assertThat(run("watch", TinyGateway.ALL, write -> write == VERSION ? 503 : 202, Map.of()))
                .isEqualTo(1);
        assertThat(said()).contains("39 of 40 (1 refused, 0 unknown)");
    }

    @Test
    void aClientOfSocketsAnswersPingsAndMaySkipVersions() throws Exception {
        assertThat(watch("websocket", (watcher, version, frame) -> hit(watcher, version) ? List.of() : List.of(frame)))
                .isZero();
        assertThat(said()).contains("159 versions came, 1 were skipped");
    }

    @Test
    void aVersionThatComesTwiceOverASocketIsCaught() throws Exception {
        assertThat(watch(
                        "websocket",
                        (watcher, version, frame) -> hit(watcher, version) ? List.of(frame, frame) : List.of(frame)))
                .isEqualTo(1);
        assertThat(said()).contains("lost 0, gap 0, repeated 1, out of order 0");
    }

    @Test
    void versionsInTheWrongOrderOverASocketAreCaught() throws Exception {
        assertThat(watch("websocket", swapped())).isEqualTo(1);
        assertThat(said()).contains("lost 0, gap 0, repeated 0, out of order 1");
    }

    @Test
    void aLastStateThatIsLostOverASocketIsCaught() throws Exception {
        assertThat(watch(
                        "websocket",
                        (watcher, version, frame) ->
                                watcher == WATCHER && version == UPDATES ? List.of() : List.of(frame)))
                .isEqualTo(1);
        assertThat(said()).contains("lost 1, gap 0, repeated 0");
    }

    @Test
    void aLastStateThatIsWrongOverASocketIsCaught() throws Exception {
        assertThat(watch(
                        "websocket",
                        (watcher, version, frame) -> watcher == WATCHER && version == UPDATES
                                ? List.of(frame.replace("\"update\":", "\"update\":9"))
                                : List.of(frame)))
                .isEqualTo(1);
        assertThat(said()).contains("out of order 0, wrong 1");
    }

    @Test
    void allWhoReturnAtOnceMissNothing() throws Exception {
        assertThat(storm("both", TinyGateway.ALL)).isZero();
        assertThat(said()).contains(4 * UPDATES + " versions came, 0 were skipped");
    }

    @Test
    void aVersionThatIsMissingInAResumeIsCaught() throws Exception {
        assertThat(storm("sse", withoutTheFirst())).isEqualTo(1);
        assertThat(said()).contains("lost 0, gap " + WATCHERS + ", repeated 0");
    }

    @Test
    void aVersionThatIsMissingInARecoveryIsCaught() throws Exception {
        assertThat(storm("websocket", withoutTheFirst())).isEqualTo(1);
        assertThat(said()).contains("lost 0, gap " + WATCHERS + ", repeated 0");
    }

    @Test
    void updatesComeAtTheirRateThoughNoneIsAnswered() throws Exception {
        CountDownLatch all = new CountDownLatch(UPDATES);
        TinyGateway.Answered whenAllHaveCome = write -> {
            all.countDown();
            try {
                return all.await(60, TimeUnit.SECONDS) ? 202 : 503;
            } catch (InterruptedException e) {
                return 503;
            }
        };
        assertThat(run("publish", TinyGateway.ALL, whenAllHaveCome, Map.of())).isZero();
    }

    @Test
    void withoutAGatewayTheRunCannotBeMade() throws Exception {
        int port;
        try (ServerSocket free = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            port = free.getLocalPort();
        }
        assertThat(load("watch", "http://127.0.0.1:" + port, Map.of())).isEqualTo(2);
        assertOneLine("No gateway at http://127.0.0.1:" + port + ": ");
    }

    @Test
    void aTypeThatTheGatewayDoesNotHaveIsSaid() throws Exception {
        assertThat(run("watch", TinyGateway.ALL, TinyGateway.TAKEN, Map.of("type", "nothing")))
                .isEqualTo(2);
        assertOneLine("GET http://127.0.0.1:");
    }

    @Test
    void anUnknownSimulationIsRefusedWithThoseThereAre() throws Exception {
        assertThat(load("everything", "http://127.0.0.1:1", Map.of())).isEqualTo(2);
        assertOneLine(
                "simulation: \"everything\" (expected: one of publish, watch, mixed, spike, reconnect-storm, soak,"
                        + " orders, profiles, market-data)");
    }

    @Test
    void whatIsNoSettingIsRefused() throws Exception {
        assertThat(Load.run(List.of("watch", "watchers=3"), new Properties(), print(out), print(err)))
                .isEqualTo(2);
        assertOneLine("\"watchers=3\" (expected: -Dsluice.<setting>=<value>)");
    }

    private static boolean hit(int watcher, long version) {
        return watcher == WATCHER && version == VERSION;
    }

    /** One version comes behind the next one. */
    private static TinyGateway.Sent swapped() {
        List<String> held = new ArrayList<>();
        return (watcher, version, frame) -> {
            if (hit(watcher, version)) {
                held.add(frame);
                return List.of();
            }
            return watcher == WATCHER && version == VERSION + 1 ? List.of(frame, held.getFirst()) : List.of(frame);
        };
    }

    /** Nothing is wrong with first connections. */
    private static TinyGateway.Sent withoutTheFirst() {
        Set<Integer> begun = new HashSet<>();
        return (watcher, version, frame) -> watcher >= WATCHERS && begun.add(watcher) ? List.of() : List.of(frame);
    }

    private int watch(String transport, TinyGateway.Sent sent) throws InterruptedException {
        return run("watch", sent, TinyGateway.TAKEN, Map.of("transport", transport));
    }

    /** Everybody is away while more than one update comes, and back before the last. */
    private int storm(String transport, TinyGateway.Sent sent) throws InterruptedException {
        return run(
                "reconnect-storm",
                sent,
                TinyGateway.TAKEN,
                Map.of("transport", transport, "storms", "1", "away", "1", "duration", "4", "rate", "10"));
    }

    private int run(
            String simulation, TinyGateway.Sent sent, TinyGateway.Answered answered, Map<String, String> settings)
            throws InterruptedException {
        try (TinyGateway gateway = new TinyGateway(sent, answered)) {
            return load(simulation, gateway.url(), settings);
        }
    }

    private int load(String simulation, String url, Map<String, String> settings) throws InterruptedException {
        Map<String, String> all = new HashMap<>(Map.of(
                "url", url,
                "contexts", "1",
                "sizes", "200",
                "rate", String.valueOf(UPDATES),
                "duration", "1",
                "warmup", "0",
                "patience", "10",
                "report", reports.toString()));
        if (!simulation.equals("publish")) {
            all.putAll(Map.of(
                    "transport", "sse", "watchers", String.valueOf(WATCHERS), "connects", String.valueOf(WATCHERS)));
        }
        all.putAll(settings);
        Properties properties = new Properties();
        all.forEach((name, value) -> properties.setProperty("sluice." + name, value));
        return Load.run(List.of(simulation), properties, print(out), print(err));
    }

    private static PrintStream print(ByteArrayOutputStream to) {
        return new PrintStream(to, true, StandardCharsets.UTF_8);
    }

    private String said() {
        return out.toString(StandardCharsets.UTF_8);
    }

    private void assertOneLine(String begin) {
        assertThat(err.toString(StandardCharsets.UTF_8).lines())
                .singleElement()
                .asString()
                .startsWith(begin);
    }
}
