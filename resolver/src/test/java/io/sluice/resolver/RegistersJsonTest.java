package io.sluice.resolver;

import static org.assertj.core.api.Assertions.assertThat;
import static org.quicktheories.QuickTheory.qt;

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.stream.LongStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.quicktheories.core.Gen;
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

    /** Few writers who mostly go on, by turns. */
    private static Gen<List<VersionVector>> versions() {
        return source -> {
            List<VersionVector> versions = new ArrayList<>();
            VersionVector last = VersionVector.EMPTY;
            for (long left = JsonTrees.number(source, 12); left > 0; left--) {
                String writer = "w" + JsonTrees.number(source, 2);
                long counter = JsonTrees.number(source, 5);
                last = JsonTrees.number(source, 9) == 0
                        ? new VersionVector(Map.of(writer, counter))
                        : last.with(writer, last.counter(writer) + counter);
                versions.add(last);
            }
            return versions;
        };
    }

    private static Registers having(List<VersionVector> versions) {
        VersionVector seen = versions.isEmpty() ? VersionVector.EMPTY : versions.getLast();
        return new Registers(
                RegisterNode.EMPTY,
                new TreeMap<>(),
                new Registers.Past(Dots.NONE, seen, VersionVector.EMPTY, versions, 0, 1_024, Instant.EPOCH));
    }

    @Test
    void versionsAreReadAsTheyWere() {
        qt().withExamples(5_000).forAll(versions()).checkAssert(versions -> {
            byte[] bytes = RegistersJson.bytes(having(versions), null);
            assertThat(RegistersJson.parse(bytes, null).past().versions()).isEqualTo(versions);
        });
    }

    @Test
    void ofOneWriterWhoGoesOnOnlyTheStepsAreTold() {
        List<VersionVector> versions = LongStream.of(84, 158, 464, 599)
                .mapToObj(counter -> VersionVector.EMPTY.with("w", counter))
                .toList();

        assertThat(json(having(versions), null).get("v").toString()).isEqualTo("[[0,84],[0,158],306,135]");
    }

    @Test
    void whatWasWrittenWithoutStepsIsRead() {
        byte[] bytes = ("{\"f\":1,\"dots\":[],\"h\":[],\"v\":[[0,1],[0,2],[0,5]],\"seen\":[],\"n\":[0,1024,0],\"e\":[],"
                        + "\"w\":[\"w\"],\"t\":{}}")
                .getBytes(StandardCharsets.UTF_8);

        assertThat(RegistersJson.parse(bytes, null))
                .isEqualTo(having(LongStream.of(1, 2, 5)
                        .mapToObj(counter -> VersionVector.EMPTY.with("w", counter))
                        .toList()));
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
