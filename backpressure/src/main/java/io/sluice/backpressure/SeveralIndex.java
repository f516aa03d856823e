package io.sluice.backpressure;

import io.sluice.resolver.ContextKey;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;

/**
 * Who watches a context among others. Found by the context alone: a selection can name thousands, and to look one up by what it
 * names would cost that much with each update. On the hub's thread.
 *
 * @param <W> what is found, told apart by identity
 */
final class SeveralIndex<W> {

    private record Type(String tenant, String name) {}

    private final Map<Object, Set<W>> byPart = new HashMap<>();

    private static List<Object> parts(Selection.Several several) {
        List<Object> parts = new ArrayList<>(several.keys());
        several.types().forEach(type -> parts.add(new Type(several.tenant(), type)));
        return parts;
    }

    void add(Selection selection, W watching) {
        if (selection instanceof Selection.Several several) {
            for (Object part : parts(several)) {
                byPart.computeIfAbsent(part, any -> Collections.newSetFromMap(new IdentityHashMap<>(2)))
                        .add(watching);
            }
        }
    }

    void remove(Selection selection, W watching) {
        if (selection instanceof Selection.Several several) {
            for (Object part : parts(several)) {
                Set<W> same = byPart.get(part);
                if (same != null && same.remove(watching) && same.isEmpty()) {
                    byPart.remove(part);
                }
            }
        }
    }

    void clear() {
        byPart.clear();
    }

    /** Each once: keys of a type that a selection has as a whole are not in it. */
    void forEach(ContextKey key, Consumer<W> action) {
        if (!byPart.isEmpty()) {
            byPart.getOrDefault(key, Set.of()).forEach(action);
            byPart.getOrDefault(new Type(key.tenant(), key.type()), Set.of()).forEach(action);
        }
    }
}
