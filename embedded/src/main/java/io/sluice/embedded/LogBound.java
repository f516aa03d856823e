package io.sluice.embedded;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.List;

/** Keeps the logs of servers that do not bound them: the old part moves aside, and what was there before it goes. */
record LogBound(List<Path> logs, long maxBytes) implements Runnable {
    @Override
    public void run() {
        logs.forEach(this::bound);
    }

    private void bound(Path log) {
        try {
            if (Files.exists(log) && Files.size(log) > maxBytes) {
                Path old = log.resolveSibling(log.getFileName() + ".1");
                Files.copy(log, old, StandardCopyOption.REPLACE_EXISTING);
                // The servers append, so the next line lands at the new end. A line between copy and cut is lost.
                try (var channel = FileChannel.open(log, StandardOpenOption.WRITE)) {
                    channel.truncate(0);
                }
            }
        } catch (IOException e) {
            // A log that cannot be cut is no reason to stop a server.
        }
    }
}
