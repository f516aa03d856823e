package io.sluice.resolver;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.SplittableRandom;
import java.util.function.Consumer;
import java.util.random.RandomGenerator;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

/**
 * What every type of operations promises, for documents and operations made at random. The system property {@code
 * sluice.test.seed} says from what; a failure names the seed of its case.
 */
interface OperationLaws<O> {

    long SEED = Long.getLong("sluice.test.seed", System.nanoTime());

    OperationType<O> type();

    default void inManyCases(int cases, Consumer<RandomGenerator> check) {
        for (int i = 0; i < cases; i++) {
            try {
                check.accept(new SplittableRandom(SEED + i));
            } catch (RuntimeException | AssertionError e) {
                throw new AssertionError("-Dsluice.test.seed=" + (SEED + i) + " fails: " + e.getMessage(), e);
            }
        }
    }

    @Test
    default void twoOperationsMakeTheSameDocumentInBothOrders() {
        inManyCases(20_000, random -> {
            JsonNode document = type().document(random);
            O left = type().parse(type().operation(document, random));
            O right = type().parse(type().operation(document, random));
            JsonNode leftFirst = type().apply(type().apply(document, left), type().transform(right, left, false));
            JsonNode rightFirst = type().apply(type().apply(document, right), type().transform(left, right, true));
            assertThat(leftFirst).as("%s after %s | %s", document, left, right).isEqualTo(rightFirst);
        });
    }

    @Test
    default void theInverseGivesTheDocumentBack() {
        inManyCases(20_000, random -> {
            JsonNode document = type().document(random);
            O operation = type().parse(type().operation(document, random));
            JsonNode after = type().apply(document, operation);
            assertThat(type().apply(after, type().invert(operation, document)))
                    .as("%s after %s and its inverse", document, operation)
                    .isEqualTo(document);
        });
    }

    @Test
    default void twoOperationsComposedDoWhatTheyDoInTurn() {
        inManyCases(20_000, random -> {
            JsonNode document = type().document(random);
            O first = type().parse(type().operation(document, random));
            JsonNode between = type().apply(document, first);
            O next = type().parse(type().operation(between, random));
            assertThat(type().apply(document, type().compose(first, next)))
                    .as("%s after %s & %s", document, first, next)
                    .isEqualTo(type().apply(between, next));
        });
    }

    @Test
    default void anOperationTransformedByManyConverges() {
        inManyCases(5_000, random -> {
            JsonNode document = type().document(random);
            O mine = type().parse(type().operation(document, random));
            JsonNode theirs = document;
            JsonNode both = type().apply(document, mine);
            for (int i = 0; i < 4; i++) {
                O other = type().parse(type().operation(theirs, random));
                theirs = type().apply(theirs, other);
                both = type().apply(both, type().transform(other, mine, true));
                mine = type().transform(mine, other, false);
                assertThat(type().apply(theirs, mine))
                        .as("%s, %s", document, mine)
                        .isEqualTo(both);
            }
        });
    }

    @Test
    default void whatIsWrittenIsReadAsTheSame() {
        inManyCases(5_000, random -> {
            JsonNode document = type().document(random);
            JsonNode json = type().operation(document, random);
            O operation = type().parse(json);
            assertThat(type().json(operation)).isEqualTo(json);
            O other = type().parse(type().operation(document, random));
            O transformed = type().transform(operation, other, true);
            assertThat(type().parse(type().json(transformed)))
                    .isEqualTo(transformed)
                    .hasSameHashCodeAs(transformed)
                    .hasToString(transformed.toString());
        });
    }

    @Test
    default void nothingThatGoesInIsChanged() {
        inManyCases(5_000, random -> {
            JsonNode document = type().document(random);
            JsonNode json = type().operation(document, random);
            JsonNode otherJson = type().operation(document, random);
            String before = document + " " + json + " " + otherJson;
            O operation = type().parse(json);
            O other = type().parse(otherJson);
            type().apply(document, operation);
            type().transform(operation, other, true);
            type().compose(operation, other);
            JsonNode after = type().apply(document, other);
            String textAfter = after.toString();
            type().apply(after, type().parse(type().operation(after, random)));
            assertThat(document + " " + json + " " + otherJson).isEqualTo(before);
            assertThat(after).hasToString(textAfter);
        });
    }

    /** Whatever is read is used on everything: it fits or is refused, and what comes out can be encoded. */
    @Test
    default void hostileOperationsAreRefusedAndNeverFailOtherwise() {
        inManyCases(50_000, random -> {
            JsonNode document = type().document(random);
            JsonNode spoilt = HostileJson.spoilt(type().operation(document, random), random);
            O good = type().parse(type().operation(document, random));
            O hostile;
            try {
                hostile = type().parse(spoilt);
            } catch (MalformedException e) {
                assertRefusal(e);
                return;
            }
            unlessRefused(() -> Json.bytes(type().apply(document, hostile)));
            unlessRefused(() -> Json.bytes(type().apply(document, type().transform(hostile, good, true))));
            unlessRefused(() -> Json.bytes(type().apply(document, type().transform(good, hostile, false))));
            unlessRefused(() -> Json.bytes(type().apply(document, type().compose(hostile, good))));
            unlessRefused(() -> Json.bytes(type().apply(document, type().compose(good, hostile))));
            unlessRefused(() -> Json.bytes(type().json(type().invert(hostile, document))));
        });
    }

    private static void unlessRefused(Runnable use) {
        try {
            use.run();
        } catch (MalformedException e) {
            assertRefusal(e);
        }
    }

    private static void assertRefusal(MalformedException e) {
        assertThat(e.code()).isEqualTo("malformed-operation");
        assertThat(e.getMessage()).contains(": ", " (expected: ").hasSizeLessThan(400);
    }

    @Test
    default void junkIsNoOperation() {
        for (String json :
                new String[] {"null", "{}", "1", "\"\"", "true", "[null]", "[true]", "[[]]", "[{}]", "[0]"}) {
            assertThatThrownBy(() -> type().parse(JsonTrees.value(json)))
                    .isInstanceOf(MalformedException.class)
                    .hasMessageContaining("expected: ");
        }
    }
}
