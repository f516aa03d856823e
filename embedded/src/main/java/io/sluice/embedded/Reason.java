package io.sluice.embedded;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** Why something failed, in words that fit into a line. */
final class Reason {
    private Reason() {}

    static String of(Throwable e) {
        String message = e.getMessage() == null ? e.getClass().getSimpleName() : e.getMessage();
        return switch (e) {
            case AccessDeniedException denied -> "no permission for " + message;
            case FileAlreadyExistsException exists -> message + " is a file";
            default -> message;
        };
    }

    /** The last line of a log that is not empty. */
    static String lastLine(Path log) {
        try {
            List<String> lines = Files.readAllLines(log, StandardCharsets.ISO_8859_1);
            return lines.reversed().stream()
                    .filter(line -> !line.isBlank())
                    .findFirst()
                    .orElse("nothing in " + log);
        } catch (IOException e) {
            return "see " + log;
        }
    }
}
