package io.sluice.backpressure;

import io.sluice.resolver.ContextKey;
import io.sluice.resolver.ContextState;
import io.sluice.resolver.Document;
import io.sluice.resolver.Remembered;
import java.util.Collection;
import java.util.HashMap;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What the owner of a partition remembers of its contexts between batches: bounded in bytes, the least recently used goes
 * first, but never a context of a batch that is not stored yet, since the database does not know it so.
 *
 * <p>Used by one fold at a time; {@link #release} may come from another thread.
 */
final class WorkingSet {

    private static final int OVERHEAD = 400;
    private static final int IDENTITY = 120;

    private final long maxBytes;
    private final LinkedHashMap<ContextKey, Remembered> contexts = new LinkedHashMap<>(16, 0.75f, true);
    private final Map<ContextKey, Integer> pins = new HashMap<>();
    private long bytes;

    WorkingSet(long maxBytes) {
        this.maxBytes = maxBytes;
    }

    synchronized List<ContextKey> missing(Collection<ContextKey> keys) {
        return keys.stream().filter(key -> !contexts.containsKey(key)).toList();
    }

    /** Of a context that is not there, the caller knows that it was never written. */
    synchronized Remembered get(ContextKey key) {
        Remembered remembered = contexts.get(key);
        return remembered == null ? Remembered.NOTHING : remembered;
    }

    /** Keeps these contexts until {@link #release}. To be called before they are loaded. */
    synchronized void pin(Set<ContextKey> keys) {
        keys.forEach(key -> pins.merge(key, 1, Integer::sum));
    }

    synchronized void release(Set<ContextKey> keys) {
        if (keys.isEmpty()) {
            return;
        }
        keys.forEach(key -> pins.computeIfPresent(key, (k, count) -> count == 1 ? null : count - 1));
        evict();
    }

    synchronized void put(ContextKey key, Remembered remembered) {
        bytes += weight(remembered) - weight(contexts.put(key, remembered));
        if (!pins.containsKey(key)) {
            evict(); // Else when it is released: all that is pinned is passed by on the way to what is not.
        }
    }

    private void evict() {
        if (bytes <= maxBytes) {
            return;
        }
        Iterator<Map.Entry<ContextKey, Remembered>> oldest = contexts.entrySet().iterator();
        while (bytes > maxBytes && oldest.hasNext()) {
            var entry = oldest.next();
            if (!pins.containsKey(entry.getKey())) {
                bytes -= weight(entry.getValue());
                oldest.remove();
            }
        }
    }

    private static long weight(@Nullable Remembered remembered) {
        if (remembered == null) {
            return 0;
        }
        ContextState state = remembered.state();
        Document document = state == null ? null : state.document();
        // A tree takes several times the bytes of its text.
        return OVERHEAD
                + (long) IDENTITY * remembered.identities().seen().size()
                + remembered.registers().weight()
                + (document == null ? 0 : 5L * document.json().length);
    }
}
