package io.sluice.backpressure;

import io.sluice.resolver.ContextKey;
import io.sluice.resolver.ContextState;
import io.sluice.resolver.Partition;
import io.sluice.resolver.Revision;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

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

    /** What to ask for the next page. One at a time. */
    abstract Reads.Question next();

    abstract boolean isFinished();

    /** Whether the subscriber has this update already. Once asked, it has. */
    abstract boolean isNews(Published update);

    /** The cursor to go with what is sent before the tail is reached. */
    abstract Cursor cursor(Hub hub, int selection);

    final int indexOf(Partition partition) {
        return Collections.binarySearch(partitions, partition, Selection.PARTITIONS);
    }

    final void need(Partition partition, long next) {
        int i = indexOf(partition);
        needed[i] = Math.max(needed[i], next);
    }

    sealed interface Page {
        Batch.Shared batches();
    }

    record States(List<ContextState> states, boolean last, Batch.Shared batches) implements Page {
        States(List<ContextState> states, boolean last) {
            this(states, last, new Batch.Shared());
        }
    }

    /** @param next the source offset before which nothing is missing, of what is asked for @param last whether it was all there was */
    record Updates(List<Published> updates, long next, boolean last, Batch.Shared batches) implements Page {
        Updates(List<Published> updates, long next, boolean last) {
            this(updates, next, last, new Batch.Shared());
        }
    }

    /** All that is there now: each context once, whole. First the single ones, then type by type, each in the order of ids. */
    static final class Snapshot extends CatchUp {

        private static final int PAGE_KEYS = 100;

        private final String tenant;
        private final List<ContextKey> keys;
        private final List<String> types;
        /** What pages had and the tail may still bring: little, since the tail is seldom behind the store by much. */
        private final Map<ContextKey, Shown> shown = new HashMap<>();

        /** So many of the keys are walked, and so many of the types. */
        private int walkedKeys;

        private int walkedTypes;
        private byte @Nullable [] frontier;
        private @Nullable String lastId;
        private boolean asked;
        private long contexts;

        Snapshot(Selection selection, List<Partition> partitions) {
            super(partitions);
            switch (selection) {
                case Selection.One one -> {
                    tenant = one.key().tenant();
                    keys = List.of(one.key());
                    types = List.of();
                }
                case Selection.OfType all -> {
                    tenant = all.tenant();
                    keys = List.of();
                    types = List.of(all.type());
                }
                case Selection.Several several -> {
                    tenant = several.tenant();
                    keys = several.keys();
                    types = several.types();
                }
            }
        }

        @Override
        Place place(Published update) {
            ContextKey key = update.key();
            int type = types.indexOf(key.type());
            if (type < 0) {
                int at = Collections.binarySearch(keys, key, Selection.ORDER);
                boolean isAsked = asked && at < walkedKeys + PAGE_KEYS;
                return at < walkedKeys ? Place.WALKED : isAsked ? Place.ASKED : Place.AHEAD;
            }
            boolean behind =
                    type == walkedTypes && frontier != null && Arrays.compareUnsigned(bytes(key.id()), frontier) <= 0;
            if (type < walkedTypes || behind) {
                return Place.WALKED;
            }
            return asked && walkedKeys == keys.size() && type == walkedTypes ? Place.ASKED : Place.AHEAD;
        }

        @Override
        Reads.Question next() {
            asked = true;
            if (walkedKeys < keys.size()) {
                int to = Math.min(keys.size(), walkedKeys + PAGE_KEYS);
                return new Reads.Question.OfKeys(keys.subList(walkedKeys, to));
            }
            return new Reads.Question.OfType(tenant, types.get(walkedTypes), lastId);
        }

        private record Shown(Revision revision, Partition partition, long next) {}

        void walk(ContextState state, Partition partition) {
            shown.put(
                    state.key(),
                    new Shown(state.revision(), partition, state.position().offset() + 1));
            need(partition, state.position().offset() + 1);
        }

        /** @param showed so many of them are in the feed */
        void walked(States page, int showed) {
            asked = false;
            contexts += showed;
            if (walkedKeys < keys.size()) {
                walkedKeys = Math.min(keys.size(), walkedKeys + PAGE_KEYS);
            } else if (page.last()) {
                walkedTypes++;
                frontier = null;
                lastId = null;
            } else {
                lastId = page.states().getLast().key().id();
                frontier = bytes(lastId);
            }
        }

        @Override
        boolean isFinished() {
            return walkedKeys == keys.size() && walkedTypes == types.size();
        }

        @Override
        boolean isNews(Published update) {
            Shown before = shown.get(update.key());
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
        /** Where the tail stood when the page was asked for. */
        private long tail;

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
        Reads.Question next() {
            asked = true;
            tail = hub.seen(partitions.get(current));
            return new Reads.Question.Missed(selection, partitions.get(current), needed[current]);
        }

        void walked(Updates page) {
            asked = false;
            needed[current] = Math.max(needed[current], page.next());
            // What the tail has brought since it was asked was held: however much is written, this comes to an end.
            // What it
            // had brought before, the page need not have, if it was being read for another by then.
            if (needed[current] >= tail) {
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
