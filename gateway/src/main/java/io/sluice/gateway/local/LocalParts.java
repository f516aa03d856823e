package io.sluice.gateway.local;

import io.sluice.embedded.Endpoints;
import io.sluice.embedded.PartsException;
import io.sluice.embedded.PartsProcess;
import io.sluice.embedded.PartsSettings;
import io.sluice.gateway.settings.SettingException;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.core.env.ConfigurableEnvironment;
import org.springframework.core.env.MapPropertySource;

/**
 * The embedded parts of a local run: started as soon as it is known which are wanted, so that they come up beside the
 * gateway, and stopped after it.
 */
public final class LocalParts implements AutoCloseable {

    private static final Logger log = LoggerFactory.getLogger(LocalParts.class);

    private static final String GATEWAY = "gateway";

    private final Path dataDir;
    private final PartsProcess process;
    private volatile boolean serving;

    private LocalParts(Path dataDir, PartsProcess process) {
        this.dataDir = dataDir;
        this.process = process;
        process.onExit().thenAccept(this::exited);
    }

    /**
     * Starts parts. With any of them, the gateway listens on this machine only unless told otherwise, and a port chosen for
     * {@code 0} is kept with the data.
     *
     * @param missing see {@link Addresses#missing}; not empty
     */
    public static LocalParts start(ConfigurableEnvironment environment, List<String> missing) {
        boolean kafka = missing.contains(Addresses.KAFKA);
        Path dataDir = Path.of(environment.getProperty("sluice.embedded.data-dir", "./data"));
        int kafkaPort = environment.getProperty("sluice.embedded.kafka-port", Integer.class, 9092);
        PartsSettings settings = new PartsSettings(
                dataDir, kafkaPort, kafka, missing.contains(Addresses.POSTGRES), missing.contains(Addresses.REDIS));
        LocalParts parts = new LocalParts(dataDir, start(settings));
        parts.adjust(environment, kafka);
        return parts;
    }

    private static PartsProcess start(PartsSettings settings) {
        try {
            return PartsProcess.start(settings, PartsProcess.ownCommand());
        } catch (PartsException e) {
            throw new IllegalStateException(e.getMessage());
        }
    }

    private static boolean isEmpty(ConfigurableEnvironment environment, String address) {
        return environment.getProperty(address, "").isBlank();
    }

    private void adjust(ConfigurableEnvironment environment, boolean kafkaIsOurs) {
        Map<String, Object> own = new HashMap<>();
        if (isEmpty(environment, "server.address")) {
            own.put("server.address", "127.0.0.1");
        }
        // With a Kafka of its own it is the only one of that name.
        if (kafkaIsOurs && isEmpty(environment, "sluice.node-id")) {
            own.put("sluice.node-id", "local");
        }
        if ("0".equals(environment.getProperty("server.port"))) {
            own.put("server.port", keptPort());
        }
        environment.getPropertySources().addFirst(new MapPropertySource("local", own));
    }

    /** The port of the run before, if nobody else has it now; else 0. */
    private int keptPort() {
        try {
            Properties kept = new Properties();
            Path file = dataDir.resolve("endpoints.properties");
            if (Files.exists(file)) {
                try (var reader = Files.newBufferedReader(file)) {
                    kept.load(reader);
                }
            }
            String address = kept.getProperty(GATEWAY, "");
            int port = Integer.parseInt(address.substring(address.lastIndexOf(':') + 1));
            try (ServerSocket socket = new ServerSocket()) {
                socket.setReuseAddress(true);
                socket.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), port));
                return port;
            }
        } catch (IOException | NumberFormatException e) {
            return 0;
        }
    }

    /**
     * With the addresses of the parts where others are empty. Blocks until the parts are ready.
     *
     * @throws IllegalStateException with one line that says why they are not
     */
    Addresses completed(Addresses set) {
        try {
            Endpoints endpoints = process.await();
            serving = true;
            return completed(set, endpoints);
        } catch (PartsException e) {
            throw new IllegalStateException(e.getMessage());
        }
    }

    /** With the addresses of parts that somebody else runs on the folder, where others are empty. */
    static Addresses running(Path dataDir, Addresses set) {
        Addresses addresses = completed(set, Endpoints.read(dataDir));
        if (!addresses.isComplete()) {
            throw new SettingException(
                    "sluice.embedded.data-dir",
                    "\"" + dataDir
                            + "\" has no endpoints.properties with Kafka, PostgreSQL and Redis (expected: the folder"
                            + " of a gateway or of parts that run; or set sluice.kafka.bootstrap-servers,"
                            + " sluice.postgres.url and sluice.redis.url)");
        }
        return addresses;
    }

    private static Addresses completed(Addresses set, Endpoints endpoints) {
        return new Addresses(
                either(set.kafka(), endpoints.kafka()),
                either(set.postgres(), endpoints.postgres()),
                either(set.redis(), endpoints.redis()));
    }

    private static String either(String set, @Nullable String local) {
        return set.isBlank() && local != null ? local : set;
    }

    /** Keeps where the gateway is beside where its parts are. */
    public void register(String gateway) {
        Endpoints.put(dataDir, GATEWAY, gateway);
    }

    private void exited(int status) {
        if (serving) {
            log.error("The embedded parts have ended by themselves (status {}): start the gateway again", status);
        }
    }

    @Override
    public void close() {
        serving = false;
        process.close();
    }
}
