package io.sluice.gateway.websocket;

/** A command that was not done, with what its client is told. Has no stack trace: it is an answer. */
public final class CommandFailure extends RuntimeException {

    private final transient ErrorReply reply;

    CommandFailure(ErrorReply reply) {
        super(reply.message(), null, false, false);
        this.reply = reply;
    }

    public ErrorReply reply() {
        return reply;
    }
}
