package io.sluice.embedded;

/** The embedded servers cannot run. The message is one line for the person who started them. */
public final class PartsException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    PartsException(String line) {
        super(oneLine(line));
    }

    PartsException(String line, Throwable cause) {
        super(oneLine(line), cause);
    }

    private static String oneLine(String text) {
        return text.strip().replaceAll("\\s*\\R\\s*", "; ");
    }
}
