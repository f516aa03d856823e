package io.sluice.gateway.faults;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Collection;
import java.util.List;
import java.util.stream.Stream;
import org.awaitility.Awaitility;

/** What Java cannot send to processes. */
final class Signals {

    private Signals() {}

    /** To each that still is. @param signal such as {@code KILL} */
    static void send(String signal, Collection<ProcessHandle> processes) {
        List<String> words = Stream.concat(
                        Stream.of("kill", "-" + signal),
                        processes.stream().filter(ProcessHandle::isAlive).map(process -> String.valueOf(process.pid())))
                .toList();
        if (words.size() == 2) {
            return;
        }
        try {
            new ProcessBuilder(words)
                    .redirectErrorStream(true)
                    .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                    .start()
                    .waitFor();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    /** Waits until they are gone. One whom nobody buries has no command line any more. */
    static void kill(Collection<ProcessHandle> processes) {
        send("KILL", processes);
        Awaitility.await()
                .atMost(Duration.ofSeconds(20))
                .pollInterval(Duration.ofMillis(10))
                .until(() -> processes.stream()
                        .allMatch(process -> commandLine(process).isEmpty()));
    }

    static List<String> commandLine(ProcessHandle process) {
        try {
            String line = Files.readString(Path.of("/proc/" + process.pid() + "/cmdline"));
            return line.isEmpty() ? List.of() : List.of(line.split("\0", -1));
        } catch (IOException e) {
            return List.of();
        }
    }
}
