package io.sluice.loadtest;

/** The run cannot be made. The message is one line for whoever started it. */
public final class LoadException extends RuntimeException {

    private static final long serialVersionUID = 1;

    public LoadException(String message) {
        super(message);
    }
}
