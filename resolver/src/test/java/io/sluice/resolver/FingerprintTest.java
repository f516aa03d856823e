package io.sluice.resolver;

import static io.sluice.resolver.JsonTrees.object;
import static io.sluice.resolver.JsonTrees.text;
import static org.assertj.core.api.Assertions.assertThat;
import static org.quicktheories.QuickTheory.qt;

import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

class FingerprintTest {

    private static Fingerprint ofPatch(String json) {
        return Fingerprint.of(new Change.Patch(object(json)));
    }

    @Test
    void theOrderOfMembersDoesNotMatterAndEverythingElseDoes() {
        qt().withExamples(5_000)
                .forAll(JsonTrees.objects(), JsonTrees.objects())
                .checkAssert((a, b) -> {
                    Fingerprint ofA = Fingerprint.of(new Change.Patch(a));
                    assertThat(Fingerprint.of(new Change.Patch((ObjectNode) turned(a))))
                            .isEqualTo(ofA);
                    assertThat(Fingerprint.of(new Change.Patch(b)).equals(ofA))
                            .isEqualTo(sorted(a).equals(sorted(b)));
                });
    }

    @Test
    void whatLooksAlikeIsTold() {
        List<String> all = List.of(
                "{\"a\":1}",
                "{\"a\":\"1\"}",
                "{\"a\":1.0}",
                "{\"a\":1.00}",
                "{\"a\":true}",
                "{\"a\":\"true\"}",
                "{\"a\":null}",
                "{\"a\":\"null\"}",
                "{\"a\":\"\"}",
                "{\"a\":[]}",
                "{\"a\":[1]}",
                "{\"a\":[[1]]}",
                "{\"a\":[1,2]}",
                "{\"a\":[2,1]}",
                "{\"a\":[12]}",
                "{\"a\":{}}",
                "{\"a\":{\"b\":1}}",
                "{\"a\":{},\"b\":1}",
                "{\"ab\":1}",
                "{\"b\":1}",
                "{\"a\":\"b\",\"c\":\"d\"}",
                "{\"a\":\"b\",\"cd\":\"\"}",
                "{\"a\":\"bc\",\"\":\"d\"}",
                "{}");
        Map<Fingerprint, String> found = new HashMap<>();
        for (String json : all) {
            assertThat(found.put(ofPatch(json), json)).as(json).isNull();
        }
    }

    @Test
    void theKindOfChangeMatters() {
        assertThat(List.of(
                        Fingerprint.of(new Change.Patch(object("{}"))),
                        Fingerprint.of(new Change.Replace(object("{}"))),
                        Fingerprint.of(Change.DELETE)))
                .doesNotHaveDuplicates();
    }

    @Test
    void anIdentityIsNotOnlyTheTextOfBothItsParts() {
        assertThat(List.of(
                        Fingerprint.of(new Identity("a", "bc")),
                        Fingerprint.of(new Identity("ab", "c")),
                        Fingerprint.of(new Identity("c", "ab"))))
                .doesNotHaveDuplicates();
        assertThat(Fingerprint.of(new Identity("a", "b"))).isEqualTo(Fingerprint.of(new Identity("a", "b")));
    }

    @Test
    void itsTextIsReadBack() {
        for (Fingerprint print : List.of(
                ofPatch("{}"), new Fingerprint(0, 0), new Fingerprint(-1, Long.MIN_VALUE), new Fingerprint(1, 255))) {
            assertThat(print.toString()).hasSize(32);
            assertThat(Fingerprint.parse(print.toString())).isEqualTo(print);
        }
    }

    /** The same with every object's members the other way round. */
    private static JsonNode turned(JsonNode node) {
        if (node instanceof ObjectNode object) {
            List<String> names = new ArrayList<>(object.propertyNames());
            Collections.reverse(names);
            ObjectNode turned = Json.newObject();
            names.forEach(name -> turned.set(name, turned(object.get(name))));
            return turned;
        }
        if (node instanceof ArrayNode array) {
            ArrayNode turned = Json.newObject().putArray("a");
            array.forEach(element -> turned.add(turned(element)));
            return turned;
        }
        return node;
    }

    private static String sorted(JsonNode node) {
        if (node instanceof ObjectNode object) {
            StringBuilder text = new StringBuilder("{");
            object.propertyNames().stream()
                    .sorted()
                    .forEach(name -> text.append(name.length())
                            .append(name)
                            .append(':')
                            .append(sorted(object.get(name)))
                            .append(','));
            return text.append('}').toString();
        }
        if (node instanceof ArrayNode array) {
            StringBuilder text = new StringBuilder("[");
            array.forEach(element -> text.append(sorted(element)).append(','));
            return text.append(']').toString();
        }
        return text(node);
    }
}
