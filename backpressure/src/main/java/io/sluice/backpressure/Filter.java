package io.sluice.backpressure;

import io.sluice.resolver.ContextState;
import io.sluice.resolver.ContextUpdate;
import io.sluice.resolver.Document;
import org.jspecify.annotations.Nullable;

/**
 * Which contexts of its selection a feed has, by what they are. Two that are equal hold for the same contexts, and are asked
 * once. Stateless; called on any thread, and never fails: what cannot be decided does not hold.
 */
public interface Filter {

    /** Whether it held before a change. */
    enum Before {
        HELD,
        DID_NOT_HOLD,
        UNKNOWN
    }

    /** Everything. */
    Filter NONE = new Filter() {

        @Override
        public String name() {
            return "";
        }

        @Override
        public boolean holds(ContextState state, @Nullable Document before) {
            return true;
        }

        @Override
        public Before heldBefore(ContextUpdate update, Document before) {
            return Before.HELD;
        }
    };

    /** Tells it from every other filter, on every node. */
    String name();

    /**
     * Whether it holds of a context that is not deleted.
     *
     * @param before the document before the change that made the state; null: there was none, or it is not known
     */
    boolean holds(ContextState state, @Nullable Document before);

    /**
     * Whether it held of a context as it was before a change.
     *
     * @param before the document then
     */
    Before heldBefore(ContextUpdate update, Document before);
}
