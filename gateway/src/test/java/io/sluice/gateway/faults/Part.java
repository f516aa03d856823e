package io.sluice.gateway.faults;

import io.sluice.embedded.PartsException;
import io.sluice.embedded.PartsProcess;
import io.sluice.embedded.PartsSettings;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.springframework.util.FileSystemUtils;

/** Kafka, PostgreSQL or Redis, by itself and with a folder of its own. What it does is done to the server, not to who started it. */
final class Part implements AutoCloseable {

    /** Which one it is. */
    enum Kind {
        KAFKA,
        POSTGRES,
        REDIS
    }

    private static final Pattern PORT = Pattern.compile(":([0-9]+)(?:/|$)");

    /** The machine may have other things to do. */
    private static final int MAX_TRIES = 5;

    private final Kind kind;
    private final Path folder;
    private final int kafkaPort;
    private @Nullable PartsProcess keeper;
    private String address = "";

    /** @param kafkaPort for Kafka; others have one that their folder keeps */
    Part(Kind kind, Path folder, int kafkaPort) {
        this.kind = kind;
        this.folder = folder;
        this.kafkaPort = kafkaPort;
    }

    /** Begins; {@link #awaitStarted} waits until it serves. */
    void start() {
        PartsSettings settings =
                new PartsSettings(folder, kafkaPort, kind == Kind.KAFKA, kind == Kind.POSTGRES, kind == Kind.REDIS);
        keeper = PartsProcess.start(settings, PartsProcess.ownCommand());
    }

    void awaitStarted() {
        var endpoints = keeper().await();
        address = Objects.requireNonNull(
                switch (kind) {
                    case KAFKA -> endpoints.kafka();
                    case POSTGRES -> endpoints.postgres();
                    case REDIS -> endpoints.redis();
                });
    }

    /** Starts it again, as often as that takes. */
    void comeBack() {
        for (int tries = 1; ; tries++) {
            start();
            try {
                awaitStarted();
                return;
            } catch (PartsException e) {
                if (tries == MAX_TRIES) {
                    throw e;
                }
                kill();
            }
        }
    }

    private PartsProcess keeper() {
        return Objects.requireNonNull(keeper, "not started");
    }

    /** As clients take it. */
    String address() {
        return address;
    }

    int port() {
        Matcher matcher = PORT.matcher(address);
        if (!matcher.find()) {
            throw new IllegalStateException(address);
        }
        return Integer.parseInt(matcher.group(1));
    }

    /** As its administrator would. */
    void stop() {
        keeper().close();
    }

    /** {@code kill -9}, of all of its processes. */
    void kill() {
        Signals.kill(processes());
        keeper().close();
    }

    void pause() {
        Signals.send("STOP", processes());
    }

    void goOn() {
        Signals.send("CONT", processes());
    }

    /** Of a part that is stopped: it will know nothing of what it knew. */
    void forget() {
        try {
            FileSystemUtils.deleteRecursively(folder.resolve("redis"));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private List<ProcessHandle> processes() {
        return switch (kind) {
            case KAFKA -> ProcessHandle.of(keeper().pid()).stream().toList();
            case POSTGRES ->
                postmaster().stream()
                        .flatMap(first -> Stream.concat(Stream.of(first), first.descendants()))
                        .toList();
            case REDIS ->
                ProcessHandle.allProcesses()
                        .filter(process -> Signals.commandLine(process)
                                .contains(folder.resolve("redis/redis.conf").toString()))
                        .toList();
        };
    }

    private Optional<ProcessHandle> postmaster() {
        try (Stream<String> lines = Files.lines(folder.resolve("postgres/postmaster.pid"))) {
            return lines.findFirst().flatMap(pid -> ProcessHandle.of(Long.parseLong(pid.strip())));
        } catch (IOException e) {
            return Optional.empty();
        }
    }

    @Override
    public void close() {
        if (keeper != null) {
            goOn();
            keeper.close();
        }
    }

    @Override
    public String toString() {
        return kind.name().toLowerCase(java.util.Locale.ROOT);
    }
}
