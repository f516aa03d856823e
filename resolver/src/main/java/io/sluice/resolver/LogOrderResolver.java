package io.sluice.resolver;

import java.util.Optional;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.node.ObjectNode;

/**
 * Folds events in the order of the log.
 *
 * <p>An event is first recognised (a repeat changes nothing, an identity used for something else is refused), then its
 * condition is checked, then its change is made. What asks for what is already so is no visible change.
 */
record LogOrderResolver(Bounds bounds) implements Resolver {

    @Override
    public Resolution resolve(Remembered known, ContextEvent event, LogPosition position) {
        RecentIdentities.Seen seen = known.identities().find(Fingerprint.of(event.identity()), position.time());
        if (seen != null) {
            return seen.content().equals(event.content())
                    ? new Resolution.Duplicate(seen.revision())
                    : new Resolution.Rejected(
                            Resolution.Reason.IDENTITY_REUSED,
                            "event " + shown(event.identity())
                                    + " was folded before with another content (expected: a new event id)");
        }
        ContextState state = known.state();
        if (!event.condition().holds(state)) {
            return new Resolution.Rejected(
                    Resolution.Reason.CONDITION_NOT_MET,
                    "context " + event.key().path() + " " + shown(state) + " (expected: " + shown(event.condition())
                            + ")");
        }
        return change(state, event, position);
    }

    private Resolution change(@Nullable ContextState state, ContextEvent event, LogPosition position) {
        Document before = state == null ? null : state.document();
        Document after = after(before, event.change());
        if (after == null ? before == null : after.equals(before)) {
            return new Resolution.Unchanged();
        }
        if (after != null && after.json().length > bounds.documentBytes()) {
            return tooLarge("document", after.json().length + " bytes", bounds.documentBytes() + " bytes");
        }
        VersionVector clock = clock(state, event, position);
        if (clock.counters().size() > ClockText.MAX_WRITERS) {
            return tooLarge("clock", clock.counters().size() + " writers", ClockText.MAX_WRITERS + " writers");
        }
        ContextState next =
                new ContextState(event.key(), revision(state, position), after, clock, event.cause(), position);
        return new Resolution.Applied(next, delta(before, after));
    }

    private static @Nullable Document after(@Nullable Document before, Change change) {
        return switch (change) {
            case Change.Patch patch ->
                Document.of(MergePatch.apply(before == null ? null : before.tree(), patch.patch()));
            case Change.Replace replace -> Document.of(replace.document());
            case Change.Delete delete -> null;
        };
    }

    private Revision revision(@Nullable ContextState state, LogPosition position) {
        if (state == null) {
            return Revision.FIRST;
        }
        boolean forgotten = state.isDeleted()
                && state.position().time().plus(bounds.tombstoneRetention()).isBefore(position.time());
        return forgotten ? state.revision().nextLife() : state.revision().next();
    }

    private static VersionVector clock(@Nullable ContextState state, ContextEvent event, LogPosition position) {
        VersionVector seen = state == null ? VersionVector.EMPTY : state.clock();
        return event.causality() instanceof Causality.Clock stated
                ? seen.merge(stated.seen())
                : seen.with(VersionVector.reservedWriter(position), position.offset() + 1);
    }

    private static @Nullable ObjectNode delta(@Nullable Document before, @Nullable Document after) {
        if (before == null || after == null) {
            return null;
        }
        Optional<ObjectNode> patch = MergePatch.between(before.tree(), after.tree());
        return patch.orElse(null);
    }

    private static Resolution tooLarge(String what, String found, String expected) {
        return new Resolution.Rejected(
                Resolution.Reason.TOO_LARGE, what + ": " + found + " (expected: at most " + expected + ")");
    }

    private static String shown(Identity identity) {
        return "\"" + Texts.shown(identity.eventId()) + "\" of writer \"" + Texts.shown(identity.writer()) + "\"";
    }

    private static String shown(@Nullable ContextState state) {
        if (state == null) {
            return "does not exist";
        }
        return (state.isDeleted() ? "is deleted, at revision " : "is at revision ") + state.revision();
    }

    private static String shown(Condition condition) {
        return switch (condition) {
            case Condition.None none -> "anything";
            case Condition.Exists exists -> "that it exists";
            case Condition.Absent absent -> "that it does not exist";
            case Condition.At at ->
                "revision " + at.revisions().stream().sorted().toList();
        };
    }
}
