package io.sluice.resolver;

import java.math.BigDecimal;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;

/**
 * What is to be seen of counters and sets.
 *
 * <p>A counter is the number that a whole write set, and all that was added by events which no whole write had seen (Shapiro et
 * al., 2011, with resets). A set has each element that somebody inserted, in a whole write or by itself, whose insertion nobody
 * had seen who removed it (the observed-remove set of the same).
 */
final class TypedView {

    private static final Comparator<Stamp> BY_TIME = Comparator.comparing(Stamp::time)
            .thenComparing(stamp -> stamp.identity().writer())
            .thenComparing(stamp -> stamp.identity().eventId());

    private final WriterOrder order;
    private final Conflicts conflicts;

    TypedView(WriterOrder order, Conflicts conflicts) {
        this.order = order;
        this.conflicts = conflicts;
    }

    @Nullable
    JsonNode show(DocumentView.Place place, List<Write> candidates, @Nullable Policy policy) {
        conflicts.noneBeneath(place.path());
        boolean set = policy == null ? !place.now().elements().isEmpty() : policy.kind() == Policy.Kind.SET;
        return set ? set(place, candidates) : counter(place, candidates);
    }

    private @Nullable JsonNode counter(DocumentView.Place place, List<Write> candidates) {
        Increments increments = place.now().increments();
        JsonNode base = candidates.isEmpty() ? untrackedBase(place) : conflicts.decide(place.path(), candidates, null);
        if (increments.isEmpty() || (base != null && !isCountable(base))) {
            return base;
        }
        BigDecimal sum = increments.sum();
        return Json.number(base == null ? sum : base.decimalValue().add(sum));
    }

    /** A number that is too large to be added to stands as it is, as what is no number does. */
    private static boolean isCountable(JsonNode base) {
        return base.isNumber() && OperationsJson.isCountable(base.decimalValue());
    }

    /** What was visible without what is known to have been added. */
    private static @Nullable JsonNode untrackedBase(DocumentView.Place place) {
        JsonNode old = place.old();
        Increments before = place.before().increments();
        if (old == null || !isCountable(old) || before.isEmpty()) {
            return old;
        }
        return Json.number(old.decimalValue().subtract(before.sum()));
    }

    private @Nullable JsonNode set(DocumentView.Place place, List<Write> candidates) {
        conflicts.none(place.path());
        Write strongest = candidates.stream().max(order.comparator).orElse(null);
        if (strongest != null && strongest.value() != null && !strongest.value().isArray()) {
            return strongest.value();
        }
        Map<String, JsonNode> shown = new LinkedHashMap<>();
        if (candidates.isEmpty()) {
            addUntracked(shown, place);
        } else {
            candidates.stream().sorted(order.comparator.reversed()).forEach(cover -> addCovered(shown, cover, place));
        }
        place.now().elements().values().stream()
                .map(TypedView::firstInsertion)
                .filter(Objects::nonNull)
                .sorted(Comparator.comparing(Write::stamp, BY_TIME))
                .map(Write::value)
                .filter(Objects::nonNull)
                .forEach(element -> shown.putIfAbsent(CanonicalJson.text(element), element));
        boolean nothing = candidates.isEmpty()
                ? place.old() == null
                : candidates.stream().allMatch(cover -> cover.value() == null);
        if (shown.isEmpty() && nothing && place.now().elements().isEmpty()) {
            return null;
        }
        ArrayNode array = Json.newArray();
        shown.values().forEach(array::add);
        return array;
    }

    private static void addUntracked(Map<String, JsonNode> shown, DocumentView.Place place) {
        if (place.old() instanceof ArrayNode old) {
            for (JsonNode element : old) {
                String text = CanonicalJson.text(element);
                boolean tracked = place.before().elements().containsKey(text)
                        || place.now().elements().containsKey(text);
                if (!tracked) {
                    shown.putIfAbsent(text, element);
                }
            }
        }
    }

    private static void addCovered(Map<String, JsonNode> shown, Write cover, DocumentView.Place place) {
        if (cover.value() instanceof ArrayNode array) {
            for (JsonNode element : array) {
                String text = CanonicalJson.text(element);
                List<Write> writes = place.now().elements().getOrDefault(text, List.of());
                if (firstInsertion(writes) != null || !Write.isSuperseded(cover.stamp(), writes)) {
                    shown.putIfAbsent(text, element);
                }
            }
        }
    }

    private static @Nullable Write firstInsertion(List<Write> writes) {
        return writes.stream()
                .filter(write -> write.value() != null)
                .min(Comparator.comparing(Write::stamp, BY_TIME))
                .orElse(null);
    }
}
