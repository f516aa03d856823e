package io.sluice.backpressure;

import java.util.List;
import reactor.core.publisher.Mono;

/** The way into the log. */
public interface Appender {

    /**
     * Appends one record, once: {@code acks=all}, and no repeat makes a second copy. Completes when the log has it.
     *
     * <p>Fails with {@link io.sluice.resolver.UnavailableException} if the record was not handed over and is certainly not in
     * the log, with {@link io.sluice.resolver.UncertainException} if that is not known, and with
     * {@link io.sluice.resolver.MalformedException} if the log does not take so large a record. Cancelling takes nothing back.
     */
    Mono<Void> append(OutRecord record);

    /** Whether {@link #append} would take a record now, rather than refuse it for want of room. Others may be faster. */
    boolean hasRoom(OutRecord record);

    /**
     * Appends in order and waits however long the log is away: whatever comes later in a partition never overtakes what came
     * before. Completes when the log has all; fails only with what a repeat cannot mend.
     */
    Mono<Void> appendAll(List<OutRecord> records);
}
