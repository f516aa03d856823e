package io.sluice.resolver;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/** The open conflicts of a context while one event is folded. For one thread. */
final class Conflicts {

    private final Policies policies;
    private final List<Conflict> before;

    /** By path; the list that was before, for as long as none is another. */
    private List<Conflict> open;

    Conflicts(Policies policies, List<Conflict> before) {
        this.policies = policies;
        this.before = before;
        this.open = before;
    }

    /** By path. The same list as before, if nothing changed. */
    List<Conflict> open() {
        return open == before || open.equals(before) ? before : open;
    }

    /** @return whether there was one */
    boolean none(Pointer path) {
        if (open.isEmpty()) {
            return false;
        }
        int at = find(path.toString());
        if (at >= 0) {
            changeable().remove(at);
        }
        return at >= 0;
    }

    void noneBeneath(Pointer path) {
        if (!open.isEmpty()) {
            String prefix = path + "/";
            int from = place(find(prefix));
            int to = from;
            while (to < open.size() && open.get(to).path().startsWith(prefix)) {
                to++;
            }
            if (from < to) {
                changeable().subList(from, to).clear();
            }
        }
    }

    /** The index of the conflict at that path, or -1 less the index where it would stand. */
    private int find(String path) {
        int low = 0;
        int high = open.size() - 1;
        while (low <= high) {
            int middle = (low + high) >>> 1;
            int order = open.get(middle).path().compareTo(path);
            if (order == 0) {
                return middle;
            }
            if (order < 0) {
                low = middle + 1;
            } else {
                high = middle - 1;
            }
        }
        return -1 - low;
    }

    private static int place(int found) {
        return found < 0 ? -1 - found : found;
    }

    private List<Conflict> changeable() {
        if (open == before) {
            open = new ArrayList<>(before);
        }
        return open;
    }

    /** The value that is to be seen; what disagrees with it is a conflict. @param writes at least one */
    @Nullable
    JsonNode decide(Pointer path, List<Write> writes, @Nullable Policy policy) {
        Write first = writes.getFirst();
        if (writes.size() == 1 || writes.stream().allMatch(write -> write.says(first.value()))) {
            none(path);
            return first.value();
        }
        return choose(path, writes, policy).value();
    }

    /** The one of several writes, not all alike, that is to be seen. */
    Write choose(Pointer path, List<Write> writes, @Nullable Policy policy) {
        Choice choice = deleted(writes, policy);
        if (choice == null) {
            choice = Choice.among(writes, policy, policies.order());
        }
        put(path, choice, writes);
        return choice.winner();
    }

    /** Between removals and writes, if there are both and that is decided by itself. */
    private @Nullable Choice deleted(List<Write> writes, @Nullable Policy policy) {
        boolean byPriority = policy == null || policy.kind() == Policy.Kind.PRIORITY;
        if (policies.deletion() == Policies.Deletion.PRIORITY || !byPriority) {
            return null;
        }
        boolean removalsWin = policies.deletion() == Policies.Deletion.DELETE;
        List<Write> stronger = writes.stream()
                .filter(write -> (write.value() == null) == removalsWin)
                .toList();
        if (stronger.isEmpty() || stronger.size() == writes.size()) {
            return null;
        }
        Write winner = Choice.among(stronger, null, policies.order()).winner();
        return new Choice(winner, "deletion", null);
    }

    private void put(Pointer path, Choice choice, List<Write> writes) {
        Write winner = choice.winner();
        List<Write> losers = new ArrayList<>(writes.stream()
                .filter(write -> !write.says(winner.value()))
                .sorted(policies.order().comparator.reversed())
                .toList());
        if (losers.stream().allMatch(Write::quiet)) {
            none(path);
            return;
        }
        put(new Conflict(
                path.toString(),
                choice.rule(),
                candidate(winner),
                losers.stream().map(Conflicts::candidate).toList(),
                choice.failed()));
    }

    private void put(Conflict conflict) {
        int at = find(conflict.path());
        if (at < 0) {
            changeable().add(place(at), conflict);
        } else if (!open.get(at).equals(conflict)) {
            changeable().set(at, conflict);
        }
    }

    private static Conflict.Candidate candidate(Write write) {
        return new Conflict.Candidate(
                write.stamp().identity(), write.value(), write.stamp().time());
    }
}
