package io.sluice.backpressure;

import io.sluice.resolver.Bounds;
import io.sluice.resolver.ContextKey;
import io.sluice.resolver.Partition;
import io.sluice.resolver.Policies;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.stream.IntStream;

/**
 * A configured type of contexts.
 *
 * @param topic where its events are
 * @param partitions of its events and of its updates; pinned, since order and ownership hang on it
 */
public record ContextType(String name, String topic, int partitions, Lane lane, Bounds bounds, Policies policies) {

    /** Everything by the priority of the writers, who are all alike. */
    public ContextType(String name, String topic, int partitions, Lane lane, Bounds bounds) {
        this(name, topic, partitions, lane, bounds, Policies.NONE);
    }

    public ContextType {
        ContextKey.requireType(name);
        if (topic.isBlank() || topic.length() > 200) {
            throw new IllegalArgumentException(
                    "topic of type " + name + ": \"" + topic + "\" (expected: 1 to 200 characters)");
        }
        if (partitions < 1) {
            throw new IllegalArgumentException("partitions of type " + name + ": " + partitions + " (expected: >= 1)");
        }
    }

    /** Where its updates are: beside its events, under a name that only Sluice writes to. */
    public String updatesTopic() {
        return name + "-updates";
    }

    public Partition partitionOf(String id) {
        return new Partition(topic, KeyHash.partition(id.getBytes(StandardCharsets.UTF_8), partitions));
    }

    public List<Partition> allPartitions() {
        return IntStream.range(0, partitions)
                .mapToObj(number -> new Partition(topic, number))
                .toList();
    }
}
