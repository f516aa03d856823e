package io.sluice.gateway.journal;

import io.sluice.resolver.AppliedOperation;
import io.sluice.resolver.Causality;
import io.sluice.resolver.Cause;
import io.sluice.resolver.Conflict;
import io.sluice.resolver.Document;
import io.sluice.resolver.LogPosition;
import io.sluice.resolver.Revision;
import io.sluice.resolver.VersionVector;
import java.util.List;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.node.ObjectNode;

/**
 * An event that could be read, and what became of it.
 *
 * @param after where the context stood right after it; null: it was not there
 * @param resolution applied, merged, superseded, unchanged, duplicate or rejected
 * @param change patch, replace, delete or ops
 * @param reason of a rejection, with its detail
 * @param causality what the writer had seen, as it said
 * @param clock what the context had seen right after it; empty also where it was not there
 * @param delta of a visible change that can be said so
 * @param document of a visible change that cannot; null also where it is a deletion
 */
public record JournalEntry(
        LogPosition position,
        @Nullable Revision after,
        String resolution,
        String change,
        @Nullable String reason,
        @Nullable String detail,
        Cause cause,
        Causality causality,
        VersionVector clock,
        @Nullable ObjectNode delta,
        @Nullable Document document,
        List<Conflict> conflicts,
        List<AppliedOperation> operations) {

    public JournalEntry {
        conflicts = List.copyOf(conflicts);
        operations = List.copyOf(operations);
    }

    /** Whether the context has another version since. */
    public boolean isVisible() {
        return resolution.equals("applied") || resolution.equals("merged");
    }
}
