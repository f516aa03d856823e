package io.sluice.embedded;

import static java.util.Objects.requireNonNull;

import java.time.Duration;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.LoggerFactory;

/**
 * The servers of one data folder: Kafka in this JVM, PostgreSQL and Redis as processes that this one starts and stops. What
 * a process that was killed left behind on the folder is ended first.
 */
public final class Parts implements AutoCloseable {
    private static final Duration STOP_BOUND = Duration.ofSeconds(60);

    private final PartsSettings settings;
    private final Consumer<String> notes;
    private final CountDownLatch stopped = new CountDownLatch(1);
    private boolean closing;
    private @Nullable DataFolder folder;
    private @Nullable ServerGroup servers;
    private @Nullable Endpoints endpoints;

    /** Starts nothing yet, so that a signal that arrives during the start has something to close. */
    Parts(PartsSettings settings, Consumer<String> notes) {
        this.settings = requireNonNull(settings, "settings");
        this.notes = notes;
    }

    /**
     * Starts the servers side by side and blocks until all of them serve. If one fails, none is left running and a
     * {@link PartsException} says why.
     */
    public static Parts start(PartsSettings settings) {
        Parts parts = new Parts(settings, LoggerFactory.getLogger(Parts.class)::info);
        try {
            parts.launch();
            return parts;
        } catch (RuntimeException e) {
            parts.close();
            throw e;
        }
    }

    /** Where the servers listen. */
    public Endpoints endpoints() {
        return requireNonNull(endpoints, "endpoints");
    }

    void launch() {
        ServerGroup group = begin(DataFolder.claim(settings.dataDir(), notes));
        endpoints = Endpoints.of(group.awaitStart());
        running();
    }

    private synchronized ServerGroup begin(DataFolder claimed) {
        if (closing) {
            claimed.close();
            throw new PartsException("Stopped before the start");
        }
        folder = claimed;
        servers = new ServerGroup(claimed, all(claimed));
        servers.start(settings.parts());
        return servers;
    }

    private Map<String, Server> all(DataFolder claimed) {
        Ports ports = new Ports(claimed);
        return new TreeMap<>(Map.of(
                "kafka", new KafkaServer(claimed, ports, settings.kafkaPort()),
                "postgres", new PostgresServer(claimed, ports),
                "redis", new RedisServer(claimed, ports)));
    }

    private synchronized void running() {
        if (!closing && folder != null) {
            folder.state("running");
        }
    }

    /**
     * Stops the servers cleanly, or as cleanly as they let it within a bound. A second call does nothing but wait for the
     * first, so that a shutdown hook may call it whatever happened before.
     */
    @Override
    public void close() {
        if (isFirstClose()) {
            try {
                stop();
            } finally {
                stopped.countDown();
            }
        } else {
            awaitStopped();
        }
    }

    private synchronized boolean isFirstClose() {
        if (closing) {
            return false;
        }
        closing = true;
        if (folder != null) {
            folder.state("stopping");
        }
        return true;
    }

    private synchronized void stop() {
        if (servers != null) {
            servers.stop();
        }
        if (folder != null) {
            folder.close();
        }
    }

    private void awaitStopped() {
        try {
            stopped.await(STOP_BOUND.toSeconds(), TimeUnit.SECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
