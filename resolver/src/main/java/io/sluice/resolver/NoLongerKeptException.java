package io.sluice.resolver;

import java.time.Instant;

/** What is asked for was there, and has been dropped since. Something later may still be had. */
public final class NoLongerKeptException extends ContextException {

    private final Instant keptSince;

    /** @param keptSince the log time from which on everything is there */
    public NoLongerKeptException(String message, Instant keptSince) {
        super("no-longer-kept", message);
        this.keptSince = keptSince;
    }

    public Instant keptSince() {
        return keptSince;
    }

    @Override
    public boolean retryable() {
        return false;
    }
}
