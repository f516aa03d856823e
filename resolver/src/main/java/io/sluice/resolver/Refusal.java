package io.sluice.resolver;

/** Ends the fold of an event that is to be rejected, wherever that is found out. Has no stack trace: it is no fault of the program. */
final class Refusal extends RuntimeException {

    private final Resolution.Reason reason;

    Refusal(Resolution.Reason reason, String detail) {
        super(detail, null, false, false);
        this.reason = reason;
    }

    Resolution.Rejected rejected() {
        return new Resolution.Rejected(reason, String.valueOf(getMessage()));
    }
}
