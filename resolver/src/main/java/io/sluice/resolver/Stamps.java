package io.sluice.resolver;

import java.util.function.Consumer;

/** Walks what is tracked. */
final class Stamps {

    private Stamps() {}

    /** The stamp of every write, as often as it stands there. Additions to counters have none. */
    static void forEach(RegisterNode node, Consumer<Stamp> action) {
        node.covers().forEach(write -> action.accept(write.stamp()));
        node.ensures().forEach(action);
        node.elements().values().forEach(writes -> writes.forEach(write -> action.accept(write.stamp())));
        node.children().values().forEach(child -> forEach(child, action));
    }
}
