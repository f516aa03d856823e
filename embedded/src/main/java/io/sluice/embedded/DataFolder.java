package io.sluice.embedded;

import static java.nio.file.StandardOpenOption.CREATE;
import static java.nio.file.StandardOpenOption.WRITE;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * A data folder that this process, and no other, runs servers on. The claim is a lock of the operating system, so that it
 * ends with the process however that ends; what the holder is up to stands in a file beside it.
 */
final class DataFolder implements AutoCloseable {
    /** A holder that runs may be about to stop: its parent was killed a moment ago, say. */
    private static final Duration RUNNING_PATIENCE = Duration.ofSeconds(2);

    private static final Duration STOPPING_PATIENCE = Duration.ofSeconds(30);

    // A second channel on the lock file, once closed, would give up this process's lock: never open one.
    private static final Set<Path> HELD = ConcurrentHashMap.newKeySet();

    private final Path path;
    private final FileChannel channel;
    private @Nullable FileLock lock;

    private DataFolder(Path path, FileChannel channel) {
        this.path = path;
        this.channel = channel;
    }

    /** Waits for a holder that is shutting down, and says so in a note. */
    static DataFolder claim(Path dataDir, Consumer<String> notes) {
        Path path = create(dataDir);
        if (!HELD.add(path)) {
            throw inUse(path, "this process");
        }
        DataFolder folder = open(path);
        try {
            folder.lock(notes);
            folder.state("starting");
            return folder;
        } catch (RuntimeException e) {
            folder.close();
            throw e;
        }
    }

    private static DataFolder open(Path path) {
        try {
            return new DataFolder(path, FileChannel.open(path.resolve("parts.lock"), CREATE, WRITE));
        } catch (IOException e) {
            HELD.remove(path);
            throw notUsable(path, e);
        }
    }

    private static Path create(Path dataDir) {
        try {
            Files.createDirectories(dataDir);
            Path path = dataDir.toRealPath();
            Files.createDirectories(path.resolve("logs"));
            return path;
        } catch (IOException e) {
            throw notUsable(dataDir.toAbsolutePath().normalize(), e);
        }
    }

    private void lock(Consumer<String> notes) {
        if (!Waiting.until(RUNNING_PATIENCE, () -> tryLock() || "stopping".equals(holder("state")))) {
            throw inUse(path, "process " + holder("pid"));
        }
        if (!tryLock()) {
            notes.accept("The servers on " + path + " are still shutting down: waiting for them");
        }
        if (!Waiting.until(STOPPING_PATIENCE, this::tryLock)) {
            throw inUse(path, "process " + holder("pid") + ", which does not come to an end");
        }
    }

    private boolean tryLock() {
        try {
            if (lock == null) {
                lock = channel.tryLock();
            }
            return lock != null;
        } catch (IOException e) {
            throw notUsable(path, e);
        }
    }

    private String holder(String key) {
        try {
            return WholeFile.readMap(state()).getOrDefault(key, "unknown");
        } catch (IOException e) {
            return "unknown";
        }
    }

    Path file(String name) {
        return path.resolve(name);
    }

    Path log(String name) {
        return path.resolve("logs").resolve(name);
    }

    /** Tells the next one who wants this folder whether to wait for it. */
    void state(String state) {
        try {
            long pid = ProcessHandle.current().pid();
            WholeFile.writeMap(state(), Map.of("pid", Long.toString(pid), "state", state));
        } catch (IOException e) {
            throw notUsable(path, e);
        }
    }

    private Path state() {
        return path.resolve("parts.state");
    }

    @Override
    public void close() {
        try {
            channel.close();
        } catch (IOException e) {
            throw notUsable(path, e);
        } finally {
            HELD.remove(path);
        }
    }

    private static PartsException inUse(Path path, String holder) {
        return new PartsException("The data folder " + path + " is in use by " + holder + " (stop it, or set "
                + PartsSettings.DATA_DIR + " to another folder)");
    }

    private static PartsException notUsable(Path path, Exception e) {
        return new PartsException(
                "The data folder " + path + " is not writable: " + Reason.of(e) + " (set " + PartsSettings.DATA_DIR
                        + " to a folder that is)",
                e);
    }
}
