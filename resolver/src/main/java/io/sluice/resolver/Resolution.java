package io.sluice.resolver;

import java.util.List;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** What became of an event. A lost conflict is an outcome, never an exception. */
public sealed interface Resolution {

    /** A visible change: the context has a new revision. */
    sealed interface Visible extends Resolution {

        ContextState next();

        /** A merge patch from the revision before to this one; null where none can say it. */
        @Nullable
        ObjectNode delta();

        List<Conflict> conflicts();

        /** Edits of texts and JSON values, as they were applied. */
        List<AppliedOperation> operations();

        /** A merge patch to the revision before, JSON's null if there was no document; null where none can say it. */
        @Nullable
        JsonNode replaced();
    }

    record Applied(
            ContextState next,
            @Nullable ObjectNode delta,
            List<AppliedOperation> operations,
            @Nullable JsonNode replaced)
            implements Visible {

        public Applied {
            operations = List.copyOf(operations);
        }

        public Applied(ContextState next, @Nullable ObjectNode delta, List<AppliedOperation> operations) {
            this(next, delta, operations, null);
        }

        public Applied(ContextState next, @Nullable ObjectNode delta) {
            this(next, delta, List.of());
        }

        @Override
        public List<Conflict> conflicts() {
            return List.of();
        }
    }

    /** A conflict with concurrent writes was decided on the way; the event may have lost it. */
    record Merged(
            ContextState next,
            @Nullable ObjectNode delta,
            List<Conflict> conflicts,
            List<AppliedOperation> operations,
            @Nullable JsonNode replaced)
            implements Visible {

        public Merged {
            conflicts = List.copyOf(conflicts);
            operations = List.copyOf(operations);
        }

        public Merged(
                ContextState next,
                @Nullable ObjectNode delta,
                List<Conflict> conflicts,
                List<AppliedOperation> operations) {
            this(next, delta, conflicts, operations, null);
        }

        public Merged(ContextState next, @Nullable ObjectNode delta, List<Conflict> conflicts) {
            this(next, delta, conflicts, List.of());
        }
    }

    /** Everything in it had been written anew by somebody who had seen it. */
    record Superseded() implements Resolution {}

    /** It asks for what is already so. */
    record Unchanged() implements Resolution {}

    /** The same event was folded before, and made this revision or left it. */
    record Duplicate(@Nullable Revision revision) implements Resolution {}

    record Rejected(Reason reason, String detail) implements Resolution {}

    /** Why an event is refused. */
    enum Reason {
        CONDITION_NOT_MET,
        IDENTITY_REUSED,
        /** Another event of the writer had that counter in its clock. */
        DOT_REUSED,
        CLOCK_WITHOUT_WRITER,
        /** It is so late that nobody knows any more what it was concurrent with. */
        TOO_LATE,
        BASE_VERSION_UNKNOWN,
        REVISION_UNKNOWN,
        /** The operation cannot be read, or does not fit what it is to edit. */
        OPERATION_REFUSED,
        /** The policy of the path does not take such a change. */
        NOT_ALLOWED,
        TOO_LARGE,
        /** The store does not take it; what it says is in the detail. */
        REFUSED_BY_STORE,
        /** A fault of ours: the event is kept, and reported. */
        INTERNAL;

        /** The word for answers and dead letters. */
        public String code() {
            return name().toLowerCase(java.util.Locale.ROOT).replace('_', '-');
        }
    }

    /** The word for answers and the journal. */
    default String kind() {
        return switch (this) {
            case Applied a -> "applied";
            case Merged m -> "merged";
            case Superseded s -> "superseded";
            case Unchanged u -> "unchanged";
            case Duplicate d -> "duplicate";
            case Rejected r -> "rejected";
        };
    }
}
