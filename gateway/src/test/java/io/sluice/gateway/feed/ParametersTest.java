package io.sluice.gateway.feed;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.sluice.gateway.web.ProblemException;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ParametersTest {

    @Test
    void aQueryIsReadAsItIsMeant() {
        Parameters read = Parameters.ofQuery("/v1/feeds?a=1+2&b=%C3%A4%F0%9F%98%80;c=d&a=&e&&=f&g=h=i");
        assertThat(read.all("a")).containsExactly("1 2", "");
        assertThat(read.one("b")).isEqualTo("ä😀;c=d");
        assertThat(read.one("e")).isEmpty();
        assertThat(read.one("")).isEqualTo("f");
        assertThat(read.one("g")).isEqualTo("h=i");
        assertThat(read.one("z")).isNull();
        assertThat(read.one("z", "y")).isEqualTo("y");
        assertThat(Parameters.ofQuery("/v1/feeds").values()).isEmpty();
        assertThatThrownBy(() -> read.one("a")).isInstanceOf(ProblemException.class);
        assertThatThrownBy(() -> read.requireOnly(List.of("a", "b"), List.of("e", "g")))
                .isInstanceOf(ProblemException.class);
    }

    @ParameterizedTest
    @ValueSource(strings = {"a=%ff", "a=%", "a=%2", "a=%zz", "%ed%a0%80=1", "a=%+1", "a=%-1"})
    void whatIsNoUtf8IsRefused(String query) {
        assertThatThrownBy(() -> Parameters.ofQuery("/?" + query)).isInstanceOf(ProblemException.class);
    }
}
