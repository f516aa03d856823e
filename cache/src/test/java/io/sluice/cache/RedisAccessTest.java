package io.sluice.cache;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.sluice.resolver.MalformedException;
import java.time.Duration;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class RedisAccessTest {

    private static final Duration SECOND = Duration.ofSeconds(1);

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "localhost:6379|localhost:6379",
                "http://u:secret@h:1|http://...@h:1",
                "redis://u:sec ret@h:1|redis://...@h:1",
                "redis://u:se%zzcret@h:1|redis://...@h:1",
                "redis://u:se/cret@h:1|redis://...@h:1",
                "redis:u:secret@h|...@h",
                "redis://h/zero?password=secret|redis://h/zero?...",
            })
    void anAddressThatIsNoneIsNamedWithoutItsPassword(String url, String shown) {
        assertThatThrownBy(() -> RedisAccess.uri(url, FarAccess.asInUrl(), SECOND))
                .isInstanceOf(MalformedException.class)
                .hasMessageStartingWith("sluice.redis.url: \"" + shown + "\" (expected: ")
                .hasNoCause();
    }
}
