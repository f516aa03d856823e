package io.sluice.gateway.policy;

import io.sluice.backpressure.ContextType;
import io.sluice.backpressure.ContextTypes;
import io.sluice.backpressure.Lane;
import io.sluice.gateway.settings.SettingException;
import io.sluice.gateway.settings.SluiceSettings;
import io.sluice.gateway.settings.SluiceSettings.TypeSettings;
import io.sluice.resolver.Bounds;
import io.sluice.resolver.ContextKey;
import io.sluice.resolver.MalformedException;
import io.sluice.resolver.Policies;
import io.sluice.resolver.Texts;
import java.time.Duration;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;

/** Makes the types of contexts of settings, in the order of their names. What is wrong with one is said with its name. */
public final class ConfiguredTypes {

    private final TypePolicies policies;
    private final int document;
    private final Map<String, ContextType> byTopic = new LinkedHashMap<>();

    private ConfiguredTypes(SluiceSettings settings) {
        this.policies = new TypePolicies(settings);
        this.document = (int) settings.limits().document().toBytes();
    }

    /** @throws SettingException naming the first setting that cannot be */
    public static ContextTypes of(SluiceSettings settings) {
        ConfiguredTypes types = new ConfiguredTypes(settings);
        new TreeMap<>(settings.types()).forEach(types::add);
        return new ContextTypes(types.byTopic.values());
    }

    private void add(String name, TypeSettings settings) {
        String prefix = "sluice.types." + name;
        ContextType type = type(name, prefix, settings);
        ContextType other = byTopic.putIfAbsent(type.topic(), type);
        if (other != null) {
            throw new SettingException(
                    prefix + ".topic",
                    "\"" + type.topic() + "\" is that of " + other.name() + " too (expected: one for each type)");
        }
    }

    private ContextType type(String name, String prefix, TypeSettings settings) {
        requireName(prefix, name);
        Bounds bounds = bounds(prefix, settings);
        Lane lane = lane(prefix, settings.lane());
        Policies decided = policies.of(prefix, settings);
        String topic = settings.topic().isBlank() ? name + "-events" : settings.topic();
        try {
            return new ContextType(name, topic, settings.partitions(), lane, bounds, decided);
        } catch (IllegalArgumentException e) {
            throw SettingException.beneath(prefix, e);
        }
    }

    private static void requireName(String prefix, String name) {
        try {
            ContextKey.requireType(name);
        } catch (MalformedException e) {
            throw new SettingException(prefix, String.valueOf(e.getMessage()));
        }
    }

    private Bounds bounds(String prefix, TypeSettings settings) {
        return new Bounds(
                document,
                notNegative(prefix + ".tombstone-retention", settings.tombstoneRetention()),
                notNegative(prefix + ".horizon", settings.horizon()),
                notNegative(prefix + ".clock-skew", settings.clockSkew()));
    }

    private static Duration notNegative(String name, Duration duration) {
        if (duration.isNegative()) {
            throw new SettingException(name, duration + " (expected: >= 0)");
        }
        return duration;
    }

    private static Lane lane(String prefix, String word) {
        return Arrays.stream(Lane.values())
                .filter(lane -> lane.label().equals(word.toLowerCase(Locale.ROOT)))
                .findFirst()
                .orElseThrow(() -> new SettingException(
                        prefix + ".lane", "\"" + Texts.shown(word) + "\" (expected: critical, standard or bulk)"));
    }
}
