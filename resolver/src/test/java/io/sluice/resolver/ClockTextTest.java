package io.sluice.resolver;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.quicktheories.QuickTheory.qt;
import static org.quicktheories.generators.SourceDSL.lists;
import static org.quicktheories.generators.SourceDSL.longs;

import java.time.Instant;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.quicktheories.core.Gen;

class ClockTextTest {

    private static VersionVector clock(String writer, long counter) {
        return new VersionVector(new TreeMap<>(Map.of(writer, counter)));
    }

    /** Any Unicode, ASCII as often as the rest. */
    private static Gen<String> writers() {
        return random -> {
            StringBuilder writer = new StringBuilder();
            int length = JsonTrees.number(random, 11) + 1;
            for (int i = 0; i < length; i++) {
                boolean ascii = JsonTrees.number(random, 1) == 0;
                int codePoint = JsonTrees.number(random, ascii ? 0x7f : 0x10ffff - 0x800);
                writer.appendCodePoint(codePoint < Character.MIN_SURROGATE ? codePoint : codePoint + 0x800);
            }
            return writer.toString();
        };
    }

    @Test
    void anyWriterAndCounterIsReadBack() {
        qt().withExamples(2_000)
                .forAll(lists().of(writers()).ofSizeBetween(1, 6), longs().between(2, VersionVector.MAX_COUNTER))
                .checkAssert((writers, counter) -> {
                    TreeMap<String, Long> counters = new TreeMap<>();
                    writers.forEach(writer -> counters.put(writer, counter - counters.size() % 2));
                    VersionVector vector = new VersionVector(counters);
                    assertThat(vector.toString()).matches("[ -~]+");
                    assertThat(ClockText.parse(vector.toString())).isEqualTo(vector);
                });
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "a",
                "A",
                "9",
                "-",
                "*",
                "*sluice",
                "*Sluice.x",
                "a b",
                "ä",
                "😀",
                "a,b=3",
                "a*b",
                "=",
                "\"",
                "%41"
            })
    void oddWritersAreReadBack(String writer) {
        assertThat(ClockText.parse(clock(writer, 7).toString())).isEqualTo(clock(writer, 7));
    }

    @ParameterizedTest
    @ValueSource(strings = {"customer-events", "Customer.Events_1", "UPPER"})
    void theReservedWriterOfAnyTopicIsReadBack(String topic) {
        VersionVector vector = clock(VersionVector.reservedWriter(new LogPosition(topic, 3, 0, Instant.EPOCH)), 1)
                .with("a", 2);

        assertThat(vector.toString()).matches("\\*sluice\\.[a-z0-9_.*-]+=1, a=2");
        assertThat(ClockText.parse(vector.toString())).isEqualTo(vector);
    }

    @Test
    void noWriterCanPassForAReservedOne() {
        assertThat(clock("*sluic", 1).with("*sluice", 1).toString()).doesNotContain(VersionVector.RESERVED);
        assertThatThrownBy(() -> new Identity("*sluice.customer-events.0", "1"))
                .isInstanceOfSatisfying(
                        MalformedException.class, e -> assertThat(e.code()).isEqualTo("reserved-writer"));
    }

    @Test
    void spaceAroundMembersIsIgnoredAndTheLastOfEqualNamesCounts() {
        assertThat(ClockText.parse(" a=1 ,\tb=2,a=3 ")).isEqualTo(clock("a", 3).with("b", 2));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                " ",
                ",",
                "a",
                "a=",
                "=1",
                "a=1,",
                ",a=1",
                "a=1,,b=2",
                "a=1 b=2",
                "a=1;b=2",
                "a = 1",
                "a=-1",
                "a=+1",
                "a=1.0",
                "a=1e3",
                "a=\"1\"",
                "a=1000000000000000",
                "a=?1",
                "A=1",
                "1=1",
                "-a=1",
                "ä=1",
                "a=١",
                "*=1",
                "*4=1",
                "*zz=1",
                "*4G=1",
                "*ff=1",
                "*c3=1",
                "*-f*80*80*80=1",
                "*-1=1",
                "*sluice=1",
                "a=1;x",
                "(a)=1",
            })
    void malformedTextIsRefusedWithItsCode(String text) {
        assertThatThrownBy(() -> ClockText.parse(text))
                .isInstanceOfSatisfying(
                        MalformedException.class, e -> assertThat(e.code()).isEqualTo("malformed-clock"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"a=0", "b=2, a=0", "a=000", "a=-1", "a=1000000000000000", "a=99999999999999999999"})
    void aCounterCountsFromOne(String text) {
        assertThatThrownBy(() -> ClockText.parse(text)).isInstanceOfSatisfying(MalformedException.class, e -> {
            assertThat(e.code()).isEqualTo("malformed-clock");
            assertThat(e)
                    .hasMessage("clock: \"" + text.substring(text.indexOf('a'))
                            + "\" (expected: counters from 1 to 999999999999999)");
        });
        assertThat(ClockText.parse("a=1, b=999999999999999"))
                .isEqualTo(clock("a", 1).with("b", VersionVector.MAX_COUNTER));
    }

    @Test
    void theNumberOfWritersIsBounded() {
        String most = IntStream.range(0, ClockText.MAX_WRITERS)
                .mapToObj(i -> "w" + i + "=1")
                .collect(Collectors.joining(","));
        assertThat(ClockText.parse(most).size()).isEqualTo(ClockText.MAX_WRITERS);
        assertThatThrownBy(() -> ClockText.parse(most + ",more=1"))
                .isInstanceOf(MalformedException.class)
                .hasMessageContaining("256");
    }
}
