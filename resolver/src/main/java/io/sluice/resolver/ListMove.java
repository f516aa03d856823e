package io.sluice.resolver;

import org.jspecify.annotations.Nullable;

/**
 * The element of a list at one index goes to where it has another. Gaps are counted, too: gap i lies before element i.
 *
 * @param to the index it has afterwards
 */
record ListMove(int from, int to) {

    private boolean isForward() {
        return to > from;
    }

    /** The index that an element has after this move. */
    int element(int index) {
        if (index == from) {
            return to;
        }
        int without = index > from ? index - 1 : index;
        return without >= to ? without + 1 : without;
    }

    /** Where something is inserted after this move that was to be inserted at this index. */
    int gap(int index) {
        return index - (index > from ? 1 : 0) + (index > to ? 1 : 0);
    }

    /** This move after another of the same list; null if there is nothing left to do. */
    @Nullable
    ListMove after(ListMove other, boolean left) {
        if (other.from == other.to) {
            return this;
        }
        if (from == other.from) {
            return left ? new ListMove(other.to, from == to ? other.to : to) : null;
        }
        int start = other.element(from);
        if (from == to) {
            return new ListMove(start, start);
        }
        int gap = isForward() ? to + 1 : to;
        int gapWithout = gap > other.from ? gap - 1 : gap;
        boolean behindOther = gapWithout > other.to || (gapWithout == other.to && isBehind(other, left));
        int end = behindOther ? gapWithout + 1 : gapWithout;
        return new ListMove(start, end > start ? end - 1 : end);
    }

    /** Both go to one gap: the left one is first there, or the one that comes from the front. */
    private boolean isBehind(ListMove other, boolean left) {
        return isForward() == other.isForward() ? !left : !isForward();
    }
}
