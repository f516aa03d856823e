package io.sluice.embedded;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** PostgreSQL in a session of its own, so that a Ctrl-C in the terminal does not reach it. */
final class PostgresServer implements Server {
    private static final Duration BOUND = Duration.ofSeconds(60);

    private final DataFolder folder;
    private final Ports ports;
    private final Path data;
    private final Path log;
    private final Leftovers postmaster;

    PostgresServer(DataFolder folder, Ports ports) {
        this.folder = folder;
        this.ports = ports;
        this.data = folder.file("postgres");
        this.log = folder.log("postgres.log");
        this.postmaster = new Leftovers("postgres", data);
    }

    @Override
    public void sweep() {
        stop();
        try {
            // It may name a process that has nothing to do with us by now, and PostgreSQL would not start beside that.
            Files.deleteIfExists(data.resolve("postmaster.pid"));
        } catch (IOException e) {
            throw failed(Reason.of(e), e);
        }
    }

    @Override
    public String start() {
        try {
            Unprivileged user = Unprivileged.on(data);
            Path bin = binaries(user);
            if (!Files.exists(data)) {
                create(bin, user);
            }
            user.own(data);
            int port = ports.keep("postgres");
            Files.writeString(data.resolve("postgresql.conf"), PostgresConfiguration.text(port));
            user.own(data.resolve("postgresql.conf"));
            openLog(user);
            run(user.command(
                    List.of(bin + "/pg_ctl", "start", "-w", "-t", "60", "-D", data.toString(), "-l", log.toString())));
            return new PostgresDatabase(port).open();
        } catch (IOException e) {
            throw failed(Reason.of(e), e);
        }
    }

    private Path binaries(Unprivileged user) {
        Path bin = Binaries.of(folder).postgres().resolve("bin");
        if (user.reaches(bin)) {
            return bin;
        }
        bin = Binaries.within(folder).postgres().resolve("bin"); // our cache is closed to him
        if (user.reaches(bin)) {
            return bin;
        }
        throw new PartsException(
                "The embedded PostgreSQL does not run as root, and the user that it runs as instead may not"
                        + " enter " + bin + " (start as an ordinary user, or set " + PartsSettings.DATA_DIR
                        + " to a folder that all may enter)");
    }

    /** Under another name until it is complete: an interrupted creation is begun anew. */
    private void create(Path bin, Unprivileged user) throws IOException {
        Path next = folder.file("postgres.new");
        Path password = folder.file("postgres.password");
        Folders.delete(next);
        Files.createDirectory(next);
        Files.writeString(password, PostgresDatabase.PASSWORD + "\n");
        user.own(next);
        user.own(password);
        try {
            String options =
                    "-E UTF8 --locale=C.UTF-8 --auth=scram-sha-256 --no-instructions -U " + PostgresDatabase.USER;
            List<String> words = new ArrayList<>(List.of(options.split(" ", -1)));
            words.addAll(List.of("--pwfile=" + password, "-D", next.toString()));
            words.addFirst(bin + "/initdb");
            run(user.command(words));
        } finally {
            Files.delete(password);
        }
        Files.move(next, data, StandardCopyOption.ATOMIC_MOVE);
    }

    private void openLog(Unprivileged user) throws IOException {
        if (!Files.exists(log)) {
            Files.createFile(log);
        }
        user.own(log);
    }

    private void run(List<String> words) {
        if (Command.run(log, BOUND, words) != 0) {
            throw failed(Reason.lastLine(log), null);
        }
    }

    @Override
    public void stop() {
        if (postmaster.running().isEmpty()) {
            return;
        }
        // A fast shutdown is SIGINT, which Java cannot send.
        postmaster.running().forEach(process -> signal("INT", process));
        if (!postmaster.awaitEnd(Duration.ofSeconds(15))) {
            postmaster.running().forEach(process -> signal("QUIT", process));
            postmaster.end(Duration.ofSeconds(5));
        }
    }

    private static void signal(String name, ProcessHandle process) {
        Command.succeeds(List.of("kill", "-" + name, Long.toString(process.pid())));
    }

    private static PartsException failed(String reason, @Nullable Exception cause) {
        String line = "The embedded PostgreSQL did not start: " + reason;
        return cause == null ? new PartsException(line) : new PartsException(line, cause);
    }
}
