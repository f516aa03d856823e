package io.sluice.backpressure;

import java.util.Collection;
import java.util.List;
import reactor.core.publisher.Flux;

/** The log of announcements, as a node reads it: all partitions, in no group. */
public interface UpdateLog {

    /**
     * What is announced from now on, in order per partition. A subscription that follows one that failed goes on where that
     * one ended; if the log has dropped that place meanwhile, it begins anew at the end.
     *
     * @param positioned called on the thread that reads, each time when the reading begins at the end of the log, before
     *     anything is read; may block
     */
    Flux<List<LogRecord>> tail(Collection<ContextType> types, Runnable positioned);
}
