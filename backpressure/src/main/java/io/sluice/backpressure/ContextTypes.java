package io.sluice.backpressure;

import io.sluice.resolver.ContextKey;
import io.sluice.resolver.Partition;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** All configured types. Immutable. */
public final class ContextTypes {

    private final Map<String, ContextType> byName = new LinkedHashMap<>();
    private final Map<String, ContextType> byTopic = new LinkedHashMap<>();

    public ContextTypes(Collection<ContextType> types) {
        for (ContextType type : types) {
            byName.put(type.name(), type);
            if (byTopic.put(type.topic(), type) != null) {
                throw new IllegalArgumentException(
                        "topic: " + type.topic() + " is given to two types (expected: one each)");
            }
        }
    }

    public Collection<ContextType> all() {
        return List.copyOf(byName.values());
    }

    public List<ContextType> in(Lane lane) {
        return byName.values().stream().filter(type -> type.lane() == lane).toList();
    }

    public Optional<ContextType> named(String name) {
        return Optional.ofNullable(byName.get(name));
    }

    /** The type whose events are in that topic. */
    public ContextType ofTopic(String topic) {
        return require(byTopic.get(topic), topic);
    }

    public ContextType ofKey(ContextKey key) {
        return require(byName.get(key.type()), key.type());
    }

    public Partition partitionOf(ContextKey key) {
        return ofKey(key).partitionOf(key.id());
    }

    private static ContextType require(@org.jspecify.annotations.Nullable ContextType type, String name) {
        if (type == null) {
            throw new IllegalArgumentException("type: \"" + name + "\" is not configured");
        }
        return type;
    }
}
