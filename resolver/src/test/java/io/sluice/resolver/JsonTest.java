package io.sluice.resolver;

import static io.sluice.resolver.JsonTrees.text;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.quicktheories.QuickTheory.qt;

import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;

class JsonTest {

    private static final Json STRICT = Json.strict(64);

    private static JsonNode read(String json) {
        return STRICT.value(json.getBytes(StandardCharsets.UTF_8));
    }

    private static void assertRefused(String json) {
        assertThatThrownBy(() -> read(json))
                .isInstanceOfSatisfying(
                        MalformedException.class, e -> assertThat(e.code()).isEqualTo("malformed-json"));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                " ",
                "{",
                "{\"a\":1}}",
                "{} {}",
                "{}x",
                "1 2",
                "{\"a\":1,\"a\":2}",
                "{\"a\":{\"b\":1,\"b\":1}}",
                "[{\"b\":1,\"\\u0062\":1}]",
                "{a:1}",
                "{'a':1}",
                "{\"a\":1,}",
                "[1,]",
                "[,1]",
                "01",
                "+1",
                ".5",
                "1.",
                "0x10",
                "NaN",
                "Infinity",
                "-Infinity",
                "nul",
                "TRUE",
                "\"a\nb\"",
                "\"\\x41\"",
                "// note\n1",
                "/* note */ 1",
                "# note\n1",
                "\"\\u12\"",
            })
    void whatIsNotExactlyOneJsonValueIsRefused(String json) {
        assertRefused(json);
    }

    @Test
    void bytesThatAreNotUtf8AreRefused() {
        for (byte[] bytes : new byte[][] {
            {'"', (byte) 0xc3, '"'}, {'"', (byte) 0xff, '"'}, {'"', (byte) 0xed, (byte) 0xa0, (byte) 0x80, '"'}
        }) {
            assertThatThrownBy(() -> STRICT.value(bytes)).isInstanceOf(MalformedException.class);
        }
    }

    @Test
    void theDepthIsBoundedExactly() {
        String atTheBound = "[".repeat(64) + "]".repeat(64);
        assertThat(text(read(atTheBound))).isEqualTo(atTheBound);

        assertThatThrownBy(() -> read("[".repeat(65) + "]".repeat(65)))
                .isInstanceOf(MalformedException.class)
                .hasMessageContaining("at most 64");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "0",
                "-1",
                "1.10",
                "100.00",
                "0.1",
                "1E+400",
                "1E-400",
                "9007199254740993",
                "18446744073709551616",
                "-123456789012345678901234567890123456789012345678901234567890",
                "3.141592653589793238462643383279502884197169399375105820974944",
            })
    void numbersKeepEveryDigit(String number) {
        assertThat(text(read(number))).isEqualTo(number);
        assertThat(text(read("{\"n\":[" + number + "]}"))).isEqualTo("{\"n\":[" + number + "]}");
    }

    @Test
    void aNumberWithAHugeExponentTakesNoMoreRoomThanItsText() {
        assertThat(text(read("[1e400,1E-400,1e999999999]"))).hasSizeLessThan(60);
    }

    @Test
    void aNumberOfMoreThanAThousandDigitsIsRefused() {
        assertRefused("1".repeat(1_001));
        assertThat(text(read("1".repeat(1_000)))).hasSize(1_000);
    }

    @Test
    void membersKeepTheirOrder() {
        assertThat(text(read("{\"b\":1,\"a\":{\"d\":1,\"c\":2}}"))).isEqualTo("{\"b\":1,\"a\":{\"d\":1,\"c\":2}}");
    }

    @Test
    void onlyAnObjectIsAnObject() {
        for (String json : new String[] {"[]", "1", "null", "\"{}\"", "true"}) {
            assertThatThrownBy(() -> STRICT.object(json.getBytes(StandardCharsets.UTF_8)))
                    .isInstanceOf(MalformedException.class)
                    .hasMessageContaining("object");
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "\"\\ud83d\"",
                "\"\\uD83D\"",
                "\"\\ude00\"",
                "\"a\\ud83d\"",
                "\"\\ud83da\"",
                "\"\\ude00\\ud83d\"",
                "\"\\ud83d\\ud83d\\ude00\"",
                "{\"\\ud83d\":1}",
                "[[{\"a\":[\"\\udfff\"]}]]",
            })
    void halfASurrogatePairIsRefused(String json) {
        assertRefused(json);
    }

    @Test
    void aWholeSurrogatePairMayBeEscaped() {
        assertThat(text(read("{\"\\ud83d\\ude00\":\"\\uD83D\\uDE00 \\ud7ff \\\\ud83d\"}")))
                .isEqualTo("{\"😀\":\"😀 \ud7ff \\\\ud83d\"}");
    }

    @Test
    void whatIsWrittenIsReadBackEqual() {
        qt().withExamples(3_000).forAll(JsonTrees.objects()).checkAssert(tree -> {
            JsonNode read = STRICT.value(Json.bytes(tree));
            assertThat(read).isEqualTo(tree);
            assertThat(text(read)).isEqualTo(text(tree));
        });
    }

    @Test
    void theMessageTellsThePlaceAndShowsNothingUnprintable() {
        assertThatThrownBy(() -> read("{\n  \"a\": \u0007}")).satisfies(e -> {
            assertThat(e.getMessage()).contains("line 2");
            assertThat(Texts.isPlain(e.getMessage())).isTrue();
        });
    }
}
