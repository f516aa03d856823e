package io.sluice.resolver;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.UnaryOperator;

/**
 * What is tracked at one path and beneath it: the writes that nothing at or above their path is causally after. So it is the
 * same whatever the order in which the events came. Immutable; what does not change is shared.
 *
 * @param covers writes of the whole value here. They speak for all that is beneath as well
 * @param ensures events that wrote beneath, and so want an object here
 * @param increments what was added to a counter here
 * @param elements of a set here, by their canonical text: who inserted or removed each
 */
record RegisterNode(
        List<Write> covers,
        List<Stamp> ensures,
        Increments increments,
        SortedMap<String, List<Write>> elements,
        Map<String, RegisterNode> children) {

    static final SortedMap<String, List<Write>> NO_ELEMENTS = new TreeMap<>();

    static final RegisterNode EMPTY = new RegisterNode(List.of(), List.of(), Increments.NONE, NO_ELEMENTS, Map.of());

    boolean isEmpty() {
        return covers.isEmpty() && !isTyped() && ensures.isEmpty() && children.isEmpty();
    }

    /** Whether operations were made on the value itself. */
    boolean isTyped() {
        return !increments.isEmpty() || !elements.isEmpty();
    }

    RegisterNode child(String name) {
        return children.getOrDefault(name, EMPTY);
    }

    boolean isSuperseded(Stamp stamp) {
        return Write.isSuperseded(stamp, covers);
    }

    /** After a write of the whole. @param seesAll whether the event is after everything that is tracked */
    RegisterNode covered(Write write, boolean seesAll) {
        if (seesAll) {
            return new RegisterNode(List.of(write), List.of(), Increments.NONE, NO_ELEMENTS, Map.of());
        }
        RegisterNode left = without(write.stamp());
        return new RegisterNode(
                Write.with(left.covers, write), left.ensures, left.increments, left.elements, left.children);
    }

    /** What the event is not after. */
    private RegisterNode without(Stamp stamp) {
        SortedMap<String, List<Write>> leftElements = new TreeMap<>();
        elements.forEach((element, writes) -> {
            List<Write> left = Write.without(writes, stamp);
            if (!left.isEmpty()) {
                leftElements.put(element, left);
            }
        });
        return new RegisterNode(
                Write.without(covers, stamp),
                ensures.stream().filter(ensure -> !stamp.isAfter(ensure)).toList(),
                increments.unseenBy(stamp),
                leftElements,
                mapped(children, child -> child.without(stamp)));
    }

    /** The children after the change, without those of which nothing is left. */
    static Map<String, RegisterNode> mapped(Map<String, RegisterNode> children, UnaryOperator<RegisterNode> change) {
        Map<String, RegisterNode> left = new LinkedHashMap<>();
        children.forEach((name, child) -> {
            RegisterNode changed = change.apply(child);
            if (!changed.isEmpty()) {
                left.put(name, changed);
            }
        });
        return left;
    }

    /** After a write beneath: what was an unnamed counter or set is an object from then on. */
    RegisterNode entered(Stamp stamp, Map<String, RegisterNode> nextChildren) {
        return new RegisterNode(covers, ensuresWith(stamp), Increments.NONE, NO_ELEMENTS, nextChildren);
    }

    private List<Stamp> ensuresWith(Stamp stamp) {
        if (ensures.isEmpty() || (ensures.size() == 1 && stamp.isAfter(ensures.getFirst()))) {
            return List.of(stamp);
        }
        List<Stamp> all = new ArrayList<>(ensures.size() + 1);
        for (Stamp ensure : ensures) {
            if (ensure.isAfter(stamp)) {
                return ensures;
            }
            if (!stamp.isAfter(ensure)) {
                all.add(ensure);
            }
        }
        all.add(stamp);
        return List.copyOf(all);
    }

    RegisterNode added(Increment increment) {
        return new RegisterNode(covers, ensures, increments.with(increment), elements, children);
    }

    /** After an element was inserted or removed. */
    RegisterNode element(String text, Write write) {
        List<Write> writes = elements.getOrDefault(text, List.of());
        if (Write.isSuperseded(write.stamp(), writes)) {
            return this;
        }
        SortedMap<String, List<Write>> next = new TreeMap<>(elements);
        next.put(text, Write.with(writes, write));
        return new RegisterNode(covers, ensures, increments, next, children);
    }
}
