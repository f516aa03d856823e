package io.sluice.resolver;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Carries two lists of edits past each other, where it is known how one edit passes another. Each edit on the right passes
 * all on the left in turn; one that falls into several on its way goes on as a list of its own, with what is left of the left
 * ones. That may nest as deep as there are edits, so it is done without recursion.
 */
final class Diamond<E> {

    private final Edits<E> type;
    private final List<E> rights;
    private final Edits<E> newRights;
    private int nextRight;

    /** From {@link #firstLeft} on, what remains of the left ones after the right ones that have passed. */
    private List<E> lefts;

    private int firstLeft;

    private Edits<E> newLefts;

    private Diamond(Edits<E> type, List<E> lefts, int firstLeft, List<E> rights) {
        this.type = type;
        this.lefts = lefts;
        this.firstLeft = firstLeft;
        this.rights = rights;
        this.newRights = type.none();
        this.newLefts = type.none();
    }

    /** What remains of the edits after the others. */
    static <E> List<E> transform(Edits<E> type, List<E> edits, List<E> others, boolean left) {
        if (others.isEmpty()) {
            return edits;
        }
        Diamond<E> diamond = new Diamond<>(type, left ? edits : others, 0, left ? others : edits);
        diamond.cross();
        return left ? diamond.lefts : diamond.newRights.list();
    }

    private void cross() {
        Deque<Diamond<E>> unfinished = new ArrayDeque<>(List.of(this));
        while (true) {
            Diamond<E> inner = unfinished.element().advance();
            if (inner != null) {
                unfinished.push(inner);
                continue;
            }
            Diamond<E> done = unfinished.remove();
            if (unfinished.isEmpty()) {
                return;
            }
            unfinished.element().join(done);
        }
    }

    /** Goes on until all have passed, or until the one that is returned has to be crossed and joined first. */
    private @Nullable Diamond<E> advance() {
        while (nextRight < rights.size()) {
            E right = rights.get(nextRight++);
            newLefts = type.none();
            for (int i = firstLeft; i < lefts.size(); i++) {
                Edits<E> passed = type.none();
                type.transform(lefts.get(i), right, true, newLefts);
                type.transform(right, lefts.get(i), false, passed);
                if (passed.list().size() != 1) {
                    return new Diamond<>(type, lefts, i + 1, passed.list());
                }
                right = passed.list().getFirst();
            }
            newRights.append(right);
            replaceLefts();
        }
        return null;
    }

    private void join(Diamond<E> inner) {
        inner.lefts.listIterator(inner.firstLeft).forEachRemaining(newLefts::append);
        inner.newRights.list().forEach(newRights::append);
        replaceLefts();
    }

    private void replaceLefts() {
        lefts = newLefts.list();
        firstLeft = 0;
    }
}
