package io.sluice.resolver;

import java.util.Set;
import org.jspecify.annotations.Nullable;

/** What has to hold when an event is folded, or it is rejected. Not a clock: it says nothing of what a writer had seen. */
public sealed interface Condition {

    boolean holds(@Nullable ContextState state);

    record None() implements Condition {
        @Override
        public boolean holds(@Nullable ContextState state) {
            return true;
        }
    }

    /** The context exists and is not deleted. */
    record Exists() implements Condition {
        @Override
        public boolean holds(@Nullable ContextState state) {
            return state != null && !state.isDeleted();
        }
    }

    /** The context was never written, or is deleted. */
    record Absent() implements Condition {
        @Override
        public boolean holds(@Nullable ContextState state) {
            return state == null || state.isDeleted();
        }
    }

    /** The context stands at one of these revisions. A deletion has a revision too. */
    record At(Set<Revision> revisions) implements Condition {
        public At {
            revisions = Set.copyOf(revisions);
        }

        @Override
        public boolean holds(@Nullable ContextState state) {
            return state != null && revisions.contains(state.revision());
        }
    }

    Condition NONE = new None();
}
