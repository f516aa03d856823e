package io.sluice.resolver;

/**
 * It is not known whether a write happened: it was handed over and never answered. Repeating it with the same identity is
 * safe, and makes one change of the two.
 */
public final class UncertainException extends ContextException {

    public UncertainException(String code, String message, Throwable cause) {
        super(code, message, cause);
    }

    @Override
    public boolean retryable() {
        return true;
    }
}
