package io.sluice.backpressure;

import io.sluice.resolver.ContextException;
import io.sluice.resolver.Partition;
import io.sluice.resolver.Texts;

/** The event can be read, and belongs into another partition: its producer hashes keys in another way. */
final class WrongPartitionException extends ContextException {

    private final Partition right;

    WrongPartitionException(String id, int wrong, ContextType type) {
        super(
                "wrong-partition",
                "key \"" + Texts.shown(id) + "\" is in partition " + wrong + " (expected: "
                        + type.partitionOf(id).number() + " of " + type.partitions()
                        + ", by murmur2 as Kafka's Java client has it)");
        this.right = type.partitionOf(id);
    }

    Partition right() {
        return right;
    }

    @Override
    public boolean retryable() {
        return false;
    }
}
