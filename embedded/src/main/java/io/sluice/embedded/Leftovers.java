package io.sluice.embedded;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;

/**
 * Server processes known by their command line: this program, with this path among its arguments. Unlike a number in a pid
 * file, that cannot mean somebody else's process. A zombie has no command line and does not count.
 */
record Leftovers(String program, Path argument) {
    List<ProcessHandle> running() {
        return ProcessHandle.allProcesses().filter(this::matches).toList();
    }

    /** Whether all of them ended in time. */
    boolean awaitEnd(Duration bound) {
        return Waiting.until(bound, () -> running().isEmpty());
    }

    /** Asks them to end, and kills those that do not in time. */
    void end(Duration bound) {
        running().forEach(ProcessHandle::destroy);
        if (!awaitEnd(bound)) {
            running().forEach(ProcessHandle::destroyForcibly);
            awaitEnd(bound);
        }
    }

    private boolean matches(ProcessHandle process) {
        try {
            Path file = Path.of("/proc", Long.toString(process.pid()), "cmdline");
            List<String> words =
                    List.of(Files.readString(file, StandardCharsets.UTF_8).split("\0"));
            return words.contains(argument.toString())
                    && Path.of(words.getFirst()).getFileName().toString().equals(program);
        } catch (IOException | RuntimeException e) {
            return false; // it ended meanwhile, or is none of ours
        }
    }
}
