package io.sluice.embedded;

import static java.util.Objects.requireNonNull;

import java.io.BufferedReader;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The embedded servers in a process of their own, which lives no longer than this one: it holds the other end of a pipe.
 */
public final class PartsProcess implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(PartsProcess.class);
    private static final Duration START_BOUND = Duration.ofSeconds(90);
    private static final Duration STOP_BOUND = Duration.ofSeconds(45);

    private final Process process;
    private final Path errors;
    private final CompletableFuture<Endpoints> ready = new CompletableFuture<>();

    private PartsProcess(Process process, Path errors) {
        this.process = process;
        this.errors = errors;
    }

    /**
     * Forks the process and returns at once.
     *
     * @param command what runs {@link PartsMain}, such as {@link #ownCommand()}; the settings are appended
     */
    public static PartsProcess start(PartsSettings settings, List<String> command) {
        List<String> words = new ArrayList<>(requireNonNull(command, "command"));
        words.addAll(settings.toArguments());
        words.add("--parent");
        Path errors = settings.dataDir().resolve("logs").resolve("parts.log");
        try {
            Files.createDirectories(errors.resolveSibling(""));
            ProcessBuilder builder = new ProcessBuilder(words).redirectError(errors.toFile());
            PartsProcess parts = new PartsProcess(builder.start(), errors);
            Thread.ofPlatform().daemon().name("embedded-servers-output").start(parts::read);
            return parts;
        } catch (IOException e) {
            throw new PartsException("The embedded servers cannot be started: " + Reason.of(e), e);
        }
    }

    /** The command that runs {@link PartsMain} with this JVM's Java and from where this JVM has its classes. */
    public static List<String> ownCommand() {
        return OwnCommand.words();
    }

    /** Blocks until the servers serve. Throws a {@link PartsException} if they do not, or not within 90 s. */
    public Endpoints await() {
        try {
            return ready.get(START_BOUND.toSeconds(), TimeUnit.SECONDS);
        } catch (ExecutionException e) {
            throw new PartsException(Reason.of(requireNonNull(e.getCause(), "cause")), e);
        } catch (TimeoutException e) {
            throw new PartsException("The embedded servers did not start within " + START_BOUND.toSeconds() + " s", e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new PartsException("Interrupted while the embedded servers start", e);
        }
    }

    private void read() {
        try (BufferedReader lines = process.inputReader(StandardCharsets.UTF_8)) {
            for (String line = lines.readLine(); line != null; line = lines.readLine()) {
                accept(line);
            }
        } catch (IOException e) {
            // The same as its end.
        }
        int status = process.onExit().join().exitValue();
        String line = "The embedded servers' process ended with status " + status + ": " + Reason.lastLine(errors);
        ready.completeExceptionally(new PartsException(line));
    }

    private void accept(String line) {
        if (line.startsWith(PartsMain.READY)) {
            ready.complete(Endpoints.parse(line.substring(PartsMain.READY.length())));
        } else if (line.startsWith(PartsMain.FAILED)) {
            ready.completeExceptionally(new PartsException(line.substring(PartsMain.FAILED.length())));
        } else {
            LOG.info(line);
        }
    }

    /** Whether the process lives; it need not serve yet. */
    public boolean isAlive() {
        return process.isAlive();
    }

    /** Completes with the exit status when the process ends, whoever ended it. */
    public CompletableFuture<Integer> onExit() {
        return process.onExit().thenApply(Process::exitValue);
    }

    /** The process id. */
    public long pid() {
        return process.pid();
    }

    /** Asks the process to stop its servers and waits until it has; after 45 s, kills it. */
    @Override
    public void close() {
        try {
            process.getOutputStream().close();
        } catch (IOException e) {
            // It has ended already.
        }
        try {
            if (!process.waitFor(STOP_BOUND.toSeconds(), TimeUnit.SECONDS)) {
                process.destroyForcibly().waitFor();
            }
        } catch (InterruptedException e) {
            process.destroyForcibly();
            Thread.currentThread().interrupt();
        }
    }
}
