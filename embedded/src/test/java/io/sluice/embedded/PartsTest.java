package io.sluice.embedded;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PartsTest {
    @TempDir
    Path dir;

    @Test
    void dataAndPortsAreKeptOverARestart() throws Exception {
        Endpoints first;
        try (Parts parts = Parts.start(all())) {
            first = parts.endpoints();
            Clients clients = new Clients(first);
            clients.createTopic();
            clients.produce("a");
            assertThat(clients.consume(1)).containsExactly("a");
            clients.sql("CREATE TABLE letters AS SELECT 'a' AS letter");
            assertThat(clients.redis("SET letter a")).isEqualTo("+OK");
        }
        assertThat(listening(first)).isEmpty();
        assertThat(new Leftovers("postgres", real("postgres")).running()).isEmpty();
        assertThat(new Leftovers("redis-server", real("redis/redis.conf")).running())
                .isEmpty();
        assertThat(threads()).isEmpty();

        try (Parts parts = Parts.start(all())) {
            assertThat(parts.endpoints()).isEqualTo(first);
            Clients clients = new Clients(parts.endpoints());
            clients.produce("b");
            assertThat(clients.consume(2)).containsExactly("a", "b");
            assertThat(clients.sql("SELECT letter FROM letters")).isEqualTo("a");
            assertThat(clients.redis("STRLEN letter")).isEqualTo(":1");
        }
    }

    @Test
    void onlyTheChosenPartsRunAndPostgresIsAsDurableAsARealOne() throws Exception {
        try (Parts parts = Parts.start(new PartsSettings(dir, 0, false, true, false))) {
            Clients clients = new Clients(parts.endpoints());
            assertThat(parts.endpoints().kafka()).isNull();
            assertThat(parts.endpoints().redis()).isNull();
            assertThat(clients.sql("SHOW fsync")).isEqualTo("on");
            assertThat(clients.sql("SHOW synchronous_commit")).isEqualTo("on");
            assertThat(clients.sql("SHOW wal_level")).isEqualTo("logical");
            assertThat(clients.sql("SHOW max_connections")).isEqualTo("200");
            assertThat(clients.sql("SHOW server_encoding")).isEqualTo("UTF8");
            assertThat(clients.sql("SELECT datcollate FROM pg_database WHERE datname = 'sluice'"))
                    .isEqualTo("C.UTF-8");
        }
    }

    @Test
    void whatTheFolderSaysOfKafkaIsSetOverWhatIsUsual() throws Exception {
        Files.createDirectories(dir.resolve("kafka"));
        Files.writeString(dir.resolve("kafka/broker.properties"), "auto.create.topics.enable=true\nnum.partitions=1\n");
        try (Parts parts = Parts.start(new PartsSettings(dir, 0, true, false, false))) {
            Clients clients = new Clients(parts.endpoints());
            clients.produce("a"); // to a topic that nobody has made
            assertThat(clients.consume(1)).containsExactly("a");
        }
    }

    @Test
    void aStalePidFileThatNamesAnotherProcessDoesNotStopTheStart() throws Exception {
        PartsSettings settings = new PartsSettings(dir, 0, false, true, false);
        Parts.start(settings).close();
        long other = ProcessHandle.current().pid();
        Files.writeString(dir.resolve("postgres/postmaster.pid"), other + "\n" + dir + "/postgres\n0\n1\n\n\n");
        try (Parts parts = Parts.start(settings)) {
            assertThat(new Clients(parts.endpoints()).sql("SELECT 1")).isEqualTo("1");
        }
    }

    @Test
    void aSecondStartOnAFolderInUseIsOneClearLine() {
        PartsSettings settings = new PartsSettings(dir, 0, false, false, true);
        try (Parts parts = Parts.start(settings)) {
            assertThatThrownBy(() -> Parts.start(settings))
                    .isInstanceOf(PartsException.class)
                    .hasMessageStartingWith("The data folder " + dir + " is in use by this process (");
            try (PartsProcess process = PartsProcess.start(settings, PartsProcess.ownCommand())) {
                assertThatThrownBy(process::await)
                        .isInstanceOf(PartsException.class)
                        .hasMessage("The data folder " + dir + " is in use by process "
                                + ProcessHandle.current().pid()
                                + " (stop it, or set sluice.embedded.data-dir to another folder)");
            }
            assertThat(parts.endpoints().redis()).isNotNull();
        }
    }

    @Test
    void aDataFolderThatCannotBeIsOneClearLine() throws Exception {
        Path file = Files.writeString(dir.resolve("file"), "");
        assertThatThrownBy(() -> Parts.start(new PartsSettings(file, 0, false, false, true)))
                .isInstanceOf(PartsException.class)
                .hasMessage("The data folder " + file + " is not writable: " + file
                        + " is a file (set sluice.embedded.data-dir to a folder that is)");
    }

    private PartsSettings all() {
        return new PartsSettings(dir, 0, true, true, true);
    }

    private Path real(String name) throws Exception {
        return dir.toRealPath().resolve(name);
    }

    private static List<String> listening(Endpoints endpoints) {
        return endpoints.toMap().values().stream()
                .filter(address -> Ports.taken(URI.create(address.contains("//") ? address : "kafka://" + address)
                        .getPort()))
                .toList();
    }

    private static List<String> threads() {
        await().untilAsserted(() -> assertThat(names()).isEmpty());
        return names();
    }

    /** Of live threads that only the servers have; the JDK keeps its own "process reaper" for a while. */
    private static List<String> names() {
        return Thread.getAllStackTraces().keySet().stream()
                .map(Thread::getName)
                .filter(name ->
                        name.matches(".*(kafka|broker|controller|raft|Reaper|expiration|embedded|coordinator|log-).*"))
                .toList();
    }
}
