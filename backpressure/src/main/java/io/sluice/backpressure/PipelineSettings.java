package io.sluice.backpressure;

/**
 * Bounds of the way in, per partition.
 *
 * @param maxUnfinished batches that may be folded and not yet announced; one more pauses the partition
 * @param maxBatch records in one batch
 * @param workingSetBytes of remembered contexts, about; those of unfinished batches stay beyond it
 */
public record PipelineSettings(int maxUnfinished, int maxBatch, long workingSetBytes) {

    public PipelineSettings {
        require("maxUnfinished", maxUnfinished);
        require("maxBatch", maxBatch);
        require("workingSetBytes", workingSetBytes);
    }

    private static void require(String name, long value) {
        if (value < 1) {
            throw new IllegalArgumentException(name + ": " + value + " (expected: >= 1)");
        }
    }
}
