package io.sluice.resolver;

import java.util.ArrayList;
import java.util.List;

/** Edits that are done one after the other; how one follows another may make one of both. */
abstract class Edits<E> {

    final List<E> list;

    Edits(List<E> edits) {
        list = new ArrayList<>(edits);
    }

    abstract void append(E edit);

    /** None, of the same type. */
    abstract Edits<E> none();

    /** What remains of one edit after another, appended to the result. */
    abstract void transform(E edit, E other, boolean left, Edits<E> result);

    /** Not to be appended to any more. */
    List<E> list() {
        return list;
    }
}
