package io.sluice.resolver;

import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SortedMap;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * What is to be seen of the registers, after one event has written into them.
 *
 * <p><b>Candidates.</b> At every path compete the writes of its whole that nothing is after, there or above: those that stand
 * there, and what those above say of it. So a replacement of the document is a write to each of its fields. If there is one, or
 * all say the same, that is the value; else the policy of the path chooses, and there is a conflict.
 *
 * <p><b>Shape.</b> Where some want an object, because they wrote beneath, and others something else, the priority of the writers
 * decides which it is. Who had seen the other wins without asking.
 *
 * <p><b>What is looked at.</b> Only paths where something changed. A value that was decided is not decided again because
 * the policies have changed since: that comes with the next write to its path. What has no candidates is no longer tracked, and
 * stays as it is.
 */
final class DocumentView {

    /** So many concurrent writes can stand at one path. */
    static final int MAX_SIBLINGS = 32;

    private final Policies policies;
    private final SortedMap<String, SharedDocument> documents;
    private final Conflicts conflicts;
    private final TypedView typed;

    DocumentView(Policies policies, SortedMap<String, SharedDocument> documents, Conflicts conflicts) {
        this.policies = policies;
        this.documents = documents;
        this.conflicts = conflicts;
        this.typed = new TypedView(policies.order(), conflicts);
    }

    /**
     * One path, before and after the event.
     *
     * @param inherited what writes above say of it
     * @param same whether they said the same before
     * @param old what was visible
     */
    record Place(
            Pointer path,
            PolicyNode policies,
            RegisterNode now,
            RegisterNode before,
            List<Write> inherited,
            boolean same,
            @Nullable JsonNode old) {

        static Place root(PolicyNode policies, RegisterNode now, RegisterNode before, @Nullable JsonNode old) {
            return new Place(Pointer.ROOT, policies, now, before, List.of(), true, old);
        }

        boolean isUntouched() {
            return same && now == before;
        }

        /** The writes of the whole here. */
        List<Write> candidates() {
            if (inherited.isEmpty()) {
                return now.covers();
            }
            List<Write> all = new ArrayList<>(now.covers());
            for (Write write : inherited) {
                if (!now.isSuperseded(write.stamp())) {
                    all.add(write);
                }
            }
            return all;
        }
    }

    /**
     * @param touched the members to which the event wrote, as an object of objects; null: to everything
     * @return null: there is nothing; of an object, what is visible already, if nothing changed
     * @throws Refusal if there are too many siblings
     */
    @Nullable
    JsonNode show(Place place, @Nullable ObjectNode touched) {
        Policy policy = place.policies().policy();
        SharedDocument document = policy != null && policy.isDocument()
                ? documents.get(place.path().toString())
                : null;
        if (document != null) {
            sayWhoDisagrees(place, policy);
            return document.value();
        }
        if (place.isUntouched() && touched == null) {
            return place.old();
        }
        List<Write> candidates = place.candidates();
        if (candidates.size() > MAX_SIBLINGS) {
            throw new Refusal(
                    Resolution.Reason.TOO_LARGE,
                    "concurrent writes to path " + place.path() + ": " + candidates.size() + " (expected: at most "
                            + MAX_SIBLINGS + ")");
        }
        if (place.now().isTyped() || (policy != null && policy.isTyped())) {
            return typed.show(place, candidates, policy);
        }
        if (policy != null) {
            return candidates.isEmpty()
                    ? place.old()
                    : kept(place.old(), conflicts.decide(place.path(), candidates, policy));
        }
        return register(place, candidates, touched);
    }

    /** What is edited together is as the log has it. Writes of the whole that were concurrent are a conflict there too. */
    private void sayWhoDisagrees(Place place, @Nullable Policy policy) {
        List<Write> candidates = place.candidates();
        if (candidates.size() > 1) {
            conflicts.decide(place.path(), candidates, policy);
        } else {
            conflicts.none(place.path());
        }
    }

    /** The old value, if the new one is no other: what did not change is the same object. */
    private static @Nullable JsonNode kept(@Nullable JsonNode old, @Nullable JsonNode now) {
        return now != null && now.equals(old) ? old : now;
    }

    private @Nullable JsonNode register(Place place, List<Write> candidates, @Nullable ObjectNode touched) {
        List<Write> leaves = leaves(candidates, place.now().ensures());
        boolean objectWanted =
                leaves.size() < candidates.size() || !place.now().ensures().isEmpty();
        if (leaves.isEmpty()) {
            if (!objectWanted && !(place.old() instanceof ObjectNode)) {
                return place.old();
            }
            // Who disagreed about the shape has its say in the members again.
            boolean wasOpen = conflicts.none(place.path());
            return object(place, candidates, List.of(), wasOpen ? null : touched);
        }
        if (!objectWanted) {
            return leaf(place.path(), leaves);
        }
        return shaped(place, candidates, leaves);
    }

    /** Those that say something else than an object, and that nobody who wrote beneath had seen. */
    private static List<Write> leaves(List<Write> candidates, List<Stamp> ensures) {
        List<Write> leaves = new ArrayList<>(candidates.size());
        for (Write write : candidates) {
            if (!write.isObject() && !write.stamp().isBefore(ensures)) {
                leaves.add(write);
            }
        }
        return leaves;
    }

    private @Nullable JsonNode leaf(Pointer path, List<Write> leaves) {
        conflicts.noneBeneath(path);
        return conflicts.decide(path, leaves, null);
    }

    /** Some want an object, and others, at the same time, something else. */
    private @Nullable JsonNode shaped(Place place, List<Write> candidates, List<Write> leaves) {
        List<Write> all = new ArrayList<>(leaves);
        candidates.stream().filter(Write::isObject).forEach(write -> all.add(Written.left(write, place.now())));
        for (Stamp ensure : place.now().ensures()) {
            all.add(new Write(ensure, Written.by(ensure, place.now())));
        }
        conflicts.noneBeneath(place.path());
        Write winner = conflicts.choose(place.path(), all, null);
        if (leaves.contains(winner)) {
            return winner.value();
        }
        return object(place, candidates, leaves, null);
    }

    /** @param lost candidates that are not to be seen here; that is said already */
    private ObjectNode object(Place place, List<Write> candidates, List<Write> lost, @Nullable ObjectNode touched) {
        boolean sameCovers =
                place.same() && place.now().covers() == place.before().covers();
        if (sameCovers && touched != null && place.old() instanceof ObjectNode old) {
            return touchedOnly(place, candidates, old, touched);
        }
        if (!sameCovers || !(place.old() instanceof ObjectNode)) {
            conflicts.noneBeneath(place.path());
        }
        ObjectNode shown = Json.newObject();
        for (String name : names(place, candidates)) {
            JsonNode value = member(place, candidates, lost, name);
            if (value != null) {
                shown.set(name, value);
            }
        }
        return place.old() instanceof ObjectNode old && shown.equals(old) ? old : shown;
    }

    private ObjectNode touchedOnly(Place place, List<Write> candidates, ObjectNode old, ObjectNode touched) {
        ObjectNode shown = old;
        for (Map.Entry<String, JsonNode> member : touched.properties()) {
            String name = member.getKey();
            JsonNode before = old.get(name);
            Place there = new Place(
                    place.path().child(name),
                    place.policies().member(name),
                    place.now().child(name),
                    place.before().child(name),
                    members(candidates, List.of(), name),
                    true,
                    before);
            JsonNode value = show(there, member.getValue() instanceof ObjectNode object ? object : null);
            if (value == null ? before == null : value.equals(before)) {
                continue;
            }
            if (shown == old) {
                shown = Json.newObject();
                shown.setAll(old);
            }
            if (value == null) {
                shown.remove(name);
            } else {
                shown.set(name, value);
            }
        }
        return shown;
    }

    private @Nullable JsonNode member(Place place, List<Write> candidates, List<Write> lost, String name) {
        RegisterNode now = place.now().child(name);
        PolicyNode policy = place.policies().member(name);
        List<Write> inherited = members(candidates, lost, name);
        if (now.isEmpty() && policy.isPlain() && inherited.size() == 1) {
            return inherited.getFirst().value();
        }
        return show(
                new Place(
                        place.path().child(name),
                        policy,
                        now,
                        place.before().child(name),
                        inherited,
                        false,
                        place.old() instanceof ObjectNode object ? object.get(name) : null),
                null);
    }

    private static List<Write> members(List<Write> writes, List<Write> lost, String name) {
        if (writes.isEmpty()) {
            return List.of();
        }
        List<Write> members = new ArrayList<>(writes.size());
        writes.forEach(write -> members.add(write.member(name, lost.contains(write))));
        return members;
    }

    /** In the order of the value that would win, then of the others. */
    private Set<String> names(Place place, List<Write> candidates) {
        Set<String> names = new LinkedHashSet<>();
        candidates.stream()
                .filter(Write::isObject)
                .sorted(policies.order().comparator.reversed())
                .forEach(write -> addNames(names, write.value()));
        if (candidates.isEmpty()) {
            addNames(names, place.old());
        }
        names.addAll(place.now().children().keySet());
        if (place.policies().hasDocuments()) {
            place.policies().membersIn(place.old()).forEach(names::add);
        }
        return names;
    }

    private static void addNames(Set<String> names, @Nullable JsonNode value) {
        if (value instanceof ObjectNode object) {
            names.addAll(object.propertyNames());
        }
    }
}
