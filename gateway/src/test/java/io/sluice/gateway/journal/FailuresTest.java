package io.sluice.gateway.journal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.r2dbc.spi.R2dbcBadGrammarException;
import io.r2dbc.spi.R2dbcDataIntegrityViolationException;
import io.r2dbc.spi.R2dbcTransientResourceException;
import io.sluice.backpressure.RefusedException;
import io.sluice.resolver.MalformedException;
import io.sluice.resolver.UnavailableException;
import org.junit.jupiter.api.Test;

class FailuresTest {

    /** Or one event that cannot be written would be tried for ever, and nothing behind it. */
    @Test
    void whatCanNeverBeStoredIsRefused() {
        assertThat(Failures.map(new MalformedException("malformed-json", "JSON that cannot be written")))
                .isInstanceOf(RefusedException.class);
        assertThat(Failures.map(new R2dbcDataIntegrityViolationException("no", "22021")))
                .isInstanceOf(RefusedException.class);
    }

    /** Or what an older version cannot read, after one step back, would be folded as if it were not there. */
    @Test
    void whatIsStoredAndCannotBeReadIsWaitedFor() {
        assertThatThrownBy(() -> Failures.reading(() -> {
                    throw new MalformedException("malformed-registers", "format: 3 (expected: 1 or 2)");
                }))
                .isInstanceOf(UnavailableException.class)
                .hasMessage("PostgreSQL has what this version cannot read: format: 3 (expected: 1 or 2)");
    }

    @Test
    void whatMayBeBetterLaterIsNot() {
        assertThat(Failures.map(new R2dbcTransientResourceException("no", "57P01")))
                .isInstanceOf(UnavailableException.class);
        assertThat(Failures.map(new R2dbcBadGrammarException("no", "42601"))).isInstanceOf(UnavailableException.class);
        assertThat(Failures.map(new IllegalStateException("closed"))).isInstanceOf(UnavailableException.class);
    }
}
