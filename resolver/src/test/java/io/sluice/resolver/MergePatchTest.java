package io.sluice.resolver;

import static io.sluice.resolver.JsonTrees.object;
import static io.sluice.resolver.JsonTrees.text;
import static io.sluice.resolver.JsonTrees.value;
import static org.assertj.core.api.Assertions.assertThat;
import static org.quicktheories.QuickTheory.qt;

import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

class MergePatchTest {

    /** Those examples of appendix A of RFC 7396 whose patch is an object; the others are no patches here. */
    @ParameterizedTest
    @CsvSource(
            delimiter = ';',
            quoteCharacter = '`',
            value = {
                "{\"a\":\"b\"}; {\"a\":\"c\"}; {\"a\":\"c\"}",
                "{\"a\":\"b\"}; {\"b\":\"c\"}; {\"a\":\"b\",\"b\":\"c\"}",
                "{\"a\":\"b\"}; {\"a\":null}; {}",
                "{\"a\":\"b\",\"b\":\"c\"}; {\"a\":null}; {\"b\":\"c\"}",
                "{\"a\":[\"b\"]}; {\"a\":\"c\"}; {\"a\":\"c\"}",
                "{\"a\":\"c\"}; {\"a\":[\"b\"]}; {\"a\":[\"b\"]}",
                "{\"a\":{\"b\":\"c\"}}; {\"a\":{\"b\":\"d\",\"c\":null}}; {\"a\":{\"b\":\"d\"}}",
                "{\"a\":[{\"b\":\"c\"}]}; {\"a\":[1]}; {\"a\":[1]}",
                "{\"e\":null}; {\"a\":1}; {\"e\":null,\"a\":1}",
                "[1,2]; {\"a\":\"b\",\"c\":null}; {\"a\":\"b\"}",
                "{}; {\"a\":{\"bb\":{\"ccc\":null}}}; {\"a\":{\"bb\":{}}}",
            })
    void appliesTheExamplesOfTheRfc(String target, String patch, String result) {
        assertThat(text(MergePatch.apply(value(target), object(patch)))).isEqualTo(result);
    }

    @Test
    void aPatchOfNothingStartsFromAnEmptyObject() {
        assertThat(text(MergePatch.apply(null, object("{\"a\":1,\"b\":null,\"c\":{\"d\":null}}"))))
                .isEqualTo("{\"a\":1,\"c\":{}}");
    }

    @Test
    void membersKeepTheirOrderAndNewOnesComeLast() {
        assertThat(text(MergePatch.apply(object("{\"b\":1,\"a\":2}"), object("{\"c\":0,\"b\":3}"))))
                .isEqualTo("{\"b\":3,\"a\":2,\"c\":0}");
    }

    @Test
    void aPatchBetweenTwoDocumentsMakesTheOneOfTheOther() {
        qt().withExamples(5_000)
                .forAll(JsonTrees.objects(), JsonTrees.objects())
                .checkAssert((before, after) -> MergePatch.between(before, after)
                        .ifPresent(patch ->
                                assertThat(MergePatch.apply(before, patch)).isEqualTo(after)));
    }

    @Test
    void aPatchIsMissingOnlyWhereANullWouldHaveToBeWritten() {
        qt().withExamples(5_000)
                .forAll(JsonTrees.objects(), JsonTrees.objects())
                .checkAssert((before, after) -> assertThat(MergePatch.between(before, after))
                        .matches(patch -> patch.isPresent() != bringsANull(before, after)));
    }

    @Test
    void noTreeThatGoesInIsChanged() {
        qt().withExamples(2_000)
                .forAll(JsonTrees.objects(), JsonTrees.objects())
                .checkAssert((a, b) -> {
                    String textOfA = text(a);
                    String textOfB = text(b);
                    MergePatch.apply(a, b);
                    MergePatch.between(a, b);
                    assertThat(text(a)).isEqualTo(textOfA);
                    assertThat(text(b)).isEqualTo(textOfB);
                });
    }

    @Test
    void aPatchAppliedTwiceIsAppliedOnce() {
        qt().withExamples(2_000)
                .forAll(JsonTrees.objects(), JsonTrees.objects())
                .checkAssert((target, patch) -> {
                    ObjectNode once = MergePatch.apply(target, patch);
                    assertThat(MergePatch.apply(once, patch)).isEqualTo(once);
                });
    }

    @Test
    void betweenEqualDocumentsThereIsAnEmptyPatch() {
        assertThat(MergePatch.between(object("{\"a\":null,\"b\":[null]}"), object("{\"b\":[null],\"a\":null}")))
                .isEqualTo(Optional.of(Json.newObject()));
    }

    /** Whether somewhere in {@code after} a null stands, as a member, that was not there before. */
    private static boolean bringsANull(JsonNode before, ObjectNode after) {
        return after.properties().stream().anyMatch(member -> {
            JsonNode old = before.get(member.getKey());
            JsonNode now = member.getValue();
            if (now.equals(old)) {
                return false;
            }
            return now.isNull()
                    || (now instanceof ObjectNode nested
                            && bringsANull(old instanceof ObjectNode ? old : Json.newObject(), nested));
        });
    }
}
