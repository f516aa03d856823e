package io.sluice.resolver;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** In whatever order and however often events with clocks come: the same document, and the same open conflicts. */
class ConvergenceTest {

    private static final Bounds BOUNDS = new Bounds(1 << 20, Duration.ofDays(7));

    static final WriterOrder CUSTOMERS = new WriterOrder(
            Map.of("w4", "self-service"), List.of("support-agent", "self-service", "marketing-automation"));

    static final Map<String, Policy> POLICIES = Map.of(
            "/visits", Policy.of(Policy.Kind.COUNTER),
            "/tags", Policy.of(Policy.Kind.SET),
            "/a/a", Policy.of(Policy.Kind.MAX),
            "/a/b", Policy.of(Policy.Kind.MIN),
            "/b/a", Policy.of(Policy.Kind.FIRST),
            "/b/b", Policy.of(Policy.Kind.MANUAL));

    private static void assertConverges(String name, Histories.Shape shape, Policies policies) {
        Resolver resolver = Resolver.of(BOUNDS, policies);
        Seeds.forAll(
                name,
                4_000,
                random -> Histories.of(random, shape),
                (events, seed) -> {
                    Histories.Folded inOrder = Histories.fold(resolver, events);
                    for (int i = 0; i < 4; i++) {
                        List<ContextEvent> order = Histories.shuffled(events, new Random(seed + i));
                        Histories.Folded shuffled = Histories.fold(resolver, order);
                        assertThat(shuffled.document())
                                .as("document after "
                                        + order.stream()
                                                .map(e -> e.identity().eventId())
                                                .toList())
                                .isEqualTo(inOrder.document());
                        assertThat(shuffled.conflicts())
                                .as("conflicts after "
                                        + order.stream()
                                                .map(e -> e.identity().eventId())
                                                .toList())
                                .isEqualTo(inOrder.conflicts());
                    }
                },
                Histories::shown);
    }

    @Test
    void patchesConverge() {
        assertConverges(
                "patches",
                new Histories.Shape(false, false, 12),
                new Policies(CUSTOMERS, Policies.Deletion.PRIORITY, Map.of()));
    }

    @Test
    void patchesReplacementsAndDeletionsConverge() {
        for (Policies.Deletion deletion : Policies.Deletion.values()) {
            assertConverges(
                    "patches, replacements and deletions, deletion by " + deletion,
                    new Histories.Shape(true, false, 12),
                    new Policies(CUSTOMERS, deletion, Map.of()));
        }
    }

    @Test
    void everythingConvergesUnderEveryPolicy() {
        for (Policies.Deletion deletion : Policies.Deletion.values()) {
            assertConverges(
                    "everything, deletion by " + deletion,
                    new Histories.Shape(true, true, 14),
                    new Policies(CUSTOMERS, deletion, POLICIES));
        }
    }
}
