package io.sluice.resolver;

/** What the writer of an event had seen. */
public sealed interface Causality {

    /** The writer does not say: the event is based on what is resolved when it is folded. */
    record Unstated() implements Causality {}

    /** The writer's clock, its own counter (the event's dot) included. */
    record Clock(VersionVector seen) implements Causality {}

    /** The version that the writer had read. */
    record BaseVersion(long version) implements Causality {
        public BaseVersion {
            if (version < 1) {
                throw new MalformedException(
                        "malformed-base-version", "base version: " + version + " (expected: >= 1)");
            }
        }
    }

    Causality UNSTATED = new Unstated();
}
