package io.sluice.gateway.policy;

import io.sluice.gateway.settings.SluiceSettings;
import io.sluice.gateway.settings.SluiceSettings.PolicySettings;
import io.sluice.gateway.settings.SluiceSettings.TypeSettings;
import io.sluice.resolver.Identity;
import io.sluice.resolver.MalformedException;
import io.sluice.resolver.Policies;
import io.sluice.resolver.Policy;
import io.sluice.resolver.WriterOrder;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** Makes policies of settings. What is wrong with one is said with its name. */
public final class TypePolicies {

    private final Map<String, String> classes;

    /** @throws IllegalArgumentException if a writer is in two classes */
    public TypePolicies(SluiceSettings settings) {
        this.classes = classes(settings.writers());
    }

    private static Map<String, String> classes(Map<String, List<String>> writers) {
        Map<String, String> classes = new HashMap<>();
        writers.forEach((name, members) -> members.forEach(writer -> {
            String other = classes.put(new Identity(writer, "any").writer(), name);
            if (other != null && !other.equals(name)) {
                throw new IllegalArgumentException("sluice.writers." + name + ": \"" + writer + "\" is in " + other
                        + " too (expected: each writer in one class)");
            }
        }));
        return classes;
    }

    /** @throws IllegalArgumentException naming the setting that cannot be */
    public Policies of(String type, TypeSettings settings) {
        String prefix = "sluice.types." + type + ".";
        Map<String, Policy> byPath = new LinkedHashMap<>();
        for (int i = 0; i < settings.policies().size(); i++) {
            String name = prefix + "policies[" + i + "]";
            PolicySettings policy = settings.policies().get(i);
            if (byPath.put(policy.path(), policy(name, policy)) != null) {
                throw new IllegalArgumentException(
                        name + ".path: \"" + policy.path() + "\" comes twice (expected: once)");
            }
            require(name + ".path", byPath);
        }
        try {
            WriterOrder order = new WriterOrder(classes, settings.priority());
            return new Policies(order, deletion(settings.deletion()), byPath);
        } catch (MalformedException e) {
            throw new IllegalArgumentException(prefix + "policies: " + e.getMessage(), e);
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException(prefix + e.getMessage(), e);
        }
    }

    /** The last path that was added is the one that does not go with the others. */
    private static void require(String name, Map<String, Policy> byPath) {
        try {
            new Policies(WriterOrder.NONE, Policies.Deletion.PRIORITY, byPath);
        } catch (MalformedException e) {
            throw new IllegalArgumentException(name + ": " + e.getMessage(), e);
        }
    }

    private static Policy policy(String name, PolicySettings settings) {
        try {
            Policy.Kind kind = Policy.Kind.of(settings.policy().strip().toLowerCase(Locale.ROOT));
            boolean hasRule = !settings.rule().isBlank();
            if (hasRule != (kind == Policy.Kind.CEL)) {
                throw new IllegalArgumentException(
                        hasRule
                                ? "a rule with the policy " + kind.label() + " (expected: none)"
                                : "none (expected: CEL)");
            }
            return hasRule ? new Policy(kind, new CelRule(settings.rule())) : Policy.of(kind);
        } catch (MalformedException e) {
            throw new IllegalArgumentException(name + ".policy: " + e.getMessage(), e);
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException(name + ".rule: " + e.getMessage(), e);
        }
    }

    private static Policies.Deletion deletion(String word) {
        return Arrays.stream(Policies.Deletion.values())
                .filter(deletion -> deletion.name().equalsIgnoreCase(word))
                .findFirst()
                .orElseThrow(() -> new IllegalArgumentException(
                        "deletion: \"" + word + "\" (expected: priority, delete or patch)"));
    }
}
