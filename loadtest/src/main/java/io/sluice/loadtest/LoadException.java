package io.sluice.loadtest;

/** The run cannot be made. The message is one line for whoever started it. */
final class LoadException extends RuntimeException {

    private static final long serialVersionUID = 1;

    LoadException(String message) {
        super(message);
    }
}
