package io.sluice.resolver;

/** Base of what can go wrong around a write or a read. The type says whether the same call may succeed later. */
public abstract class ContextException extends RuntimeException {

    private final String code;

    protected ContextException(String code, String message) {
        super(message);
        this.code = code;
    }

    protected ContextException(String code, String message, Throwable cause) {
        super(message, cause);
        this.code = code;
    }

    /** A stable, lower-case word for answers, metrics and dead letters, such as {@code malformed-json}. */
    public String code() {
        return code;
    }

    /** Whether the same call, unchanged, may succeed later. */
    public abstract boolean retryable();
}
