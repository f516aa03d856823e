package io.sluice.gateway.endtoend;

import io.sluice.embedded.Endpoints;
import io.sluice.embedded.PartsProcess;
import io.sluice.embedded.PartsSettings;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import org.springframework.util.FileSystemUtils;

/** One Kafka, one PostgreSQL, one Redis, and one gateway with all roles, for all tests of this JVM. */
final class Stack implements AutoCloseable {

    private static final AtomicInteger names = new AtomicInteger();

    private static @Nullable Stack running;

    private final Path dataDir;
    private final PartsProcess parts;
    private final Endpoints endpoints;
    private final Gateway gateway;
    private final KafkaSide kafka;

    private Stack(Path dataDir, PartsProcess parts) {
        this.dataDir = dataDir;
        this.parts = parts;
        this.endpoints = parts.await();
        this.gateway = Gateway.start(addresses(endpoints), List.of());
        this.kafka = new KafkaSide(Objects.requireNonNull(endpoints.kafka()));
    }

    static Stack start() {
        try {
            Path dataDir = Files.createTempDirectory("sluice");
            PartsProcess parts =
                    PartsProcess.start(new PartsSettings(dataDir, 0, true, true, true), PartsProcess.ownCommand());
            try {
                running = new Stack(dataDir, parts);
                return running;
            } catch (RuntimeException e) {
                parts.close();
                FileSystemUtils.deleteRecursively(dataDir);
                throw e;
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static Stack running() {
        return Objects.requireNonNull(running, "the test has no @EndToEnd");
    }

    /** The gateway that all tests share. */
    static Gateway gateway() {
        return running().gateway;
    }

    /** Another gateway on the same parts, to be closed by the test. */
    static Gateway another(String... settings) {
        return Gateway.start(addresses(running().endpoints), List.of(settings));
    }

    /** Where the servers of the stack listen. */
    static Endpoints endpoints() {
        return running().endpoints;
    }

    static KafkaSide kafka() {
        return running().kafka;
    }

    /** A name that no other test has. */
    static String fresh(String name) {
        return name + "-" + names.incrementAndGet();
    }

    static List<String> addresses(Endpoints endpoints) {
        List<String> settings = new ArrayList<>();
        settings.add("--sluice.kafka.bootstrap-servers=" + endpoints.kafka());
        settings.add("--sluice.postgres.url=" + endpoints.postgres());
        settings.add("--sluice.redis.url=" + endpoints.redis());
        return settings;
    }

    @Override
    public void close() throws IOException {
        running = null;
        kafka.close();
        gateway.close();
        parts.close();
        FileSystemUtils.deleteRecursively(dataDir);
    }
}
