package io.sluice.resolver;

import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.LongFunction;
import java.util.stream.LongStream;
import java.util.stream.Stream;
import tools.jackson.databind.JsonNode;

/** Compares what we say with what the oracle says, case by case, and counts what was met. */
final class OracleComparison<O> {

    private static final int BATCH = 2_000;
    private static final long PROGRESS = 500_000;

    private final Oracle oracle;
    private final LongFunction<OracleCase<O>> cases;
    private final Map<String, Map<String, Long>> pairs = new TreeMap<>();

    /** Where we differ on purpose: by the reason, in how many cases. */
    private final Map<String, Long> differences = new TreeMap<>();

    OracleComparison(Oracle oracle, LongFunction<OracleCase<O>> cases) {
        this.oracle = oracle;
        this.cases = cases;
    }

    Map<String, Map<String, Long>> pairs() {
        return pairs;
    }

    /** While the oracle answers one batch, the next is made and the last compared. */
    void run(long firstSeed, long count) {
        long start = System.nanoTime();
        List<OracleCase<O>> asked = List.of();
        CompletableFuture<List<JsonNode>> answers = CompletableFuture.completedFuture(List.of());
        for (long from = 0; from < count; from += BATCH) {
            List<OracleCase<O>> batch = LongStream.range(from, Math.min(count, from + BATCH))
                    .mapToObj(i -> cases.apply(firstSeed + i))
                    .toList();
            List<JsonNode> answered = answers.join();
            answers = CompletableFuture.supplyAsync(() ->
                    oracle.answers(batch.stream().map(OracleCase::question).toList()));
            compare(asked, answered);
            asked = batch;
            if ((from + BATCH) % PROGRESS < BATCH) {
                long seconds = TimeUnit.NANOSECONDS.toSeconds(System.nanoTime() - start);
                System.out.printf("%,d of %,d cases, %,d s%n", Math.min(count, from + BATCH), count, seconds);
            }
        }
        compare(asked, answers.join());
    }

    private void compare(List<OracleCase<O>> asked, List<JsonNode> answers) {
        for (int i = 0; i < asked.size(); i++) {
            OracleCase<O> each = asked.get(i);
            String difference = difference(each, answers.get(i), true);
            if (difference != null) {
                OracleCase<O> small = smallest(each);
                throw new AssertionError(difference(small, ask(small), false) + "\n  in the case " + small);
            }
            count(each);
        }
    }

    private JsonNode ask(OracleCase<O> question) {
        return oracle.answers(List.of(question.question())).getFirst();
    }

    private OracleCase<O> smallest(OracleCase<O> failing) {
        OracleCase<O> smallest = failing;
        for (boolean isLess = true; isLess; ) {
            OracleCase<O> less = smallest.smaller()
                    .filter(each -> difference(each, ask(each), false) != null)
                    .findFirst()
                    .orElse(null);
            isLess = less != null;
            smallest = isLess ? less : smallest;
        }
        return smallest;
    }

    private void count(OracleCase<O> each) {
        if (each.isHostile()) {
            return;
        }
        List<String> others = each.type().kinds(each.question().get("b"));
        for (String kind : each.type().kinds(each.question().get("a"))) {
            others.forEach(
                    other -> pairs.computeIfAbsent(kind, k -> new TreeMap<>()).merge(other, 1L, Long::sum));
        }
    }

    /** Null if we agree, or differ on purpose. */
    private String difference(OracleCase<O> each, JsonNode theirs, boolean counted) {
        JsonNode ours;
        try {
            ours = each.answer();
        } catch (MalformedException e) {
            if (each.isHostile() && theirs.has("refused")) {
                return known("both refuse", counted);
            }
            return each.isHostile()
                    ? known(
                            "only we refuse: "
                                    + e.getMessage()
                                            .replaceAll("^.*?\\(expected: (.*)\\)$", "$1")
                                            .replaceAll("\\d+", "n")
                                            .replaceAll("\".*\"", "..."),
                            counted)
                    : "we refuse: " + e.getMessage();
        }
        if (JavaScript.equal(ours, theirs)) {
            return each.isHostile() ? known("both accept, with the same outcome", counted) : null;
        }
        String purpose = purpose(each, ours, theirs);
        return purpose == null ? "ours   " + ours + "\n  oracle " + theirs : known(purpose, counted);
    }

    private String known(String reason, boolean counted) {
        if (counted) {
            differences.merge(reason, 1L, Long::sum);
        }
        return null;
    }

    /** Why we differ on purpose; null if we do not. */
    private String purpose(OracleCase<O> each, JsonNode ours, JsonNode theirs) {
        if (each.isHostile()) {
            return each.question().toString().contains("__proto__") ? "a member __proto__ is none in JavaScript" : null;
        }
        if (!bothForms(each) || !each.closes(ours.get("left"), ours.get("right"))) {
            return null;
        }
        if (theirs.has("refused")) {
            return "text0 against si or sd: the oracle leaves both as they are, and fails";
        }
        if (!Stream.of("applied", "composed", "inverse")
                .allMatch(name -> JavaScript.equal(ours.get(name), theirs.get(name)))) {
            return null;
        }
        return each.closes(theirs.get("left"), theirs.get("right"))
                ? "text0 against si or sd: the oracle leaves both as they are, without harm"
                : "text0 against si or sd: the oracle leaves both as they are, and diverges";
    }

    private static <O> boolean bothForms(OracleCase<O> each) {
        Set<String> kinds = new TreeSet<>(each.type().kinds(each.question().get("a")));
        kinds.addAll(each.type().kinds(each.question().get("b")));
        return kinds.contains("text0") && (kinds.contains("si") || kinds.contains("sd"));
    }

    /** How often each kind of component in one operation met each in the other, and how hostile cases came out. */
    String table(List<String> kinds) {
        StringBuilder table = new StringBuilder(String.format("%-8s", ""));
        kinds.forEach(kind -> table.append(String.format("%10s", kind)));
        for (String kind : kinds) {
            table.append(String.format("%n%-8s", kind));
            kinds.forEach(other -> table.append(
                    String.format("%10d", pairs.getOrDefault(kind, Map.of()).getOrDefault(other, 0L))));
        }
        differences.forEach((reason, count) -> table.append(String.format("%n%10d  %s", count, reason)));
        return table.toString();
    }
}
