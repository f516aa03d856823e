package io.sluice.resolver;

import java.util.Comparator;
import java.util.List;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.NullNode;

/**
 * Which of the concurrent writes to one path is to be seen.
 *
 * @param rule what decided, as conflicts name it
 * @param failed why the rule of the path could not
 */
record Choice(Write winner, String rule, @Nullable String failed) {

    /** Values of different kinds come in this order; null stands for a removal, below all of them. */
    private static final Comparator<@Nullable JsonNode> VALUES =
            Comparator.<@Nullable JsonNode>comparingInt(Choice::kind).thenComparing(Choice::compareSameKind);

    /** @param writes at least two @param policy null: the priority of the writers */
    static Choice among(List<Write> writes, @Nullable Policy policy, WriterOrder order) {
        List<Write> sorted = writes.stream().sorted(order.comparator.reversed()).toList();
        Policy.Kind kind = policy == null ? Policy.Kind.PRIORITY : policy.kind();
        return switch (kind) {
            case MAX -> of(kind, best(sorted, VALUES));
            case MIN ->
                of(
                        kind,
                        best(
                                sorted,
                                Comparator.<@Nullable JsonNode, Boolean>comparing(value -> value != null)
                                        .thenComparing(VALUES.reversed())));
            case FIRST -> of(kind, earliest(sorted));
            case MANUAL -> of(kind, sorted.getFirst());
            case CEL -> byRule(sorted, policy, order);
            case PRIORITY, COUNTER, SET, TEXT, JSON -> byOrder(sorted, order, null);
        };
    }

    private static Choice of(Policy.Kind kind, Write winner) {
        return new Choice(winner, kind.label(), null);
    }

    static Choice byOrder(List<Write> sorted, WriterOrder order, @Nullable String failed) {
        Write winner = sorted.getFirst();
        for (Write other : sorted) {
            if (!winner.says(other.value())) {
                return new Choice(winner, order.criterion(winner, other), failed);
            }
        }
        return new Choice(winner, "priority", failed);
    }

    /** Among equals the first. */
    private static Write best(List<Write> sorted, Comparator<@Nullable JsonNode> comparator) {
        Write best = sorted.getFirst();
        for (Write write : sorted) {
            if (comparator.compare(write.value(), best.value()) > 0) {
                best = write;
            }
        }
        return best;
    }

    private static Write earliest(List<Write> sorted) {
        Write earliest = sorted.getFirst();
        for (Write write : sorted) {
            if (write.stamp().time().isBefore(earliest.stamp().time())) {
                earliest = write;
            }
        }
        return earliest;
    }

    private static Choice byRule(List<Write> sorted, @Nullable Policy policy, WriterOrder order) {
        Rule rule = policy == null ? null : policy.rule();
        if (rule == null) {
            return byOrder(sorted, order, null);
        }
        try {
            int index = rule.choose(
                    sorted.stream().map(write -> candidate(write, order)).toList());
            return index >= 0 && index < sorted.size()
                    ? of(Policy.Kind.CEL, sorted.get(index))
                    : byOrder(sorted, order, "index: " + index + " (expected: 0 to " + (sorted.size() - 1) + ")");
        } catch (RuntimeException e) {
            return byOrder(sorted, order, Texts.shown(String.valueOf(e.getMessage())));
        }
    }

    private static Rule.Candidate candidate(Write write, WriterOrder order) {
        Stamp stamp = write.stamp();
        String writer = stamp.identity().writer();
        JsonNode value = write.value();
        return new Rule.Candidate(
                value == null ? NullNode.getInstance() : value,
                writer,
                order.classOf(writer),
                stamp.time(),
                stamp.identity().eventId());
    }

    private static int kind(@Nullable JsonNode value) {
        if (value == null) {
            return 0;
        }
        return switch (value.getNodeType()) {
            case NULL -> 1;
            case BOOLEAN -> 2;
            case NUMBER -> 3;
            case STRING -> 4;
            case ARRAY -> 5;
            default -> 6;
        };
    }

    private static int compareSameKind(@Nullable JsonNode a, @Nullable JsonNode b) {
        if (a == null || b == null) {
            return 0;
        }
        return switch (a.getNodeType()) {
            case BOOLEAN -> Boolean.compare(a.asBoolean(), b.asBoolean());
            case NUMBER -> a.decimalValue().compareTo(b.decimalValue());
            case STRING -> a.asString().compareTo(b.asString());
            default -> 0;
        };
    }
}
