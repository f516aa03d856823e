package io.sluice.backpressure;

import io.sluice.resolver.ContextKey;
import io.sluice.resolver.ContextState;
import io.sluice.resolver.Partition;
import io.sluice.resolver.Remembered;
import java.time.Instant;
import java.util.Collection;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A folded batch of one partition: what is stored together.
 *
 * @param epoch the ownership under which it was folded
 * @param from the offset at which the partition's progress has to stand
 * @param next where it stands afterwards
 * @param announced what is known to be announced: the offset of the first event of which it is not
 * @param outcomes of the events that could be read
 * @param deadLetters of the others, and of what was rejected
 * @param changed what is remembered afterwards of the contexts of which that is not what it was
 */
public record Folded(
        Partition partition,
        long epoch,
        long from,
        long next,
        long announced,
        List<Outcome> outcomes,
        List<OutRecord> deadLetters,
        Map<ContextKey, Remembered> changed) {

    public Folded {
        outcomes = List.copyOf(outcomes);
        deadLetters = List.copyOf(deadLetters);
        changed = Collections.unmodifiableMap(changed);
    }

    /** Of the documents that are stored with it. */
    long bytes() {
        return outcomes.stream().mapToLong(Outcome::bytes).sum();
    }

    /** Log time of the last of its events; null: none could be read. */
    public @Nullable Instant time() {
        return outcomes.isEmpty() ? null : outcomes.getLast().position().time();
    }

    /** The last state of each context that has a new one. */
    public Collection<ContextState> states() {
        Map<ContextKey, ContextState> last = new LinkedHashMap<>();
        for (Outcome outcome : outcomes) {
            var update = outcome.update();
            if (update != null) {
                last.put(update.key(), update.state());
            }
        }
        return last.values();
    }
}
