package io.sluice.resolver;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.node.ObjectNode;

/** What is stored and loaded again goes on as what was never stored. */
class RegistersJsonTest {

    private static final Resolver RESOLVER = Resolver.of(
            new Bounds(1 << 20, Duration.ofDays(7)),
            new Policies(ConvergenceTest.CUSTOMERS, Policies.Deletion.PRIORITY, ConvergenceTest.POLICIES));

    private static String text(Remembered known) {
        ContextState state = known.state();
        Document document = state == null ? null : state.document();
        return RegistersJson.text(known.registers(), document == null ? null : document.tree());
    }

    private static Remembered stored(Remembered known) {
        ContextState state = known.state();
        Document document = state == null ? null : state.document();
        // The document is stored as text, and read again.
        Document read = document == null ? null : Document.parse(document.json());
        ObjectNode tree = read == null ? null : read.tree();
        String text = RegistersJson.text(known.registers(), document == null ? null : document.tree());
        ContextState again = state == null
                ? null
                : new ContextState(
                        state.key(),
                        state.revision(),
                        read,
                        state.clock(),
                        state.cause(),
                        state.position(),
                        state.marks());
        Registers registers = RegistersJson.parse(text, tree);
        // Only the order of members may be another.
        assertThat(JsonTrees.object(RegistersJson.text(registers, tree))).isEqualTo(JsonTrees.object(text));
        return new Remembered(again, registers, known.identities());
    }

    @Test
    void whatIsStoredAfterEveryEventGoesOnTheSame() {
        Seeds.forAll(
                "stored after every event",
                3_000,
                random -> Histories.shuffled(Histories.of(random, new Histories.Shape(true, true, 14)), random),
                (events, seed) -> {
                    Random random = new Random(seed);
                    Remembered kept = Remembered.NOTHING;
                    Remembered loaded = Remembered.NOTHING;
                    List<Resolution> outcomes = new ArrayList<>();
                    for (int i = 0; i < events.size(); i++) {
                        LogPosition position = States.position(i);
                        Resolved one = RESOLVER.resolve(kept, events.get(i), position);
                        Resolved other = RESOLVER.resolve(loaded, events.get(i), position);
                        outcomes.add(one.resolution());
                        assertThat(other.resolution()).isEqualTo(one.resolution());
                        kept = one.after();
                        loaded = random.nextBoolean() ? stored(other.after()) : other.after();
                        assertThat(loaded.state()).isEqualTo(kept.state());
                        // Whoever reads the table sees the same, whoever wrote it, and however often that had begun
                        // anew.
                        assertThat(JsonTrees.object(text(loaded))).isEqualTo(JsonTrees.object(text(kept)));
                    }
                    assertThat(outcomes).isNotEmpty();
                },
                Histories::shown);
    }
}
