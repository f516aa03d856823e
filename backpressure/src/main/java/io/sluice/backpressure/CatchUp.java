package io.sluice.backpressure;

import io.sluice.resolver.ContextKey;
import io.sluice.resolver.ContextState;
import io.sluice.resolver.Partition;
import io.sluice.resolver.Revision;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Mono;

/**
 * How a subscriber gets from where it stands to where the tail is, page by page, while updates go on. On the hub's thread.
 *
 * <p>The selection is walked in some order. An update of what has been walked already goes straight to the subscriber, unless a
 * page had it. One of what is being asked for right now is held until the answer is there. One of what comes later is dropped:
 * the page that will be asked for has it, since whatever is announced is stored.
 */
abstract sealed class CatchUp {

    enum Place {
        WALKED,
        ASKED,
        AHEAD
    }

    final List<Partition> partitions;
    /** Per partition: as far as the tail has to come until a cursor of it says all there is to say. */
    final long[] needed;

    private CatchUp(List<Partition> partitions) {
        this.partitions = partitions;
        this.needed = new long[partitions.size()];
    }

    abstract Place place(Published update);

    /** Asks for the next page. One at a time. */
    abstract Mono<? extends Page> next();

    abstract boolean isFinished();

    /** Whether the subscriber has this update already. Once asked, it has. */
    abstract boolean isNews(Published update);

    /** The cursor to go with what is sent before the tail is reached. */
    abstract Cursor cursor(Hub hub, int selection);

    final int indexOf(Partition partition) {
        return partition.number() - partitions.getFirst().number();
    }

    final void need(Partition partition, long next) {
        int i = indexOf(partition);
        needed[i] = Math.max(needed[i], next);
    }

    sealed interface Page {}

    record States(List<ContextState> states, boolean last) implements Page {}

    record Updates(List<Published> updates, long next, boolean last) implements Page {}

    /** All that is there now: each context once, whole. */
    static final class Snapshot extends CatchUp {

        private final FeedSource source;
        private final Selection selection;
        /** What pages had and the tail may still bring: little, since the tail is seldom behind the store by much. */
        private final Map<ContextKey, Shown> shown = new HashMap<>();

        private byte @Nullable [] frontier;
        private @Nullable String lastId;
        private boolean asked;
        private boolean finished;
        private long contexts;

        Snapshot(FeedSource source, Selection selection, List<Partition> partitions) {
            super(partitions);
            this.source = source;
            this.selection = selection;
        }

        @Override
        Place place(Published update) {
            if (finished
                    || (frontier != null
                            && Arrays.compareUnsigned(
                                            bytes(update.update().key().id()), frontier)
                                    <= 0)) {
                return Place.WALKED;
            }
            return asked ? Place.ASKED : Place.AHEAD;
        }

        @Override
        Mono<States> next() {
            asked = true;
            return switch (selection) {
                case Selection.One one ->
                    source.state(one.key()).map(Optional::stream).map(found -> new States(found.toList(), true));
                case Selection.OfType all ->
                    source.states(all.tenant(), all.type(), lastId).map(page -> new States(page.states(), page.last()));
            };
        }

        private record Shown(Revision revision, Partition partition, long next) {}

        /** @return whether there is something to show of it */
        boolean walk(ContextState state, Partition partition) {
            shown.put(
                    state.key(),
                    new Shown(state.revision(), partition, state.position().offset() + 1));
            need(partition, state.position().offset() + 1);
            boolean shows = selection.shows(state);
            contexts += shows ? 1 : 0;
            return shows;
        }

        void walked(States page) {
            asked = false;
            finished = page.last();
            if (!page.states().isEmpty()) {
                lastId = page.states().getLast().key().id();
                frontier = bytes(lastId);
            }
        }

        @Override
        boolean isFinished() {
            return finished;
        }

        @Override
        boolean isNews(Published update) {
            Shown before = shown.get(update.update().key());
            return before == null || update.update().revision().isAfter(before.revision());
        }

        /** What the tail has passed it does not bring again. To be called when nothing is held any more. */
        void forgetWhatIsPassed(Hub hub) {
            shown.values().removeIf(page -> hub.seen(page.partition()) >= page.next());
        }

        long contexts() {
            return contexts;
        }

        @Override
        Cursor cursor(Hub hub, int hash) {
            return new Cursor(hash, hub.now(), false, new long[partitions.size()]);
        }

        private static byte[] bytes(String id) {
            return id.getBytes(StandardCharsets.UTF_8);
        }
    }

    /** All that was missed: each change once, in the order of its partition. */
    static final class Replay extends CatchUp {

        private final Hub hub;
        private final Selection selection;
        private int current;
        private boolean asked;

        Replay(Hub hub, Selection selection, List<Partition> partitions, long[] next) {
            super(partitions);
            this.hub = hub;
            this.selection = selection;
            System.arraycopy(next, 0, needed, 0, next.length);
        }

        @Override
        Place place(Published update) {
            int i = indexOf(update.partition());
            if (i < current) {
                return Place.WALKED;
            }
            return i == current && asked ? Place.ASKED : Place.AHEAD;
        }

        @Override
        Mono<Updates> next() {
            asked = true;
            return hub.updates(selection, partitions.get(current), needed[current]);
        }

        void walked(Updates page) {
            asked = false;
            needed[current] = Math.max(needed[current], page.next());
            if (page.last()) {
                current++;
            }
        }

        @Override
        boolean isFinished() {
            return current == partitions.size();
        }

        @Override
        boolean isNews(Published update) {
            int i = indexOf(update.partition());
            if (update.next() <= needed[i]) {
                return false;
            }
            needed[i] = update.next();
            return true;
        }

        @Override
        Cursor cursor(Hub hub, int hash) {
            return new Cursor(hash, hub.now(), true, needed.clone());
        }
    }
}
