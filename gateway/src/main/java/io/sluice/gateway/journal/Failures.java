package io.sluice.gateway.journal;

import io.r2dbc.spi.R2dbcException;
import io.sluice.backpressure.RefusedException;
import io.sluice.resolver.ContextException;
import io.sluice.resolver.MalformedException;
import io.sluice.resolver.UnavailableException;
import java.util.function.Supplier;

/** The one place where what the driver says becomes one of our failures. */
final class Failures {

    private Failures() {}

    /** What cannot be read waits for a version that can: nothing must be taken for absent, or for refused, that is there. */
    static <T> T reading(Supplier<T> row) {
        try {
            return row.get();
        } catch (MalformedException e) {
            throw new UnavailableException(
                    "store-unreadable", "PostgreSQL has what this version cannot read: " + e.getMessage(), e);
        }
    }

    /** Data that the database will never take is refused; everything else may be better later. */
    static ContextException map(Throwable e) {
        if (e instanceof MalformedException) {
            return new RefusedException("it cannot be written: " + e.getMessage(), e);
        }
        if (e instanceof ContextException known) {
            return known;
        }
        String state = e instanceof R2dbcException failure ? String.valueOf(failure.getSqlState()) : "";
        if (state.startsWith("22") || state.startsWith("23") || state.startsWith("54")) {
            return new RefusedException("the database does not take it: " + e.getMessage(), e);
        }
        return new UnavailableException(
                "store-unavailable", "PostgreSQL does not answer as it should: " + e.getMessage(), e);
    }
}
