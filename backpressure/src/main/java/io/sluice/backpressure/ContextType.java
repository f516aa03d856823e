package io.sluice.backpressure;

import io.sluice.resolver.Bounds;
import io.sluice.resolver.ContextKey;
import io.sluice.resolver.Partition;
import io.sluice.resolver.Policies;
import io.sluice.resolver.Texts;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.IntStream;

/**
 * A configured type of contexts.
 *
 * @param topic where its events are
 * @param partitions of its events and of its updates; pinned, since order and ownership hang on it
 */
public record ContextType(String name, String topic, int partitions, Lane lane, Bounds bounds, Policies policies) {

    /** What Kafka allows, and room for what is put behind a name. */
    private static final Pattern TOPIC = Pattern.compile("(?!\\.\\.?$)[A-Za-z0-9._-]{1,200}");

    /** Everything by the priority of the writers, who are all alike. */
    public ContextType(String name, String topic, int partitions, Lane lane, Bounds bounds) {
        this(name, topic, partitions, lane, bounds, Policies.NONE);
    }

    public ContextType {
        ContextKey.requireType(name);
        if (!TOPIC.matcher(topic).matches()) {
            throw new IllegalArgumentException(
                    "topic: \"" + Texts.shown(topic) + "\" (expected: 1 to 200 letters, digits, '.', '_' and '-')");
        }
        if (partitions < 1) {
            throw new IllegalArgumentException("partitions: " + partitions + " (expected: >= 1)");
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
