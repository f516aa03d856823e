package io.sluice.resolver;

import java.util.ArrayList;
import java.util.List;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/** The open conflicts of a context while one event is folded. For one thread. */
final class Conflicts {

    private final Policies policies;
    private final TreeMap<String, Conflict> open = new TreeMap<>();

    Conflicts(Policies policies, List<Conflict> before) {
        this.policies = policies;
        before.forEach(conflict -> open.put(conflict.path(), conflict));
    }

    /** By path. */
    List<Conflict> open() {
        return List.copyOf(open.values());
    }

    /** @return whether there was one */
    boolean none(Pointer path) {
        return !open.isEmpty() && open.remove(path.toString()) != null;
    }

    void noneBeneath(Pointer path) {
        if (!open.isEmpty()) {
            String prefix = path + "/";
            open.subMap(prefix, prefix + Character.MAX_VALUE).clear();
        }
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
        open.put(
                path.toString(),
                new Conflict(
                        path.toString(),
                        choice.rule(),
                        candidate(winner),
                        losers.stream().map(Conflicts::candidate).toList(),
                        choice.failed()));
    }

    private static Conflict.Candidate candidate(Write write) {
        return new Conflict.Candidate(
                write.stamp().identity(), write.value(), write.stamp().time());
    }
}
