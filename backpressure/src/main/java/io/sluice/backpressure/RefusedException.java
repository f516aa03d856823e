package io.sluice.backpressure;

import io.sluice.resolver.ContextException;

/** The database does not take a row, and never will. */
public final class RefusedException extends ContextException {

    public RefusedException(String message, Throwable cause) {
        super("refused-by-store", message, cause);
    }

    @Override
    public boolean retryable() {
        return false;
    }
}
