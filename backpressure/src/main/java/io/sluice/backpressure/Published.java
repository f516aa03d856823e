package io.sluice.backpressure;

import io.sluice.resolver.ContextKey;
import io.sluice.resolver.ContextUpdate;
import io.sluice.resolver.Document;
import io.sluice.resolver.Partition;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** An update on its way out, with what all who watch share: their bytes, and what it is for them. Safe for use by several threads. */
final class Published {

    /** What an update is for a feed with a filter. */
    enum Passage {
        /** The context is in the feed, and was. */
        STAYS,
        /** It is in the feed, and was not, as far as is known. */
        ENTERS,
        /** It is not in the feed any more, or may have been. */
        LEAVES,
        /** It is not in the feed, and was not. */
        PASSES_BY
    }

    /** It is kept for those who come back: what they ask for must not pile up. */
    private static final int MAX_ENCODED = 8;

    private static final int MAX_PASSAGES = 256;

    private final ContextKey key;
    private final Supplier<@Nullable ContextUpdate> update;
    private final Partition partition;
    private final long source;
    private final int weight;
    private final HubEvents events;
    private final Map<Encoded, byte[]> encoded = new HashMap<>(2);
    private final Map<Filter, Passage> passages = new HashMap<>(0);
    private @Nullable Document before;

    private record Encoded(Encoding encoding, Form form) {}

    private enum Form {
        CHANGE,
        WHOLE,
        REMOVED
    }

    Published(Announced announced, HubEvents events) {
        this(
                announced.key(),
                announced::update,
                Partition.of(announced.source()),
                announced.source().offset(),
                announced.bytes(),
                events);
    }

    Published(ContextUpdate update, Partition partition, long source, int weight, HubEvents events) {
        this(update.key(), () -> update, partition, source, weight, events);
    }

    private Published(
            ContextKey key,
            Supplier<@Nullable ContextUpdate> update,
            Partition partition,
            long source,
            int weight,
            HubEvents events) {
        this.key = key;
        this.update = update;
        this.partition = partition;
        this.source = source;
        this.weight = weight;
        this.events = events;
    }

    ContextKey key() {
        return key;
    }

    /** Of one that is not, nothing may be asked that is in the update. */
    boolean isReadable() {
        return update.get() != null;
    }

    ContextUpdate update() {
        return Objects.requireNonNull(update.get());
    }

    Partition partition() {
        return partition;
    }

    /** The source offset behind it: where a cursor stands that has seen it. */
    long next() {
        return source + 1;
    }

    /** About how much memory it takes. */
    int weight() {
        return weight;
    }

    /** Each filter is asked once. */
    synchronized Passage passage(Filter filter) {
        if (filter == Filter.NONE) {
            return Passage.STAYS;
        }
        Passage known = passages.get(filter);
        if (known == null) {
            known = passageOf(filter);
            if (passages.size() == MAX_PASSAGES) {
                passages.clear();
            }
            passages.put(filter, known);
        }
        return known;
    }

    private Passage passageOf(Filter filter) {
        ContextUpdate update = update();
        Filter.Before held = Filter.Before.UNKNOWN;
        if (update.knowsBefore()) {
            if (before == null) {
                before = update.before();
            }
            held = before == null ? Filter.Before.DID_NOT_HOLD : filter.heldBefore(update, before);
        }
        if (!update.state().isDeleted() && filter.holds(update.state(), before)) {
            return held == Filter.Before.HELD ? Passage.STAYS : Passage.ENTERS;
        }
        return held == Filter.Before.DID_NOT_HOLD ? Passage.PASSES_BY : Passage.LEAVES;
    }

    byte[] body(Encoding encoding) {
        return encoded(encoding, Form.CHANGE);
    }

    byte[] whole(Encoding encoding) {
        return encoded(encoding, Form.WHOLE);
    }

    /** That the context is in the feed no more. */
    byte[] removed(Encoding encoding) {
        return encoded(encoding, update().state().isDeleted() ? Form.WHOLE : Form.REMOVED);
    }

    private synchronized byte[] encoded(Encoding encoding, Form form) {
        Encoded wanted = new Encoded(encoding.bodies(), form);
        byte[] known = encoded.get(wanted);
        if (known == null) {
            known = encode(wanted);
            if (encoded.size() == MAX_ENCODED) {
                encoded.clear();
            }
            encoded.put(wanted, known);
        }
        return known;
    }

    private byte[] encode(Encoded wanted) {
        events.encoded();
        return switch (wanted.form) {
            case CHANGE -> wanted.encoding.update(update());
            case WHOLE -> wanted.encoding.whole(update());
            case REMOVED -> wanted.encoding.removed(key);
        };
    }
}
