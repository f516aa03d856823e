package io.sluice.gateway.websocket;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.sluice.resolver.ContextKey;
import java.util.Objects;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ChannelNamesTest {

    private static final String LONGEST_TYPE = "t".repeat(63);

    private final ChannelNames names = new ChannelNames(name -> name.equals("customer") || name.equals(LONGEST_TYPE));

    private static ContextKey key(String id) {
        return new ContextKey("default", "customer", id);
    }

    @ParameterizedTest
    @CsvSource({
        "customer:67890, 67890",
        "customer:a:b, a:b",
        "customer:a%3Ab, a:b",
        "customer:a%3ab, a:b",
        "customer:%C3%A4%F0%9F%98%80, ä😀",
        "customer:ä😀, ä😀",
        "customer:a+b%20c, a+b c",
        "customer:a/b%2Fc, a/b/c",
        "customer:100%25, 100%",
        "customer:a;b, a;b",
    })
    void aChannelNamesAContext(String channel, String id) {
        assertThat(names.key(channel)).isEqualTo(key(id));
    }

    @ParameterizedTest
    @CsvSource({
        "67890, customer:67890",
        "a:b/c d+e%, customer:a%3Ab%2Fc%20d%2Be%25",
        "ä😀, customer:%C3%A4%F0%9F%98%80",
        "-_.!~*(), customer:-_.!~*()",
        "a@b;c, customer:a%40b%3Bc",
    })
    void aContextHasOneNameOfItsOwn(String id, String channel) {
        assertThat(ChannelNames.of(key(id))).isEqualTo(channel);
        assertThat(names.key(channel)).isEqualTo(key(id));
    }

    @Test
    void everyIdComesBack() {
        Random random = new Random(7);
        for (int i = 0; i < 10_000; i++) {
            StringBuilder id = new StringBuilder("x");
            random.ints(random.nextInt(40), 0x20, 0x2FFF)
                    .filter(c -> !Character.isISOControl(c))
                    .forEach(id::appendCodePoint);
            assertThat(names.key(ChannelNames.of(key(id.toString())))).isEqualTo(key(id.toString()));
        }
    }

    @Test
    void theLongestIsTaken() {
        ContextKey longest = new ContextKey("default", LONGEST_TYPE, "\u00e4".repeat(128));
        String channel = ChannelNames.of(longest);
        assertThat(channel).hasSize(ChannelNames.MAX_LENGTH);
        assertThat(names.key(channel)).isEqualTo(longest);
        assertThat(code(channel + "x")).isEqualTo(107);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "customers",
                "Customer:1",
                ":1",
                ":",
                "order:1",
                "customer:",
                "customer:.",
                "customer:%2E%2e",
                "customer:%",
                "customer:%2",
                "customer:%zz",
                "customer:%-1",
                "customer:%ff",
                "customer:%C3",
                "customer:%00",
                "customer:a\nb",
                "customer/1",
                " customer:1",
                "$customer:1",
            })
    void anythingElseIsUnknown(String channel) {
        assertThat(code(channel)).isEqualTo(102);
    }

    @Test
    void anIdIsNotTooLong() {
        assertThat(names.key("customer:" + "a".repeat(256)).id()).hasSize(256);
        assertThat(code("customer:" + "a".repeat(257))).isEqualTo(102);
    }

    @Test
    void aWholeTypeIsNotAvailable() {
        assertThat(code("customer")).isEqualTo(108);
    }

    @Test
    void aPathNamesAContextToo() {
        assertThat(names.keyOfPath("customer/a/b%20c")).isEqualTo(key("a/b%20c"));
        for (String path : new String[] {"", "customer", "customer/", "order/1", "/1"}) {
            CommandFailure failure = catchThrowableOfType(CommandFailure.class, () -> names.keyOfPath(path));
            assertThat(Objects.requireNonNull(failure).reply().code()).as(path).isEqualTo(102);
        }
    }

    private int code(String channel) {
        CommandFailure failure = catchThrowableOfType(CommandFailure.class, () -> names.key(channel));
        return Objects.requireNonNull(failure, channel).reply().code();
    }
}
