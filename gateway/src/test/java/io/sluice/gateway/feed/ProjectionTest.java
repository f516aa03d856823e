package io.sluice.gateway.feed;

import static io.sluice.gateway.feed.Updates.change;
import static io.sluice.gateway.feed.Updates.object;
import static io.sluice.gateway.feed.Updates.state;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.sluice.gateway.web.ProblemException;
import io.sluice.resolver.Conflict;
import io.sluice.resolver.ContextUpdate;
import io.sluice.resolver.Document;
import io.sluice.resolver.Identity;
import io.sluice.resolver.MergePatch;
import java.util.Collections;
import java.util.List;
import java.util.Objects;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tools.jackson.databind.node.ObjectNode;

class ProjectionTest {

    private static Projection fields(String... fields) {
        return Projection.of(List.of(fields));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "a|{\"a\":1}",
                "b|{\"b\":{\"c\":{\"d\":1},\"e\":[1]}}",
                "b.c.d|{\"b\":{\"c\":{\"d\":1}}}",
                "b.e,a|{\"a\":1,\"b\":{\"e\":[1]}}",
                "b.c,b|{\"b\":{\"c\":{\"d\":1},\"e\":[1]}}",
                "b,b.c|{\"b\":{\"c\":{\"d\":1},\"e\":[1]}}",
                "b.e.x|{}",
                "a.x|{}",
                "nope|{}",
                "n|{\"n\":null}",
            })
    void ofADocumentTheFieldsAreSeen(String list, String expected) {
        Projection projection = fields(list.split(","));
        Document document = projection
                .of(state(1, "{\"a\":1,\"b\":{\"c\":{\"d\":1},\"e\":[1]},\"n\":null}"))
                .document();
        assertThat(Objects.requireNonNull(document).tree()).isEqualTo(object(expected));
    }

    @Test
    void equalFieldsAreOneProjection() {
        assertThat(fields("b.c", "a", "b.d"))
                .isEqualTo(fields("a", "b.d", "b.c"))
                .isNotEqualTo(fields("a", "b"));
        assertThat(fields("a", "a.b")).isEqualTo(fields("a")).isEqualTo(fields("a.c", "a"));
        assertThat(fields()).isSameAs(Projection.ALL);
    }

    @Test
    void aChangeOfOtherFieldsIsNotShown() {
        Projection projection = fields("a", "b.c");
        assertThat(projection.shows(change("{\"a\":1,\"z\":1}", "{\"a\":1,\"z\":2}")))
                .isFalse();
        assertThat(projection.shows(change("{\"b\":{\"c\":1}}", "{\"b\":{\"c\":1,\"d\":1}}")))
                .isFalse();
        assertThat(projection.shows(change("{\"b\":{\"c\":1}}", "{\"b\":{\"c\":2}}")))
                .isTrue();
        assertThat(projection.shows(change("{\"b\":{\"c\":1}}", "{\"b\":5}"))).isTrue();
        assertThat(projection.shows(change("{\"a\":1}", null))).isTrue();
        assertThat(Projection.ALL.shows(change("{\"z\":1}", "{\"z\":2}"))).isTrue();
    }

    @Test
    void conflictsOfOtherFieldsAreLeftOut() {
        Conflict.Candidate candidate = new Conflict.Candidate(new Identity("w", "1"), null, Updates.TIME);
        List<Conflict> conflicts = Stream.of("/a", "/a/x", "/b", "/b/d", "", "/z")
                .map(path -> new Conflict(path, "priority", candidate, List.of()))
                .toList();
        ContextUpdate update = new ContextUpdate(state(2, "{}"), object("{\"z\":1}"), conflicts);
        assertThat(fields("a", "b.c").of(update).conflicts())
                .extracting(Conflict::path)
                .containsExactly("/a", "/a/x", "/b", "");
        assertThat(fields("a").shows(update)).isTrue();
        assertThat(fields("q").of(update).conflicts())
                .extracting(Conflict::path)
                .containsExactly("");
    }

    @Test
    void theDeltaMakesWhatIsSeenNowOfWhatWasSeenBefore() {
        long seed = Long.getLong("sluice.test.seed", System.nanoTime());
        Random random = new Random(seed);
        for (int i = 0; i < 5_000; i++) {
            ObjectNode before = document(random, 3);
            ObjectNode now = document(random, 3);
            Projection projection = fields(Stream.generate(() -> field(random))
                    .limit(1 + random.nextInt(3))
                    .toArray(String[]::new));
            ContextUpdate update = change(before.toString(), now.toString());
            ObjectNode seenBefore = seen(projection, before);
            ObjectNode seenNow = seen(projection, now);
            String what = "-Dsluice.test.seed=" + seed + " " + projection + " " + before + " " + now;
            ObjectNode delta = projection.of(update).delta();
            if (delta != null) {
                assertThat(MergePatch.apply(seenBefore, delta)).as(what).isEqualTo(seenNow);
            }
            if (!projection.shows(update)) {
                assertThat(seenNow).as(what).isEqualTo(seenBefore);
            }
        }
    }

    private static ObjectNode seen(Projection projection, ObjectNode document) {
        return Objects.requireNonNull(
                        projection.of(state(1, document.toString())).document())
                .tree();
    }

    private static String field(Random random) {
        return String.join(".", Collections.nCopies(1 + random.nextInt(3), "a")).replaceAll("a$", name(random));
    }

    private static String name(Random random) {
        return String.valueOf((char) ('a' + random.nextInt(3)));
    }

    private static ObjectNode document(Random random, int depth) {
        ObjectNode document = object("{}");
        for (int i = random.nextInt(4); i > 0; i--) {
            switch (random.nextInt(depth > 0 ? 5 : 3)) {
                case 0 -> document.putNull(name(random));
                case 1, 2 -> document.put(name(random), random.nextInt(2));
                default -> document.set(name(random), document(random, depth - 1));
            }
        }
        return document;
    }

    @Test
    void whatIsNoListOfFieldsIsRefused() {
        for (List<String> wrong : List.of(
                List.of(""),
                List.of("a", ""),
                List.of("a..b"),
                List.of(".a"),
                List.of("a."),
                List.of("a\n"),
                Collections.nCopies(101, "a"),
                List.of("a".repeat(5_000)))) {
            assertThatThrownBy(() -> Projection.of(wrong)).isInstanceOf(ProblemException.class);
        }
    }
}
