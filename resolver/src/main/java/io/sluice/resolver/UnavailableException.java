package io.sluice.resolver;

/** A system that is needed is away, or full. Nothing was done; the same call may succeed later. */
public final class UnavailableException extends ContextException {

    public UnavailableException(String code, String message) {
        super(code, message);
    }

    public UnavailableException(String code, String message, Throwable cause) {
        super(code, message, cause);
    }

    @Override
    public boolean retryable() {
        return true;
    }
}
