package io.sluice.resolver;

import java.util.List;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** Upper estimates of what things take as JSON: to ask for the real length only where it may be too much. */
final class JsonSize {

    /** A character is an escape at most. */
    private static final int PER_CHARACTER = 6;

    private static final int AROUND = 4;
    private static final int NUMBER = 24;
    private static final int CANDIDATE = 200;

    private JsonSize() {}

    static long atMost(@Nullable JsonNode node) {
        if (node == null) {
            return AROUND;
        }
        return switch (node) {
            case ObjectNode object -> {
                long size = AROUND;
                for (var member : object.properties()) {
                    size += text(member.getKey()) + atMost(member.getValue());
                }
                yield size;
            }
            case ArrayNode array -> {
                long size = AROUND;
                for (JsonNode element : array) {
                    size += 1 + atMost(element);
                }
                yield size;
            }
            default -> node.isInt() || node.isLong() ? NUMBER : text(node.asString());
        };
    }

    /** With its quotes and what separates it. */
    private static long text(String text) {
        return AROUND + (long) PER_CHARACTER * text.length();
    }

    static long atMost(Change change) {
        return switch (change) {
            case Change.Patch patch -> atMost(patch.patch());
            case Change.Replace replace -> atMost(replace.document());
            case Change.Delete delete -> 0;
            case Change.Operate operate -> atMost(OperationsJson.json(operate.operations())) + sums(operate);
        };
    }

    /** A sum may have more digits than what is added. */
    private static long sums(Change.Operate operate) {
        return 4L * OperationsJson.MAX_DIGITS * operate.operations().size();
    }

    static long atMost(List<Conflict> conflicts) {
        long size = AROUND;
        for (Conflict conflict : conflicts) {
            size += CANDIDATE + text(conflict.path()) + candidate(conflict.winner());
            size += conflict.failed() == null ? 0 : text(conflict.failed());
            for (Conflict.Candidate loser : conflict.losers()) {
                size += candidate(loser);
            }
        }
        return size;
    }

    private static long candidate(Conflict.Candidate candidate) {
        return CANDIDATE
                + text(candidate.identity().writer())
                + text(candidate.identity().eventId())
                + atMost(candidate.value());
    }

    static long ofOperations(List<AppliedOperation> operations) {
        long size = AROUND;
        for (AppliedOperation operation : operations) {
            size += CANDIDATE + text(operation.path()) + atMost(operation.operation());
        }
        return size;
    }
}
