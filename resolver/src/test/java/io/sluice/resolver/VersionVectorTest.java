package io.sluice.resolver;

import static org.assertj.core.api.Assertions.assertThat;
import static org.quicktheories.QuickTheory.qt;

import io.sluice.resolver.VersionVector.Order;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.quicktheories.core.Gen;

class VersionVectorTest {

    private static final List<String> WRITERS = List.of("a", "b", "c");

    /** Few writers and small counters: all orders are common. A counter of 0 is no counter. */
    private static Gen<VersionVector> vectors() {
        return random -> {
            TreeMap<String, Long> counters = new TreeMap<>();
            for (String writer : WRITERS) {
                long counter = JsonTrees.number(random, 3);
                if (counter > 0) {
                    counters.put(writer, counter);
                }
            }
            return new VersionVector(counters);
        };
    }

    @Test
    void theOrderIsThatOfWhatIsKnown() {
        qt().withExamples(3_000).forAll(vectors(), vectors()).checkAssert((a, b) -> {
            boolean aKnowsB = WRITERS.stream().allMatch(w -> a.counter(w) >= b.counter(w));
            boolean bKnowsA = WRITERS.stream().allMatch(w -> b.counter(w) >= a.counter(w));
            Order expected = aKnowsB ? (bKnowsA ? Order.SAME : Order.AFTER) : bKnowsA ? Order.BEFORE : Order.CONCURRENT;
            assertThat(a.compare(b)).isEqualTo(expected);
            assertThat(a.compare(b) == Order.SAME).isEqualTo(a.equals(b));
        });
    }

    @Test
    void theOrderSeenFromTheOtherSideIsItsReverse() {
        Map<Order, Order> reverse = Map.of(
                Order.SAME,
                Order.SAME,
                Order.BEFORE,
                Order.AFTER,
                Order.AFTER,
                Order.BEFORE,
                Order.CONCURRENT,
                Order.CONCURRENT);
        qt().forAll(vectors(), vectors())
                .checkAssert((a, b) -> assertThat(b.compare(a)).isEqualTo(reverse.get(a.compare(b))));
    }

    @Test
    void whatTheOtherKnowsOtherwiseIsToldOnceOfEachWriter() {
        qt().withExamples(3_000).forAll(vectors(), vectors()).checkAssert((a, b) -> {
            Map<String, Long> others = new TreeMap<>();
            a.forEachOther(
                    b,
                    (writer, counter) -> assertThat(others.put(writer, counter)).isNull());
            assertThat(others).isEqualTo(others(a, b));
        });
    }

    @Test
    void aStepIsThatOneWriterIsFurther() {
        qt().withExamples(3_000).forAll(vectors(), vectors()).checkAssert((a, b) -> {
            Map<String, Long> others = others(a, b);
            boolean isStep = others.size() == 1
                    && others.entrySet().stream()
                            .allMatch(other ->
                                    a.counter(other.getKey()) > 0 && a.counter(other.getKey()) < other.getValue());
            assertThat(a.stepTo(b))
                    .isEqualTo(isStep ? others.keySet().iterator().next() : null);
        });
    }

    private static Map<String, Long> others(VersionVector a, VersionVector b) {
        Map<String, Long> others = new TreeMap<>();
        WRITERS.stream()
                .filter(writer -> a.counter(writer) != b.counter(writer))
                .forEach(writer -> others.put(writer, b.counter(writer)));
        return others;
    }

    @Test
    void beforeIsTransitive() {
        qt().withExamples(5_000).forAll(vectors(), vectors(), vectors()).checkAssert((a, b, c) -> {
            if (a.compare(b) == Order.BEFORE && b.compare(c) == Order.BEFORE) {
                assertThat(a.compare(c)).isEqualTo(Order.BEFORE);
            }
        });
    }

    @Test
    void mergingIsTheLeastUpperBound() {
        qt().withExamples(3_000).forAll(vectors(), vectors(), vectors()).checkAssert((a, b, c) -> {
            VersionVector merged = a.merge(b);
            assertThat(merged).isEqualTo(b.merge(a));
            assertThat(a.merge(b.merge(c))).isEqualTo(merged.merge(c));
            assertThat(a.merge(a)).isEqualTo(a);
            assertThat(a.merge(VersionVector.EMPTY)).isEqualTo(a);
            assertThat(merged.compare(a)).isIn(Order.SAME, Order.AFTER);
            assertThat(merged.compare(b)).isIn(Order.SAME, Order.AFTER);
            if (knows(c, a) && knows(c, b)) {
                assertThat(knows(c, merged)).isTrue();
            }
        });
    }

    @Test
    void aCounterNeverFalls() {
        VersionVector three = VersionVector.EMPTY.with("a", 3);

        assertThat(three.with("a", 2)).isEqualTo(three);
        assertThat(three.with("a", 5).counter("a")).isEqualTo(5);
        assertThat(three.counter("b")).isZero();
    }

    @Test
    void aVectorIsNotChangedByWhatItWasMadeOf() {
        TreeMap<String, Long> counters = new TreeMap<>(Map.of("a", 1L));
        VersionVector vector = new VersionVector(counters);
        counters.put("a", 2L);

        assertThat(vector.counter("a")).isEqualTo(1);
    }

    private static boolean knows(VersionVector a, VersionVector b) {
        return a.compare(b) == Order.SAME || a.compare(b) == Order.AFTER;
    }
}
