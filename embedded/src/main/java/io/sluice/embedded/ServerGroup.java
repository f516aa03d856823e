package io.sluice.embedded;

import java.time.Duration;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Consumer;

/** Servers that start side by side and stop side by side. */
final class ServerGroup {
    private static final Duration STOP_BOUND = Duration.ofSeconds(30);
    private static final long MAX_LOG_BYTES = 10_000_000;

    private final Map<String, Server> servers;
    private final Map<String, CompletableFuture<String>> starts = new HashMap<>();
    private final KafkaLog kafkaLog;
    private final ScheduledExecutorService threads = Executors.newScheduledThreadPool(4, work -> {
        Thread thread = new Thread(work, "embedded-servers");
        thread.setDaemon(true);
        return thread;
    });

    ServerGroup(DataFolder folder, Map<String, Server> servers) {
        this.servers = servers;
        this.kafkaLog = new KafkaLog(folder.log("kafka.log"));
        LogBound bound = new LogBound(List.of(folder.log("postgres.log"), folder.log("redis.log")), MAX_LOG_BYTES);
        var unused = threads.scheduleWithFixedDelay(bound, 0, 5, TimeUnit.SECONDS);
    }

    /** Sweeps all, since another choice may have run before; starts those with these names. Does not block. */
    void start(Collection<String> names) {
        servers.forEach((name, server) -> starts.put(
                name,
                CompletableFuture.supplyAsync(
                        () -> {
                            server.sweep();
                            return names.contains(name) ? server.start() : "";
                        },
                        threads)));
    }

    /** The addresses by name, once all serve. Throws what the first that failed threw, after the last has come to an end. */
    Map<String, String> awaitStart() {
        try {
            CompletableFuture.allOf(starts.values().toArray(CompletableFuture[]::new))
                    .join();
        } catch (CompletionException e) {
            throw e.getCause() instanceof PartsException known ? known : new PartsException(Reason.of(e), e);
        }
        Map<String, String> addresses = new HashMap<>();
        starts.forEach((name, start) -> addresses.put(name, start.join()));
        addresses.values().removeIf(String::isEmpty);
        return addresses;
    }

    /** Lets the starts end first: half a server cannot be stopped. */
    void stop() {
        within(STOP_BOUND, starts.values());
        within(STOP_BOUND, each(Server::stop));
        threads.shutdownNow();
        kafkaLog.close();
    }

    private Collection<CompletableFuture<Void>> each(Consumer<Server> step) {
        return servers.values().stream()
                .map(server -> CompletableFuture.runAsync(() -> step.accept(server), threads))
                .toList();
    }

    private static void within(Duration bound, Collection<? extends CompletableFuture<?>> work) {
        try {
            CompletableFuture.allOf(work.toArray(CompletableFuture[]::new)).get(bound.toSeconds(), TimeUnit.SECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } catch (ExecutionException | TimeoutException e) {
            // The one that failed has told why when it started; the others have had their time.
        }
    }
}
