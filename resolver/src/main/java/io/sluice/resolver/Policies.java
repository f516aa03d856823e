package io.sluice.resolver;

import java.util.Map;

/** How conflicts in the contexts of one type are decided. Immutable; safe for use by several threads. */
public final class Policies {

    /** Everything by {@link Policy.Kind#PRIORITY}, and all writers alike. */
    public static final Policies NONE = new Policies(WriterOrder.NONE, Deletion.PRIORITY, Map.of());

    /** Who wins when something is removed while somebody else writes it, or beneath it. */
    public enum Deletion {
        /** As in any other conflict. */
        PRIORITY,
        /** Whoever removes. */
        DELETE,
        /** Whoever writes. What was there before is gone all the same: the removal had seen it. */
        PATCH
    }

    private final WriterOrder order;
    private final Deletion deletion;
    private final PolicyNode root;

    /**
     * @param byPath JSON Pointers, in which {@code *} stands for any member. What has a policy is one register: a write
     *     beneath it is a write of the whole
     * @throws MalformedException naming the path, if two cannot go together
     */
    public Policies(WriterOrder order, Deletion deletion, Map<String, Policy> byPath) {
        this.order = order;
        this.deletion = deletion;
        this.root = PolicyNode.of(byPath);
    }

    WriterOrder order() {
        return order;
    }

    Deletion deletion() {
        return deletion;
    }

    PolicyNode root() {
        return root;
    }
}
