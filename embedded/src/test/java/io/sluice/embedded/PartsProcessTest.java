package io.sluice.embedded;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PartsProcessTest {
    @TempDir
    Path dir;

    @Test
    void anInterruptFromTheTerminalIsTheParentsToHandle() throws Exception {
        try (PartsProcess process = start(all())) {
            Clients clients = new Clients(process.await());
            assertThat(Command.succeeds(List.of("kill", "-INT", Long.toString(process.pid()))))
                    .isTrue();
            clients.createTopic();
            clients.produce("a");
            assertThat(clients.consume(1)).containsExactly("a");
            assertThat(process.isAlive()).isTrue();
        }
        assertNothingRuns();
        assertThat(dir.resolve("logs/kafka.log")).isNotEmptyFile();
        assertThat(dir.resolve("logs/postgres.log")).isNotEmptyFile();
        assertThat(dir.resolve("logs/redis.log")).isNotEmptyFile();
        assertThat(dir.resolve("logs/parts.log")).isEmptyFile();
    }

    @Test
    void theNextStartTakesOverFromAKilledProcess() throws Exception {
        Endpoints first;
        try (PartsProcess process = start(all())) {
            first = process.await();
            Clients clients = new Clients(first);
            clients.createTopic();
            clients.produce("a");
            clients.sql("CREATE TABLE letters AS SELECT 'a' AS letter");
            ProcessHandle.of(process.pid()).orElseThrow().destroyForcibly();
            assertThat(process.onExit().get()).isEqualTo(137);
        }
        assertThat(new Clients(first).sql("SELECT letter FROM letters")).isEqualTo("a"); // orphaned, and still there
        try (PartsProcess process = start(all())) {
            assertThat(process.await()).isEqualTo(first);
            Clients clients = new Clients(first);
            assertThat(clients.consume(1)).containsExactly("a");
            assertThat(clients.sql("SELECT letter FROM letters")).isEqualTo("a");
            assertThat(clients.redis("PING")).isEqualTo("+PONG");
            assertThat(postgres().running()).hasSize(1);
            assertThat(redis().running()).hasSize(1);
        }
        assertNothingRuns();
    }

    @Test
    void aStartWaitsForAnEarlierOneThatIsShuttingDown() throws Exception {
        PartsProcess first = start(all());
        Endpoints endpoints = first.await();
        CompletableFuture<Void> closing = CompletableFuture.runAsync(first::close);
        try (PartsProcess second = start(all())) {
            assertThat(second.await()).isEqualTo(endpoints);
            assertThat(closing).succeedsWithin(Duration.ofSeconds(1));
        }
    }

    @Test
    void theEndOfTheParentDuringTheStartStopsEverything() {
        PartsProcess process = start(new PartsSettings(dir, 0, false, true, true));
        await().until(() -> !redis().running().isEmpty());
        process.close();
        assertThat(process.onExit()).succeedsWithin(Duration.ofSeconds(1)).isEqualTo(0);
        assertNothingRuns();
    }

    @Test
    void aTakenKafkaPortIsOneClearLineAndNothingIsLeft() throws Exception {
        try (ServerSocket other = new ServerSocket(0, 1, InetAddress.getLoopbackAddress());
                PartsProcess process = start(new PartsSettings(dir, other.getLocalPort(), true, true, true))) {
            assertThatThrownBy(process::await)
                    .isInstanceOf(PartsException.class)
                    .hasMessage("Port " + other.getLocalPort() + " for the embedded Kafka is taken by another process"
                            + " (set sluice.embedded.kafka-port to a free one, or to 0)");
            assertThat(process.onExit().get()).isEqualTo(1);
            assertNothingRuns();
        }
    }

    @Test
    void aProcessThatNeverRanIsOneClearLine() {
        List<String> command = List.of(PartsProcess.ownCommand().getFirst(), "no.such.Main");
        try (PartsProcess process = PartsProcess.start(all(), command)) {
            assertThatThrownBy(process::await)
                    .isInstanceOf(PartsException.class)
                    .hasMessageMatching("The embedded servers' process ended with status 1: .*no.such.Main");
        }
        assertThatThrownBy(() -> PartsProcess.start(all(), List.of("/no/such/java")))
                .isInstanceOf(PartsException.class)
                .hasMessageContaining("/no/such/java");
    }

    @Test
    void onItsOwnItSpeaksToAHumanAndASignalStopsIt() throws Exception {
        Path out = dir.resolve("out");
        List<String> words = new ArrayList<>(PartsProcess.ownCommand());
        words.addAll(new PartsSettings(dir, 0, false, false, true).toArguments());
        Process process = new ProcessBuilder(words).redirectOutput(out.toFile()).start();
        await().atMost(Duration.ofSeconds(20)).until(() -> Files.readString(out).contains("Ready after"));
        assertThat(Files.readString(out))
                .startsWith("redis     " + Endpoints.read(dir).redis());
        process.destroy();
        assertThat(process.waitFor()).isEqualTo(143);
        assertNothingRuns();
    }

    @Test
    void aWrongArgumentIsOneClearLineAndStatusTwo() throws Exception {
        List<String> words = new ArrayList<>(PartsProcess.ownCommand());
        words.add("--sluice.embedded.kafka-prot=1");
        Process process = new ProcessBuilder(words).start();
        assertThat(process.errorReader().lines())
                .containsExactly("--sluice.embedded.kafka-prot: unknown argument (expected:"
                        + " --sluice.embedded.data-dir, --sluice.embedded.kafka-port, --sluice.embedded.parts)");
        assertThat(process.waitFor()).isEqualTo(2);
    }

    private PartsProcess start(PartsSettings settings) {
        return PartsProcess.start(settings, PartsProcess.ownCommand());
    }

    private PartsSettings all() {
        return new PartsSettings(dir, 0, true, true, true);
    }

    private Leftovers postgres() {
        return new Leftovers("postgres", dir.resolve("postgres"));
    }

    private Leftovers redis() {
        return new Leftovers("redis-server", dir.resolve("redis/redis.conf"));
    }

    private void assertNothingRuns() {
        assertThat(postgres().running()).isEmpty();
        assertThat(redis().running()).isEmpty();
    }
}
