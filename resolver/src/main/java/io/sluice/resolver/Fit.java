package io.sluice.resolver;

import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** Whether a value or an operation goes with the policy of its path. */
final class Fit {

    private Fit() {}

    /** @throws Refusal naming the path, if something in the value does not go with the policy there */
    static void require(PolicyNode at, Pointer path, @Nullable JsonNode value) {
        if (at.isPlain() || value == null) {
            return;
        }
        Policy policy = at.policy();
        if (policy != null) {
            require(policy.kind(), path, value);
        } else if (value instanceof ObjectNode object) {
            for (String name : at.membersIn(value)) {
                require(at.member(name), path.child(name), object.get(name));
            }
        }
    }

    private static void require(Policy.Kind kind, Pointer path, JsonNode value) {
        String expected = switch (kind) {
            case COUNTER -> value.isNumber() && OperationsJson.isCountable(value.decimalValue()) ? null : "a number";
            case SET -> value.isArray() ? null : "an array";
            case TEXT -> value.isString() ? null : "a text";
            default -> null;
        };
        if (expected != null) {
            throw refusal(
                    path.toString(),
                    "is to be " + Texts.shown(value.toString()) + " (expected: " + expected + ", as its policy "
                            + kind.label() + " has it)");
        }
    }

    /** @throws Refusal if the path is not one for such operations */
    static void require(@Nullable Policy policy, Operation operation, @Nullable JsonNode old) {
        Policy.Kind wanted = switch (operation) {
            case Operation.Add add -> Policy.Kind.COUNTER;
            case Operation.Elements elements -> Policy.Kind.SET;
            case Operation.Edit edit -> edit.kind();
        };
        if (policy == null ? mayBecome(wanted, old) : policy.kind() == wanted) {
            return;
        }
        String found = policy == null
                ? (old == null ? "has no policy" : "has no policy and holds " + Texts.shown(old.toString()))
                : "has the policy " + policy.kind().label();
        throw refusal(operation.path(), found + " (expected: the policy " + wanted.label() + ")");
    }

    /** A path of which nothing is said may be a counter or a set, if what it holds is. Edits need revisions from the start. */
    private static boolean mayBecome(Policy.Kind wanted, @Nullable JsonNode old) {
        return switch (wanted) {
            case COUNTER -> old == null || (old.isNumber() && OperationsJson.isCountable(old.decimalValue()));
            case SET -> old == null || old instanceof ArrayNode;
            default -> false;
        };
    }

    static Refusal refusal(String path, String why) {
        return new Refusal(Resolution.Reason.NOT_ALLOWED, "path " + Texts.shown(path) + " " + why);
    }
}
