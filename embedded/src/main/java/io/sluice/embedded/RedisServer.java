package io.sluice.embedded;

import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;

/** Redis as a daemon, and so in a session of its own: a Ctrl-C in the terminal does not reach it. */
final class RedisServer implements Server {
    private static final Duration BOUND = Duration.ofSeconds(20);

    private final DataFolder folder;
    private final Ports ports;
    private final Path data;
    private final Path configuration;
    private final Path log;
    private final Leftovers daemon;

    RedisServer(DataFolder folder, Ports ports) {
        this.folder = folder;
        this.ports = ports;
        this.data = folder.file("redis");
        this.configuration = data.resolve("redis.conf");
        this.log = folder.log("redis.log");
        this.daemon = new Leftovers("redis-server", configuration);
    }

    @Override
    public void sweep() {
        stop();
    }

    @Override
    public String start() {
        try {
            Path program = Binaries.of(folder).redis().resolve("redis-server");
            int port = ports.keep("redis");
            Files.createDirectories(data);
            Files.writeString(configuration, configuration(port));
            int status = Command.run(log, BOUND, List.of(program.toString(), configuration.toString()));
            if (status != 0 || !ready(port)) {
                throw new PartsException("The embedded Redis did not start: " + Reason.lastLine(log));
            }
            return "redis://127.0.0.1:" + port;
        } catch (IOException e) {
            throw new PartsException("The embedded Redis did not start: " + Reason.of(e), e);
        }
    }

    private String configuration(int port) {
        return """
                # Written anew at each start.
                bind 127.0.0.1
                port %d
                dir "%s"
                logfile "%s"
                daemonize yes
                # The command line is how a left-over server is found.
                set-proc-title no
                appendonly yes
                appendfsync everysec
                save ""
                maxmemory 256mb
                maxmemory-policy allkeys-lru
                """.formatted(port, data, log);
    }

    private boolean ready(int port) {
        // Asked once more, it might be too busy to answer in time.
        AtomicBoolean serves = new AtomicBoolean();
        Waiting.until(BOUND, () -> {
            serves.set(serves(port));
            return serves.get() || daemon.running().isEmpty();
        });
        return serves.get();
    }

    /** Whether our Redis, and not another that was faster at the port, has read its data and answers. */
    private boolean serves(int port) {
        String answer = ask(port, "INFO server\r\nPING\r\n");
        return answer.contains("config_file:" + configuration) && answer.endsWith("+PONG\r\n");
    }

    private static String ask(int port, String commands) {
        StringBuilder answer = new StringBuilder();
        try (Socket socket = new Socket()) {
            socket.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), port), 500);
            socket.setSoTimeout(500);
            socket.getOutputStream().write(commands.getBytes(StandardCharsets.US_ASCII));
            InputStream in = socket.getInputStream();
            byte[] buffer = new byte[4_096];
            for (int n = in.read(buffer); n >= 0; n = answer.indexOf("+PONG") < 0 ? in.read(buffer) : -1) {
                answer.append(new String(buffer, 0, n, StandardCharsets.UTF_8));
            }
        } catch (IOException e) {
            // Not yet, or no more: what was read so far says so.
        }
        return answer.toString();
    }

    @Override
    public void stop() {
        daemon.end(Duration.ofSeconds(10)); // to Redis, SIGTERM is SHUTDOWN
    }
}
