package io.sluice.resolver;

import java.util.List;
import org.jspecify.annotations.Nullable;
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
    }

    record Applied(ContextState next, @Nullable ObjectNode delta) implements Visible {
        @Override
        public List<Conflict> conflicts() {
            return List.of();
        }
    }

    /** Applied, and a conflict with concurrent writes was decided on the way. */
    record Merged(ContextState next, @Nullable ObjectNode delta, List<Conflict> conflicts) implements Visible {
        public Merged {
            conflicts = List.copyOf(conflicts);
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
