package io.sluice.embedded;

import java.io.File;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** A program of the system or of a server's bundle that is run to its end. */
final class Command {
    private static final int NEVER_RAN = 127;

    private Command() {}

    /** Its exit status; what it prints goes to the log, because a pipe would stay open in the daemons that it leaves behind. */
    static int run(Path log, Duration bound, List<String> words) {
        ProcessBuilder builder = new ProcessBuilder(words)
                .redirectInput(new File("/dev/null"))
                .redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.appendTo(log.toFile()));
        builder.environment().keySet().removeIf(key -> key.startsWith("PG") || key.startsWith("LC_"));
        builder.environment().put("LC_ALL", "C.UTF-8");
        try {
            return await(builder.start(), bound);
        } catch (IOException e) {
            return NEVER_RAN;
        }
    }

    private static int await(Process process, Duration bound) {
        try {
            if (process.waitFor(bound.toMillis(), TimeUnit.MILLISECONDS)) {
                return process.exitValue();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        process.destroyForcibly();
        return NEVER_RAN;
    }

    static boolean succeeds(List<String> words) {
        return run(Path.of("/dev/null"), Duration.ofSeconds(5), words) == 0;
    }
}
