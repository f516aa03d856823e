package io.sluice.backpressure;

import io.sluice.resolver.ContextKey;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Which selections of several contexts or types have a context. On the hub's thread. */
final class SeveralIndex {

    private record Type(String tenant, String name) {}

    private final Map<Object, Set<Selection>> byPart = new HashMap<>();

    private static List<Object> parts(Selection.Several several) {
        List<Object> parts = new java.util.ArrayList<>(several.keys());
        several.types().forEach(type -> parts.add(new Type(several.tenant(), type)));
        return parts;
    }

    void add(Selection selection) {
        if (selection instanceof Selection.Several several) {
            parts(several)
                    .forEach(part -> byPart.computeIfAbsent(part, any -> new LinkedHashSet<>())
                            .add(several));
        }
    }

    void remove(Selection selection) {
        if (selection instanceof Selection.Several several) {
            for (Object part : parts(several)) {
                Set<Selection> same = byPart.get(part);
                if (same != null && same.remove(several) && same.isEmpty()) {
                    byPart.remove(part);
                }
            }
        }
    }

    /** Each once: keys of a type that a selection has as a whole are not in it. */
    Collection<Selection> of(ContextKey key) {
        if (byPart.isEmpty()) {
            return List.of();
        }
        Set<Selection> ofKey = byPart.getOrDefault(key, Set.of());
        Set<Selection> ofType = byPart.getOrDefault(new Type(key.tenant(), key.type()), Set.of());
        if (ofType.isEmpty()) {
            return ofKey;
        }
        Set<Selection> all = new LinkedHashSet<>(ofKey);
        all.addAll(ofType);
        return all;
    }
}
