package io.sluice.resolver;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** The policies at and beneath one path. Immutable once it is built. */
final class PolicyNode {

    /** No policy at or beneath. */
    static final PolicyNode NONE = new PolicyNode();

    /** Stands for every member's name. */
    static final String ANY = "*";

    private final Map<String, PolicyNode> members = new HashMap<>();

    @Nullable
    private Policy policy;

    private boolean documents;

    /** @param byPath JSON Pointers, in which {@code *} stands for any member */
    static PolicyNode of(Map<String, Policy> byPath) {
        PolicyNode root = new PolicyNode();
        byPath.forEach((path, policy) -> root.add(path, Pointer.names(path), policy));
        return root;
    }

    private void add(String path, List<String> names, Policy added) {
        PolicyNode node = this;
        for (String name : names) {
            if (node.policy != null) {
                throw beneath(path);
            }
            node.documents |= added.isDocument();
            node = node.members.computeIfAbsent(name, n -> new PolicyNode());
        }
        if (node.policy != null || !node.members.isEmpty()) {
            throw node.policy != null
                    ? new MalformedException("malformed-policy", "path: \"" + path + "\" comes twice (expected: once)")
                    : beneath(path);
        }
        if (names.isEmpty() && added.isTyped()) {
            throw new MalformedException(
                    "malformed-policy",
                    "path: \"\" has the policy " + added.kind().label() + " (expected: a path to a member for it)");
        }
        node.policy = added;
        node.documents = added.isDocument();
    }

    private static MalformedException beneath(String path) {
        return new MalformedException(
                "malformed-policy",
                "path: \"" + path + "\" lies above or beneath another path with a policy (expected: paths apart)");
    }

    PolicyNode member(String name) {
        PolicyNode node = members.get(name);
        if (node == null) {
            node = members.get(ANY);
        }
        return node == null ? NONE : node;
    }

    @Nullable
    Policy policy() {
        return policy;
    }

    @Nullable
    PolicyNode at(List<String> names) {
        PolicyNode node = this;
        for (String name : names) {
            if (node.policy != null) {
                return null;
            }
            node = node.member(name);
        }
        return node;
    }

    /** Whether nothing at or beneath the path has a policy. */
    boolean isPlain() {
        return policy == null && members.isEmpty();
    }

    /** Whether something at or beneath the path is edited by operations in the order of the log. */
    boolean hasDocuments() {
        return documents;
    }

    /** The members that have policies, among those of the value and those that the policies name. */
    Iterable<String> membersIn(@Nullable JsonNode value) {
        TreeSet<String> names = new TreeSet<>(members.keySet());
        if (names.remove(ANY) && value instanceof ObjectNode object) {
            names.addAll(object.propertyNames());
        }
        return names;
    }
}
