package io.sluice.resolver;

import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.NullNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * Folds events by causality.
 *
 * <p><b>Recognised.</b> An event is first recognised, by its identity and by its dot: a repeat changes nothing, and an identity or
 * a dot that is used for something else is refused. Then its condition is checked.
 *
 * <p><b>What is concurrent.</b> Two writes are, if neither event had seen the other: if neither's dot is in the other's vector
 * clock (Fidge, 1988; Mattern, 1989). An event that states a clock has the dot that its writer's counter there says. One that names
 * a base version had seen what was seen at that version; one that says nothing had seen all that was folded before it. Both have
 * dots of a reserved writer, one for each partition, whose counter is the offset.
 *
 * <p><b>Registers.</b> The event is entered into a tree of registers, each of which keeps the writes that no other is after
 * ({@link RegisterNode}): that is the same in whatever order the events come. What is to be seen is a function of the tree and of
 * the policies ({@link DocumentView}). Nothing that lost is forgotten before something is after it: causality and priority together
 * are not transitive (a before b, c beside both, and a stronger than c stronger than b), so whoever keeps only winners ends with
 * another document in another order.
 *
 * <p><b>Versions.</b> Whatever changes the document or the open conflicts, or edits a text, makes a new version.
 */
record CausalResolver(Bounds bounds, Policies policies) implements Resolver {

    private static final int UPDATE_SLACK = 32 << 10;

    /** One place in each clock is left for the reserved writer. */
    private static final int MAX_WRITERS = ClockText.MAX_WRITERS - 1;

    @Override
    public Resolved resolve(Remembered known, ContextEvent event, LogPosition position) {
        Fingerprint identity = Fingerprint.of(event.identity());
        RecentIdentities.Seen seen = known.identities().find(identity, position.time());
        if (seen != null) {
            return new Resolved(repeated(event, seen), known);
        }
        try {
            Resolved folded = fold(known, event, position);
            // Of a repeat, which has a place there already, nothing more is remembered.
            return folded.resolution() instanceof Resolution.Duplicate
                    ? folded
                    : new Resolved(folded.resolution(), folded.after().with(event, identity, position));
        } catch (Refusal refusal) {
            return new Resolved(refusal.rejected(), known);
        }
    }

    private static Resolution repeated(ContextEvent event, RecentIdentities.Seen seen) {
        return seen.content().equals(event.content())
                ? new Resolution.Duplicate(seen.revision())
                : new Resolution.Rejected(
                        Resolution.Reason.IDENTITY_REUSED,
                        "event " + shown(event.identity())
                                + " was folded before with another content (expected: a new event id)");
    }

    private Resolved fold(Remembered known, ContextEvent event, LogPosition position) {
        ContextState state = known.state();
        boolean reborn = state != null && isForgotten(state, position);
        Registers before =
                reborn ? known.registers().reborn() : known.registers().swept(position.time(), bounds.horizon());
        Stamping stamping = new Stamping(known, before, bounds.skew());
        if (stamping.isRepeat(event)) {
            return new Resolved(new Resolution.Duplicate(null), known);
        }
        if (!event.condition().holds(state)) {
            throw new Refusal(
                    Resolution.Reason.CONDITION_NOT_MET,
                    "context " + event.key().path() + " " + shown(state) + " (expected: " + shown(event.condition())
                            + ")");
        }
        Stamp stamp = stamping.of(event, position);
        return new Fold(known, before, reborn, event, position, stamp).resolved();
    }

    private boolean isForgotten(ContextState state, LogPosition position) {
        return state.isDeleted()
                && state.position().time().plus(bounds.tombstoneRetention()).isBefore(position.time());
    }

    /** One event on its way into one context. */
    private final class Fold {

        private final Remembered known;
        private final Registers before;
        private final boolean reborn;
        private final ContextEvent event;
        private final LogPosition position;
        private final Stamp stamp;
        private final @Nullable ContextState state;

        Fold(
                Remembered known,
                Registers before,
                boolean reborn,
                ContextEvent event,
                LogPosition position,
                Stamp stamp) {
            this.known = known;
            this.before = before;
            this.reborn = reborn;
            this.event = event;
            this.position = position;
            this.stamp = stamp;
            this.state = known.state();
        }

        Resolved resolved() {
            Document document = state == null ? null : state.document();
            ObjectNode old = document == null ? null : document.tree();
            RegisterWriter writer = new RegisterWriter(policies, stamp, before);
            RegisterNode root = writer.write(event.change(), before.root(), old);
            Marks marks = state == null || reborn ? Marks.NONE : state.marks();
            Conflicts conflicts = new Conflicts(policies, marks.conflicts());
            ObjectNode now = (ObjectNode) new DocumentView(policies, writer.documents(), conflicts)
                    .show(
                            DocumentView.Place.root(policies.root(), root, before.root(), old),
                            Touched.by(event.change()));
            Registers.Past past = before.past().folded(stamp, writer.writes());
            List<Conflict> open = conflicts.open();
            boolean same = now == old;
            if (same && writer.applied().isEmpty() && open == marks.conflicts()) {
                return invisible(new Registers(root, writer.documents(), past), writer.isEffective());
            }
            Document after = same ? document : now == null ? null : Document.of(now, atMost(document, marks));
            ContextState next = new ContextState(
                    event.key(),
                    revision(),
                    after,
                    past.seen(),
                    event.cause(),
                    position,
                    marks(open, writer.documents()));
            requireBounds(next, event);
            Registers registers = new Registers(root, writer.documents(), past.version(past.seen()));
            return new Resolved(
                    visible(next, old, now, writer.applied()), new Remembered(next, registers, known.identities()));
        }

        /** What is seen now was seen before, or is in the change, or was said of a conflict. */
        private long atMost(@Nullable Document document, Marks marks) {
            long before = document == null ? 0 : document.lengthAtMost();
            long more = JsonSize.atMost(event.change()) + JsonSize.atMost(marks.conflicts());
            return before > Long.MAX_VALUE - more ? Long.MAX_VALUE : before + more;
        }

        /** Of an event without a clock that changes nothing, nothing can be asked later. */
        private Resolved invisible(Registers registers, boolean effective) {
            Resolution resolution = effective ? new Resolution.Unchanged() : new Resolution.Superseded();
            boolean traceless = event.causality() instanceof Causality.Unstated;
            Remembered after = traceless
                    ? known
                    : new Remembered(
                            state == null
                                    ? null
                                    : state.withClock(registers.past().seen()),
                            registers,
                            known.identities());
            requireBounds(registers.past().seen(), event);
            return new Resolved(resolution, after);
        }

        private Resolution visible(
                ContextState next,
                @Nullable ObjectNode old,
                @Nullable ObjectNode now,
                List<AppliedOperation> operations) {
            List<Conflict> open = next.marks().conflicts();
            List<Conflict> decided = open.isEmpty()
                    ? open
                    : open.stream()
                            .filter(conflict -> conflict.involves(event.identity()))
                            .toList();
            ObjectNode delta = old == null || now == null
                    ? null
                    : MergePatch.between(old, now).orElse(null);
            if (!next.marks().conflicts().isEmpty() || !operations.isEmpty()) {
                delta = fitting(next, decided, operations, delta);
            }
            long others = JsonSize.atMost(delta)
                    + JsonSize.atMost(decided)
                    + JsonSize.atMost(open)
                    + JsonSize.ofOperations(operations);
            JsonNode replaced = replaced(old, now, room(next) - others);
            return decided.isEmpty()
                    ? new Resolution.Applied(next, delta, operations, replaced)
                    : new Resolution.Merged(next, delta, decided, operations, replaced);
        }

        private Revision revision() {
            if (state == null) {
                return Revision.FIRST;
            }
            return reborn ? state.revision().nextLife() : state.revision().next();
        }
    }

    /** For what goes out beside the document, in bytes. */
    private long room(ContextState next) {
        Document document = next.document();
        long taken = document == null ? 0 : Math.min(bounds.documentBytes(), document.lengthAtMost());
        return 2L * bounds.documentBytes() + UPDATE_SLACK / 2 - taken;
    }

    /** What turns the document into the one before, if it can be said and certainly has room. */
    private static @Nullable JsonNode replaced(@Nullable ObjectNode old, @Nullable ObjectNode now, long room) {
        if (old == null) {
            return NullNode.getInstance();
        }
        return MergePatch.between(now == null ? Json.newObject() : now, old)
                .filter(patch -> JsonSize.atMost(patch) <= room)
                .orElse(null);
    }

    /**
     * An update is one record in the log, for which there is room for two documents and a little: who has much to say of
     * conflicts does without the delta.
     */
    private @Nullable ObjectNode fitting(
            ContextState next, List<Conflict> decided, List<AppliedOperation> operations, @Nullable ObjectNode delta) {
        long room = 2L * bounds.documentBytes() + UPDATE_SLACK;
        Document document = next.document();
        long estimate = (document == null ? 0 : Math.min(bounds.documentBytes(), document.lengthAtMost()))
                + JsonSize.atMost(delta)
                + JsonSize.atMost(decided)
                + JsonSize.atMost(next.marks().conflicts())
                + JsonSize.ofOperations(operations)
                + UPDATE_SLACK / 2;
        if (estimate <= room) {
            return delta;
        }
        ObjectNode extras = Json.newObject();
        MarksJson.putConflicts(extras, decided);
        MarksJson.putOperations(extras, operations);
        MarksJson.put(extras.putObject("open"), next.marks());
        long bytes = Json.bytes(extras).length + (document == null ? 0 : document.json().length);
        if (bytes > room) {
            throw tooLarge("update with its conflicts and edits", bytes + " bytes", room + " bytes");
        }
        return delta != null && bytes + Json.bytes(delta).length > room ? null : delta;
    }

    private static Marks marks(List<Conflict> open, SortedMap<String, SharedDocument> documents) {
        if (open.isEmpty() && documents.isEmpty()) {
            return Marks.NONE;
        }
        SortedMap<String, Long> revisions = new TreeMap<>();
        documents.forEach((path, document) -> revisions.put(path, document.revision()));
        return new Marks(open, revisions);
    }

    private void requireBounds(ContextState next, ContextEvent event) {
        Document document = next.document();
        if (document != null
                && document.lengthAtMost() > bounds.documentBytes()
                && document.json().length > bounds.documentBytes()) {
            throw tooLarge("document", document.json().length + " bytes", bounds.documentBytes() + " bytes");
        }
        requireBounds(next.clock(), event);
        if (JsonSize.atMost(next.marks().conflicts()) > bounds.documentBytes()) {
            ObjectNode json = Json.newObject();
            MarksJson.putConflicts(json, next.marks().conflicts());
            int bytes = Json.bytes(json).length;
            if (bytes > bounds.documentBytes()) {
                throw tooLarge("open conflicts", bytes + " bytes", bounds.documentBytes() + " bytes");
            }
        }
    }

    /** Of those who state clocks. Who states none always has a place left, or nobody could write any more. */
    private static void requireBounds(VersionVector clock, ContextEvent event) {
        if (event.causality() instanceof Causality.Clock && clock.size() > MAX_WRITERS) {
            int[] writers = new int[1];
            clock.forEach((writer, counter) -> writers[0] += writer.startsWith(VersionVector.RESERVED) ? 0 : 1);
            if (writers[0] > MAX_WRITERS) {
                throw tooLarge("clock", writers[0] + " writers", MAX_WRITERS + " in one context");
            }
        }
    }

    private static Refusal tooLarge(String what, String found, String expected) {
        return new Refusal(Resolution.Reason.TOO_LARGE, what + ": " + found + " (expected: at most " + expected + ")");
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
