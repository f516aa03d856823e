package io.sluice.gateway.websocket;

/**
 * Why a command was not done.
 *
 * @param code below 400 one of {@link Errors}, 400 to 599 the status that the same request would have over HTTP
 * @param temporary whether the same command may succeed later
 */
public record ErrorReply(int code, String message, boolean temporary) {

    /** The same code, with the value that was found and what was expected. */
    public ErrorReply because(String detail) {
        return new ErrorReply(code, message + ": " + detail, temporary);
    }

    public CommandFailure failure() {
        return new CommandFailure(this);
    }
}
