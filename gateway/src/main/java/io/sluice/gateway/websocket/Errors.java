package io.sluice.gateway.websocket;

import io.sluice.resolver.ContextException;
import io.sluice.resolver.MalformedException;
import io.sluice.resolver.UncertainException;

/** What a command can be answered with instead of a result: the codes that clients of this protocol know. */
public final class Errors {

    public static final ErrorReply INTERNAL = new ErrorReply(100, "internal server error", true);
    public static final ErrorReply UNAUTHORIZED = new ErrorReply(101, "unauthorized", false);
    public static final ErrorReply UNKNOWN_CHANNEL = new ErrorReply(102, "unknown channel", false);
    public static final ErrorReply PERMISSION_DENIED = new ErrorReply(103, "permission denied", false);
    public static final ErrorReply METHOD_NOT_FOUND = new ErrorReply(104, "method not found", false);
    public static final ErrorReply ALREADY_SUBSCRIBED = new ErrorReply(105, "already subscribed", false);
    public static final ErrorReply LIMIT_EXCEEDED = new ErrorReply(106, "limit exceeded", false);
    public static final ErrorReply BAD_REQUEST = new ErrorReply(107, "bad request", false);
    public static final ErrorReply NOT_AVAILABLE = new ErrorReply(108, "not available", false);
    public static final ErrorReply TOKEN_EXPIRED = new ErrorReply(109, "token expired", false);
    public static final ErrorReply EXPIRED = new ErrorReply(110, "expired", false);
    public static final ErrorReply TOO_MANY_REQUESTS = new ErrorReply(111, "too many requests", true);
    public static final ErrorReply UNRECOVERABLE_POSITION = new ErrorReply(112, "unrecoverable position", false);
    public static final ErrorReply CONCURRENT_PAGINATION = new ErrorReply(113, "concurrent pagination", true);

    /** An own one: a context that was never written, or is deleted. */
    public static final ErrorReply NOT_FOUND = new ErrorReply(404, "not found", false);

    /** An own one: an unsubscription that overtook the subscription it is of. */
    static final ErrorReply OVERTAKEN = new ErrorReply(499, "unsubscribed before it was subscribed", true);

    private Errors() {}

    /** What a client is told of a failure. {@link #INTERNAL} of one that nobody meant to show. */
    static ErrorReply of(Throwable failure) {
        String why = String.valueOf(failure.getMessage());
        return switch (failure) {
            case CommandFailure told -> told.reply();
            case MalformedException malformed -> BAD_REQUEST.because(why);
            case UncertainException uncertain -> new ErrorReply(504, why, true);
            case ContextException other when other.retryable() -> new ErrorReply(503, why, true);
            case ContextException other -> new ErrorReply(422, why, false);
            default -> INTERNAL;
        };
    }
}
