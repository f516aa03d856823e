package io.sluice.resolver;

import java.math.BigDecimal;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** What was added to one counter, and by whom. Immutable. */
final class Increments {

    /** So many are told apart. Then, of the older half, each writer's are taken together two by two. */
    static final int MAX_COUNT = 256;

    static final Increments NONE = new Increments(new Increment[0], BigDecimal.ZERO);

    private final Increment[] all;

    /** Kept, since it is asked for with every addition. */
    private final BigDecimal sum;

    private Increments(Increment[] all, BigDecimal sum) {
        this.all = all;
        this.sum = sum;
    }

    static Increments of(List<Increment> all) {
        return all.isEmpty()
                ? NONE
                : new Increments(
                        all.toArray(Increment[]::new),
                        all.stream().map(Increment::amount).reduce(BigDecimal.ZERO, BigDecimal::add));
    }

    /** Oldest first, about. */
    List<Increment> all() {
        return Collections.unmodifiableList(Arrays.asList(all));
    }

    boolean isEmpty() {
        return all.length == 0;
    }

    BigDecimal sum() {
        return sum;
    }

    Increments with(Increment latest) {
        BigDecimal more = sum.add(latest.amount());
        for (int i = 0; i < all.length; i++) {
            if (all[i].spans(latest)) {
                Increment[] next = all.clone();
                next[i] = all[i].plus(latest);
                return new Increments(next, more);
            }
        }
        Increment[] next = Arrays.copyOf(all, all.length + 1);
        next[all.length] = latest;
        return new Increments(next.length > MAX_COUNT ? paired(next) : next, more);
    }

    /** Where each writer has one only, more than the bound are kept. */
    private static Increment[] paired(Increment[] all) {
        int half = all.length / 2;
        List<Increment> sorted = new ArrayList<>(Arrays.asList(all).subList(0, half));
        sorted.sort(Increment.BY_WRITER);
        List<Increment> pairs = new ArrayList<>();
        for (int i = 0; i < sorted.size(); i++) {
            Increment one = sorted.get(i);
            Increment next = i + 1 < sorted.size() ? sorted.get(i + 1) : null;
            if (next != null && next.writer().equals(one.writer())) {
                pairs.add(one.plus(next));
                i++;
            } else {
                pairs.add(one);
            }
        }
        pairs.addAll(Arrays.asList(all).subList(half, all.length));
        return pairs.toArray(Increment[]::new);
    }

    /**
     * Those that the event has not seen.
     *
     * @throws Refusal if it has seen a part of what was taken together
     */
    Increments unseenBy(Stamp stamp) {
        List<Increment> unseen = new ArrayList<>();
        for (Increment increment : all) {
            if (!increment.isSeenBy(stamp)) {
                unseen.add(increment);
            }
        }
        return unseen.size() == all.length ? this : of(unseen);
    }

    /** Those whose latest addition is not before that time. */
    Increments since(Instant time) {
        return of(Arrays.stream(all)
                .filter(increment -> !increment.last().isBefore(time))
                .toList());
    }

    @Override
    public boolean equals(@Nullable Object other) {
        return other instanceof Increments increments && Arrays.equals(all, increments.all);
    }

    @Override
    public int hashCode() {
        return Arrays.hashCode(all);
    }

    @Override
    public String toString() {
        return Arrays.toString(all);
    }
}
