package io.sluice.resolver;

import java.time.Duration;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/** Finds out what an event had seen, and whether it was folded before. */
record Stamping(Remembered known, Registers registers, Duration skew) {

    /**
     * Whether its dot was folded before.
     *
     * @throws Refusal if the clock does not name its writer, or its dot was used for another change
     */
    boolean isRepeat(ContextEvent event) {
        if (!(event.causality() instanceof Causality.Clock clock)) {
            return false;
        }
        String writer = event.identity().writer();
        long counter = clock.seen().counter(writer);
        if (counter == 0) {
            throw new Refusal(
                    Resolution.Reason.CLOCK_WITHOUT_WRITER,
                    "clock: \"" + Texts.shown(clock.seen().toString()) + "\" (expected: the counter of the writer \""
                            + Texts.shown(writer) + "\" in it)");
        }
        if (!registers.past().dots().of(writer).has(counter)) {
            return false;
        }
        Fingerprint content = content(event, writer, counter);
        if (content != null && !content.equals(event.content())) {
            throw new Refusal(
                    Resolution.Reason.DOT_REUSED,
                    "clock: counter " + counter + " of writer \"" + Texts.shown(writer)
                            + "\" was folded before with another change (expected: a counter of its own)");
        }
        return true;
    }

    /** What the change with that dot was, if that is still known. */
    private @Nullable Fingerprint content(ContextEvent event, String writer, long counter) {
        Fingerprint dot = event.dot();
        RecentIdentities.Seen seen = dot == null ? null : known.identities().withDot(dot);
        if (seen != null) {
            return seen.content();
        }
        Fingerprint[] found = new Fingerprint[1];
        Stamps.forEach(registers.root(), stamp -> {
            if (stamp.counter() == counter && stamp.writer().equals(writer)) {
                found[0] = stamp.content();
            }
        });
        return found[0];
    }

    /** @throws Refusal if it comes too late, or its base version is not known */
    Stamp of(ContextEvent event, LogPosition position) {
        Instant latest = position.time().plus(skew);
        Instant time = event.cause().time();
        return switch (event.causality()) {
            case Causality.Clock clock -> clocked(event, clock.seen(), time.isAfter(latest) ? latest : time, position);
            case Causality.BaseVersion base ->
                unclocked(event, base(base.version(), event), time.isAfter(latest) ? latest : time, position);
            case Causality.Unstated unstated ->
                unclocked(event, registers.past().seen(), time.isAfter(latest) ? latest : time, position);
        };
    }

    private Stamp clocked(ContextEvent event, VersionVector clock, Instant time, LogPosition position) {
        String writer = event.identity().writer();
        long counter = clock.counter(writer);
        requirePast(clock, position);
        if (registers.past().horizon().counter(writer) >= counter
                || registers.past().dots().of(writer).isForgotten(counter)) {
            throw new Refusal(
                    Resolution.Reason.TOO_LATE,
                    "clock: counter " + counter + " of writer \"" + Texts.shown(writer)
                            + "\" is behind the horizon (expected: one that nothing was built upon that long ago)");
        }
        return new Stamp(writer, counter, event.identity(), time, position.time(), clock, event.content());
    }

    /** The counters of reserved writers are offsets: nobody has seen one that is not before its own. */
    private static void requirePast(VersionVector clock, LogPosition position) {
        String own = VersionVector.reservedWriter(position);
        clock.forEach((name, seen) -> {
            if (name.startsWith(VersionVector.RESERVED) && (!name.equals(own) || seen > position.offset())) {
                throw new Refusal(
                        Resolution.Reason.NOT_ALLOWED,
                        "clock: " + Texts.shown(name) + " at " + seen
                                + " was not there to be seen (expected: what Sluice-Clock of this context said)");
            }
        });
    }

    private static Stamp unclocked(ContextEvent event, VersionVector base, Instant time, LogPosition position) {
        String writer = VersionVector.reservedWriter(position);
        long counter = position.offset() + 1;
        return new Stamp(writer, counter, event.identity(), time, position.time(), base, null);
    }

    private VersionVector base(long version, ContextEvent event) {
        ContextState state = known.state();
        long current = state == null ? 0 : state.revision().version();
        VersionVector clock =
                version == current ? registers.past().seen() : registers.past().at(version, current);
        if (clock == null) {
            String expected = version > current ? "at most " + current : "one of the latest " + Registers.MAX_VERSIONS;
            throw new Refusal(
                    Resolution.Reason.BASE_VERSION_UNKNOWN,
                    "base version of " + event.key().path() + ": " + version + " (expected: " + expected + ")");
        }
        return clock;
    }
}
