package io.sluice.resolver;

/** The input can never be taken as it is. The message names the value and what was expected. */
public final class MalformedException extends ContextException {

    public MalformedException(String code, String message) {
        super(code, message);
    }

    public MalformedException(String code, String message, Throwable cause) {
        super(code, message, cause);
    }

    @Override
    public boolean retryable() {
        return false;
    }
}
