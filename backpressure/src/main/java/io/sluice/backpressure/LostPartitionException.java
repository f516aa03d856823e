package io.sluice.backpressure;

import io.sluice.resolver.ContextException;
import io.sluice.resolver.Partition;

/** What is stored of the partition is not what this owner stored last: what was folded here is dropped. */
final class LostPartitionException extends ContextException {

    LostPartitionException(Partition partition) {
        super(
                "lost-partition",
                "partition " + partition + " was taken over by another node, or the database has gone back");
    }

    @Override
    public boolean retryable() {
        return true;
    }
}
