package io.sluice.gateway.repair;

import io.sluice.gateway.journal.Rebuilding.Row;
import io.sluice.resolver.ContextEvent;
import io.sluice.resolver.ContextState;
import io.sluice.resolver.RecentIdentities;
import io.sluice.resolver.Registers;
import io.sluice.resolver.Remembered;
import io.sluice.resolver.Resolution;
import io.sluice.resolver.Resolved;
import io.sluice.resolver.Resolver;
import org.jspecify.annotations.Nullable;

/**
 * Folds events of which the outcome was said already. What is to be seen is what was said, whatever the rules would make of it
 * now; what the fold remembers beside that is found by folding what had an effect then.
 */
final class Refold {

    private final Resolver resolver;
    private long otherwise;

    Refold(Resolver resolver) {
        this.resolver = resolver;
    }

    /** How many events would be decided otherwise now. */
    long otherwise() {
        return otherwise;
    }

    /** @param event null: the log does not have it, or it cannot be read */
    Remembered next(Remembered before, Row row, @Nullable ContextEvent event) {
        return switch (row.resolution()) {
            case "applied", "merged", "superseded", "unchanged" -> folded(before, row, event);
            // Of these nothing is remembered.
            default -> before;
        };
    }

    private Remembered folded(Remembered before, Row row, @Nullable ContextEvent event) {
        Registers registers = event == null ? unread(before, row) : registers(before, row, event);
        return new Remembered(state(before.state(), row), registers, RecentIdentities.NONE);
    }

    /** Who wrote what cannot be known of a change that nobody can read: all that is there counts as seen by everybody. */
    private static Registers unread(Remembered before, Row row) {
        ContextState after = row.after();
        return row.isVisible() && after != null ? Registers.behind(after.clock()) : before.registers();
    }

    private Registers registers(Remembered before, Row row, ContextEvent event) {
        Resolved now = resolver.resolve(before, event, row.position());
        if (!now.resolution().kind().equals(row.resolution())) {
            otherwise++;
        }
        boolean hasEffect =
                !(now.resolution() instanceof Resolution.Rejected || now.resolution() instanceof Resolution.Duplicate);
        return hasEffect ? now.after().registers() : before.registers();
    }

    private static @Nullable ContextState state(@Nullable ContextState before, Row row) {
        ContextState after = row.after();
        if (row.isVisible() || after == null || before == null) {
            return row.isVisible() ? after : before;
        }
        return new ContextState(
                before.key(),
                before.revision(),
                before.document(),
                after.clock(),
                before.cause(),
                before.position(),
                before.marks());
    }
}
