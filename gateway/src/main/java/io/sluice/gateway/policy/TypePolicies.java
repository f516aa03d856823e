package io.sluice.gateway.policy;

import io.sluice.gateway.settings.SettingException;
import io.sluice.gateway.settings.SluiceSettings;
import io.sluice.gateway.settings.SluiceSettings.PolicySettings;
import io.sluice.gateway.settings.SluiceSettings.TypeSettings;
import io.sluice.resolver.Identity;
import io.sluice.resolver.MalformedException;
import io.sluice.resolver.Policies;
import io.sluice.resolver.Policy;
import io.sluice.resolver.Texts;
import io.sluice.resolver.WriterOrder;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** Makes policies of settings. What is wrong with one is said with its name. */
final class TypePolicies {

    private final Map<String, String> classes;

    /** @throws SettingException if a writer is in two classes, or no writer can have that name */
    TypePolicies(SluiceSettings settings) {
        this.classes = classes(settings.writers());
    }

    private static Map<String, String> classes(Map<String, List<String>> writers) {
        Map<String, String> classes = new HashMap<>();
        writers.forEach((name, members) -> members.forEach(writer -> {
            String other = classes.put(writer("sluice.writers." + name, writer), name);
            if (other != null && !other.equals(name)) {
                throw new SettingException(
                        "sluice.writers." + name,
                        "\"" + writer + "\" is in " + other + " too (expected: each writer in one class)");
            }
        }));
        return classes;
    }

    private static String writer(String name, String writer) {
        try {
            return new Identity(writer, "any").writer();
        } catch (MalformedException e) {
            throw new SettingException(name, String.valueOf(e.getMessage()));
        }
    }

    /** @param prefix of the names of the type's settings @throws SettingException naming the one that cannot be */
    Policies of(String prefix, TypeSettings settings) {
        Map<String, Policy> byPath = new LinkedHashMap<>();
        for (int i = 0; i < settings.policies().size(); i++) {
            String name = prefix + ".policies[" + i + "]";
            PolicySettings policy = settings.policies().get(i);
            if (byPath.put(policy.path(), policy(name, policy)) != null) {
                throw new SettingException(name + ".path", "\"" + policy.path() + "\" comes twice (expected: once)");
            }
            require(name, byPath);
        }
        return new Policies(order(prefix, settings.priority()), deletion(prefix, settings.deletion()), byPath);
    }

    private WriterOrder order(String prefix, List<String> priority) {
        try {
            return new WriterOrder(classes, priority);
        } catch (IllegalArgumentException e) {
            throw SettingException.beneath(prefix, e);
        }
    }

    /** The last path that was added is the one that does not go with the others. */
    private static void require(String name, Map<String, Policy> byPath) {
        try {
            new Policies(WriterOrder.NONE, Policies.Deletion.PRIORITY, byPath);
        } catch (MalformedException e) {
            throw SettingException.beneath(name, e);
        }
    }

    private static Policy policy(String name, PolicySettings settings) {
        Policy.Kind kind = kind(name, settings.policy());
        boolean hasRule = !settings.rule().isBlank();
        if (hasRule != (kind == Policy.Kind.CEL)) {
            throw new SettingException(
                    name + ".rule",
                    hasRule
                            ? "\"" + Texts.shown(settings.rule()) + "\" with the policy " + kind.label()
                                    + " (expected: none)"
                            : "none (expected: CEL)");
        }
        return hasRule ? new Policy(kind, rule(name, settings.rule())) : Policy.of(kind);
    }

    private static Policy.Kind kind(String name, String word) {
        try {
            return Policy.Kind.of(word.strip().toLowerCase(Locale.ROOT));
        } catch (MalformedException e) {
            throw SettingException.beneath(name, e);
        }
    }

    private static CelRule rule(String name, String text) {
        try {
            return new CelRule(text);
        } catch (IllegalArgumentException e) {
            throw SettingException.beneath(name, e);
        }
    }

    private static Policies.Deletion deletion(String prefix, String word) {
        return Arrays.stream(Policies.Deletion.values())
                .filter(deletion -> deletion.name().equalsIgnoreCase(word))
                .findFirst()
                .orElseThrow(() -> new SettingException(
                        prefix + ".deletion", "\"" + Texts.shown(word) + "\" (expected: priority, delete or patch)"));
    }
}
