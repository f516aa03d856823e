package io.sluice.resolver;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.quicktheories.QuickTheory.qt;
import static org.quicktheories.generators.SourceDSL.longs;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class RevisionTest {

    @Test
    void itsTextIsReadBack() {
        qt().forAll(longs().between(1, Long.MAX_VALUE), longs().between(1, Long.MAX_VALUE))
                .checkAssert((incarnation, version) -> {
                    Revision revision = new Revision(incarnation, version);
                    assertThat(Revision.parse(revision.toString())).isEqualTo(revision);
                });
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "-",
                "1",
                "1-",
                "-1",
                "1--1",
                "0-1",
                "1-0",
                "-1-1",
                "1-1-1",
                "1 - 1",
                "a-1",
                "1-a",
                "1.0-1",
                "9223372036854775808-1",
                "1-9223372036854775808"
            })
    void anyOtherTextIsRefused(String text) {
        assertThatThrownBy(() -> Revision.parse(text))
                .isInstanceOfSatisfying(
                        MalformedException.class, e -> assertThat(e.code()).isEqualTo("malformed-revision"));
    }

    @Test
    void aLaterLifeIsAfterEveryVersionOfTheOneBefore() {
        Revision late = new Revision(1, Long.MAX_VALUE);

        assertThat(late.nextLife().isAfter(late)).isTrue();
        assertThat(late.nextLife()).isEqualTo(new Revision(2, 1));
        assertThat(new Revision(2, 1).isAfter(new Revision(1, 9))).isTrue();
        assertThat(Revision.FIRST.next().isAfter(Revision.FIRST)).isTrue();
        assertThat(Revision.FIRST.isAfter(Revision.FIRST)).isFalse();
    }

    @Test
    void ofTwoStatesTheLaterOneIsKept() {
        ContextState first = States.state(new Revision(1, 2));
        ContextState second = States.state(new Revision(2, 1));

        assertThat(ContextState.newer(first, second)).isSameAs(second);
        assertThat(ContextState.newer(second, first)).isSameAs(second);
        assertThat(ContextState.newer(first, null)).isSameAs(first);
        assertThat(ContextState.newer(null, second)).isSameAs(second);
        assertThat(ContextState.newer(null, null)).isNull();
    }
}
