package io.sluice.resolver;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.node.ObjectNode;

/** What is stored and loaded again goes on as what was never stored. */
class RegistersJsonTest {

    private static final Resolver RESOLVER = Resolver.of(
            new Bounds(1 << 20, Duration.ofDays(7)),
            new Policies(ConvergenceTest.CUSTOMERS, Policies.Deletion.PRIORITY, ConvergenceTest.POLICIES));

    private static ObjectNode json(Remembered known) {
        ContextState state = known.state();
        Document document = state == null ? null : state.document();
        return json(known.registers(), document == null ? null : document.tree());
    }

    private static ObjectNode json(Registers registers, @Nullable ObjectNode visible) {
        return Json.TRUSTED.object(RegistersJson.bytes(registers, visible));
    }

    private static Remembered stored(Remembered known) {
        ContextState state = known.state();
        Document document = state == null ? null : state.document();
        // The document is stored as text, and read again.
        Document read = document == null ? null : Document.parse(document.json());
        ObjectNode tree = read == null ? null : read.tree();
        byte[] bytes = RegistersJson.bytes(known.registers(), document == null ? null : document.tree());
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
        Registers registers = RegistersJson.parse(bytes, tree);
        // Only the order of members may be another.
        assertThat(json(registers, tree)).isEqualTo(Json.TRUSTED.object(bytes));
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
                        assertThat(json(loaded)).isEqualTo(json(kept));
                    }
                    assertThat(outcomes).isNotEmpty();
                },
                Histories::shown);
    }
}
