package io.sluice.gateway.publish;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.sluice.resolver.Json;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;

class ElementsTest {

    private static final int MAX = 1_000;

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    private static List<String> cut(String array) {
        List<String> all = new ArrayList<>();
        for (Part part : Elements.of(bytes(array), MAX)) {
            all.add(
                    part instanceof Part.Event event
                            ? new String(event.json(), StandardCharsets.UTF_8).strip()
                            : ((Part.Refused) part).problem().detail());
        }
        return all;
    }

    @Test
    void elementsEndAtCommasBetweenThem() {
        assertThat(cut("[]")).isEmpty();
        assertThat(cut("\ufeff [ \n ] ")).isEmpty();
        assertThat(cut("[1]")).containsExactly("1");
        assertThat(cut(" [ {\"a\":[1,2],\"b\":\"],}\\\",[\"} , [[],{}] ] \r\n"))
                .containsExactly("{\"a\":[1,2],\"b\":\"],}\\\",[\"}", "[[],{}]");
    }

    @Test
    void whatIsNoJsonIsAnElementToo() {
        assertThat(cut("[1 2,,},{x},]")).containsExactly("1 2", "", "}", "{x}", "");
    }

    @Test
    void whatIsTooLargeIsRefusedByItself() {
        String large = "\"" + "x".repeat(MAX - 1) + "\"";
        assertThat(cut("[1," + large + ",2]"))
                .containsExactly("1", "event: 1001 bytes (expected: at most 1000 bytes)", "2");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "``|no array",
                "{}|no array",
                "1|no array",
                "[|without its end",
                "[1,|without its end",
                "[{\"a\":1]|without its end",
                "[\"]|without its end",
                "[1]]|behind",
                "[1],|behind",
                "[][]|behind",
            })
    void whatIsNoArrayIsRefusedAtOnce(String body, String why) {
        assertThatThrownBy(() -> Elements.of(bytes(body), MAX)).hasMessageContaining(why);
    }

    @Test
    void anArrayOfAnythingIsCutWhereAReaderWouldCutIt() {
        long seed = Long.getLong("sluice.test.seed", System.nanoTime());
        Random random = new Random(seed);
        Json json = Json.strict(64);
        for (int round = 0; round < 2_000; round++) {
            ArrayNode array = Json.newArray();
            for (int i = random.nextInt(6); i > 0; i--) {
                array.add(anything(random, 4));
            }
            List<JsonNode> found = new ArrayList<>();
            for (Part part : Elements.of(Json.bytes(array), 1 << 20)) {
                found.add(json.value(((Part.Event) part).json()));
            }
            assertThat(found)
                    .as("-Dsluice.test.seed=" + seed)
                    .isEqualTo(array.valueStream().toList());
        }
    }

    private static JsonNode anything(Random random, int depth) {
        int kind = random.nextInt(depth == 0 ? 2 : 4);
        if (kind == 0) {
            return Json.newArray().add(random.nextInt()).get(0);
        }
        if (kind == 1) {
            return Json.newArray()
                    .add("a[]{},\"\\\\\n\u00e9".substring(random.nextInt(10)))
                    .get(0);
        }
        ArrayNode array = Json.newArray();
        var object = Json.newObject();
        for (int i = random.nextInt(4); i > 0; i--) {
            array.add(anything(random, depth - 1));
            object.set("{[\",]}".substring(random.nextInt(6)), anything(random, depth - 1));
        }
        return kind == 2 ? array : object;
    }
}
