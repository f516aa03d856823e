package io.sluice.backpressure;

import io.sluice.resolver.ContextException;
import io.sluice.resolver.Partition;

/** Somebody else owns the partition by now: what was folded here is dropped. */
final class LostPartitionException extends ContextException {

    LostPartitionException(Partition partition) {
        super("lost-partition", "partition " + partition + " was taken over by another node");
    }

    @Override
    public boolean retryable() {
        return true;
    }
}
