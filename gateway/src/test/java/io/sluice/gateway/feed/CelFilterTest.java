package io.sluice.gateway.feed;

import static io.sluice.gateway.feed.Updates.change;
import static io.sluice.gateway.feed.Updates.document;
import static io.sluice.gateway.feed.Updates.state;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.sluice.backpressure.Filter;
import io.sluice.backpressure.Filter.Before;
import io.sluice.gateway.web.Problem;
import io.sluice.gateway.web.ProblemException;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class CelFilterTest {

    private static final String DOCUMENT =
            "{\"plan\":\"gold\",\"n\":3,\"big\":123456789012345678901234567890,\"price\":1.50,\"whole\":2.0,"
                    + "\"tags\":[\"vip\",\"new\"],\"address\":{\"city\":\"Ulm\",\"zip\":null},\"odd name\":true}";

    @ParameterizedTest
    @ValueSource(
            strings = {
                "true",
                "state.plan == 'gold'",
                "state.n == 3 && state.n > 2.5 && state.n in [1, 3]",
                "state.price == 1.5 && state.price < 2",
                "state.whole == 2",
                "state.big > 1e29",
                "'vip' in state.tags && size(state.tags) == 2",
                "state.tags.exists(tag, tag.startsWith('n'))",
                "state.address.city.matches('^U')",
                "state.address.zip == null && has(state.address.zip)",
                "!has(state.missing)",
                "state['odd name']",
                "state.address == {'city': 'Ulm', 'zip': null}",
                "state.tags == ['vip', 'new']",
                "key == 'customer/a/b' && type == 'customer' && id == 'a/b' && version == 7",
                "cause.writer == 'crm' && cause.eventId == '17' && cause.type == 'moved'",
                "cause.time < timestamp('2027-01-01T00:00:00Z')",
                "!has(cause.correlationId)",
                "before == null",
                "state.missing == 1 || true",
                "state.n + version == 10 && double(state.n) + 0.5 < 4.0",
                "['vip', state.plan].exists(tag, tag in state.tags)",
                "state.tags.exists_one(tag, tag == 'vip')",
            })
    void itHolds(String text) {
        assertThat(new CelFilter(text).holds(state(7, DOCUMENT), null)).isTrue();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "false",
                "state.plan == 'silver'",
                "state.missing == 1",
                "state.missing.deeper == 1",
                "state.n",
                "state.plan",
                "state.n / 0 == 1",
                "state.plan > 1",
                "before.n == 3",
                "state.tags[5] == 'x'",
                "state.address",
                "state.plan + state.plan == 'goldgold'",
                "state.tags + state.tags == []",
                "state.plan.matches('((a{100}){100}){100}')",
                "state.n + 0.5 < 4.0",
                "[0,1,2,3,4,5,6,7,8,9].all(a, [0,1,2,3,4,5,6,7,8,9].all(b, [0,1,2,3,4,5,6,7,8,9].all(c,"
                        + " [0,1,2,3,4,5,6,7,8,9].all(d, [0,1,2,3,4,5,6,7,8,9].all(e, true)))))",
            })
    void itDoesNotHoldAndNeitherDoesWhatFails(String text) {
        assertThat(new CelFilter(text).holds(state(7, DOCUMENT), null)).isFalse();
    }

    @Test
    void theDocumentBeforeIsThereWhereItIsKnown() {
        Filter rises = new CelFilter("state.n > before.n");
        assertThat(rises.holds(state(7, "{\"n\":2}"), document("{\"n\":1}"))).isTrue();
        assertThat(rises.holds(state(7, "{\"n\":2}"), document("{\"n\":3}"))).isFalse();
        assertThat(rises.holds(state(7, "{\"n\":2}"), null)).isFalse();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = ';',
            value = {
                "state.n == 1;HELD",
                "state.n == 2;DID_NOT_HOLD",
                "state.missing == 1;DID_NOT_HOLD",
                "version == 1;HELD",
                "version == 2;DID_NOT_HOLD",
                "cause.writer == 'crm';UNKNOWN",
                "state.n == 2 && cause.writer == 'crm';DID_NOT_HOLD",
                "state.n == 1 || cause.writer == 'crm';HELD",
                "state.n > 0 && before.n == 0;UNKNOWN",
                "before.n == 0 && state.n > 5;DID_NOT_HOLD",
                "before == null || state.n == 1;HELD",
                "before == null && state.n == 1;UNKNOWN",
                "has(before.n);UNKNOWN",
            })
    void whetherItHeldBeforeIsKnownUnlessItHangsOnWhatIsNot(String text, Before expected) {
        assertThat(new CelFilter(text).heldBefore(change("{\"n\":1}", "{\"n\":2}"), document("{\"n\":1}")))
                .isEqualTo(expected);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = ';',
            value = {
                "state.;at 1:",
                "state.n ==;at 1:",
                "state.n == 1 &&\\n  nope;at 2:",
                "1 + 1;at 1:",
                "version == 'a';at 1:",
                "nope;at 1:",
                "'x';at 1:",
            })
    void whatIsNoFilterIsRefusedWithThePlace(String text, String place) {
        assertThatThrownBy(() -> new CelFilter(text.replace("\\n", "\n")))
                .isInstanceOf(ProblemException.class)
                .extracting(e -> Problem.of(e).detail())
                .asString()
                .contains(place, "expected: a truth value");
    }

    @Test
    void whatIsTooLongOrTooDeepIsRefused() {
        for (String text : List.of(
                "",
                "state.n == 1" + " || state.n == 1".repeat(300),
                "[".repeat(1_000) + "]".repeat(1_000) + " == state",
                "'" + "x".repeat(5_000) + "' == id")) {
            assertThatThrownBy(() -> new CelFilter(text)).as(text).isInstanceOf(ProblemException.class);
        }
    }

    @Test
    void whatIsDeepDoesNoHarm() {
        for (String text : List.of(
                "(".repeat(2_000) + "true" + ")".repeat(2_000),
                "!".repeat(4_000) + "true",
                "-".repeat(4_000) + "1 == 1",
                "true" + "?true:true".repeat(400),
                "state" + ".a".repeat(2_000) + " == 1",
                "state" + "[0]".repeat(1_300) + " == 1")) {
            try {
                new CelFilter(text).holds(state(7, DOCUMENT), null);
            } catch (ProblemException e) {
                assertThat(Problem.of(e).detail()).contains("filter");
            }
        }
    }

    /** Anybody may send one. */
    @Test
    void whatWouldGrowIsRefused() {
        for (String text : List.of(
                "'a' + 'a' == id",
                "[1] + [1] == state",
                "['a'].map(x, x + x) == state",
                "[1].filter(x, true) == state",
                "[[0, 0]].exists(a, [[a, a]].exists(b, a == b))",
                "state.tags.all(tag, {'a': tag} == state)",
                "state.tags.all(tag, [state, [id, [tag]]] == state)")) {
            assertThatThrownBy(() -> new CelFilter(text)).as(text).isInstanceOf(ProblemException.class);
        }
    }

    @Test
    void eachTextIsCompiledOnce() {
        Filters filters = new Filters();
        assertThat(filters.of("state.n == 1")).isSameAs(filters.of("state.n == 1"));
        assertThat(filters.of(null)).isSameAs(Filter.NONE);
        assertThat(new CelFilter("true"))
                .isEqualTo(new CelFilter("true"))
                .hasSameHashCodeAs(new CelFilter("true"))
                .isNotEqualTo(new CelFilter("(true)"));
    }
}
