package io.sluice.resolver;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.InstanceOfAssertFactories.type;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import tools.jackson.databind.JsonNode;

/** One context into which a test folds events, one second of log time apart. */
final class FoldedContext {

    static final Bounds BOUNDS = new Bounds(1 << 20, Duration.ofDays(7));

    Resolver resolver;
    Remembered known = Remembered.NOTHING;
    private long offset;

    FoldedContext(Bounds bounds, Policies policies) {
        this.resolver = Resolver.of(bounds, policies);
    }

    FoldedContext(Policies policies) {
        this(BOUNDS, policies);
    }

    /** The first of the writers wins, then the second ... */
    static Policies priority(String... writers) {
        return new Policies(new WriterOrder(Map.of(), List.of(writers)), Policies.Deletion.PRIORITY, Map.of());
    }

    static Policies policies(Map<String, Policy> byPath) {
        return new Policies(WriterOrder.NONE, Policies.Deletion.PRIORITY, byPath);
    }

    /** @param text such as "a=1 b=2" */
    static VersionVector clock(String text) {
        Map<String, Long> counters = new HashMap<>();
        for (String part : text.split(" ")) {
            String[] pair = part.split("=");
            counters.put(pair[0], Long.valueOf(pair[1]));
        }
        return new VersionVector(counters);
    }

    /** Its event id is its dot. */
    static ContextEvent event(String writer, String clock, Change change) {
        return event(writer, clock, change, States.START);
    }

    static ContextEvent event(String writer, String clock, Change change, Instant time) {
        VersionVector seen = clock(clock);
        return Histories.event(writer, writer + "=" + seen.counter(writer), time, seen, change);
    }

    static ContextEvent based(String eventId, long version, Change change) {
        return States.event(eventId, change, new Causality.BaseVersion(version), Condition.NONE);
    }

    Resolution fold(ContextEvent event) {
        return fold(event, Duration.ofSeconds(offset));
    }

    Resolution fold(ContextEvent event, Duration afterStart) {
        Resolved resolved = resolver.resolve(known, event, States.position(offset++, afterStart));
        if (resolved.resolution() instanceof Resolution.Rejected) {
            assertThat(resolved.after()).isEqualTo(known);
        }
        known = resolved.after();
        return resolved.resolution();
    }

    Resolution fold(String writer, String clock, Change change) {
        return fold(event(writer, clock, change));
    }

    Resolution fold(String writer, String clock, String patch) {
        return fold(writer, clock, States.patch(patch));
    }

    ContextState state() {
        return Objects.requireNonNull(known.state());
    }

    long version() {
        return known.state() == null ? 0 : known.state().revision().version();
    }

    List<Conflict> conflicts() {
        return state().marks().conflicts();
    }

    void assertShows(String json) {
        Document document = state().document();
        assertThat((JsonNode) (document == null ? null : document.tree())).isEqualTo(JsonTrees.object(json));
    }

    /** @param candidates event ids, the winner first */
    void assertConflict(String path, String rule, String... candidates) {
        assertThat(conflicts())
                .filteredOn(conflict -> conflict.path().equals(path))
                .singleElement()
                .satisfies(conflict -> {
                    assertThat(conflict.rule()).isEqualTo(rule);
                    List<String> ids =
                            new ArrayList<>(List.of(conflict.winner().identity().eventId()));
                    conflict.losers().forEach(loser -> ids.add(loser.identity().eventId()));
                    assertThat(ids).containsExactly(candidates);
                });
    }

    static void assertRejected(Resolution resolution, Resolution.Reason reason) {
        assertThat(resolution).asInstanceOf(type(Resolution.Rejected.class)).satisfies(rejected -> {
            assertThat(rejected.reason()).as(rejected.detail()).isEqualTo(reason);
            assertThat(rejected.detail()).isNotEmpty();
        });
    }

    static <T> List<List<T>> orders(List<T> of) {
        if (of.isEmpty()) {
            return List.of(List.of());
        }
        List<List<T>> all = new ArrayList<>();
        for (T first : of) {
            List<T> rest = new ArrayList<>(of);
            rest.remove(first);
            for (List<T> order : orders(rest)) {
                List<T> one = new ArrayList<>(List.of(first));
                one.addAll(order);
                all.add(one);
            }
        }
        return all;
    }
}
