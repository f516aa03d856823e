package io.sluice.resolver;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ContextKeyTest {

    private static ContextKey key(String id) {
        return new ContextKey(ContextKey.DEFAULT_TENANT, "customer", id);
    }

    private static void assertRefused(String tenant, String type, String id) {
        assertThatThrownBy(() -> new ContextKey(tenant, type, id))
                .isInstanceOfSatisfying(MalformedException.class, e -> {
                    assertThat(e.code()).isEqualTo("malformed-key");
                    assertThat(Texts.isPlain(e.getMessage())).isTrue();
                    assertThat(e.getMessage()).contains("expected").hasSizeLessThan(250);
                });
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "1", "...", ". ", "a/b", "/", "%2F", " ", "a;b=c", "?", "#", "ä", "😀", "e\u0301", "\u00a0", "\u200b",
                "*"
            })
    void anIdMayHoldWhateverCanBeShown(String id) {
        assertThat(key(id).path()).isEqualTo("customer/" + id);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                ".",
                "..",
                "a\u0000",
                "\n",
                "\t",
                "\u007f",
                "\u0085",
                "\u009f",
                "\ud83d",
                "\ude00",
                "a\ud83db"
            })
    void anIdThatCannotBeKeptEverywhereIsRefused(String id) {
        assertRefused("default", "customer", id);
    }

    @Test
    void theBoundOfAnIdIsInBytesOfUtf8() {
        assertThat(key("a".repeat(256)).id()).hasSize(256);
        assertThat(key("ä".repeat(128)).id()).hasSize(128);
        assertThat(key("€".repeat(85) + "a").id()).hasSize(86);
        assertThat(key("😀".repeat(64)).id()).hasSize(128);

        assertRefused("default", "customer", "a".repeat(257));
        assertRefused("default", "customer", "ä".repeat(128) + "a");
        assertRefused("default", "customer", "€".repeat(85) + "ab");
        assertRefused("default", "customer", "😀".repeat(64) + "a");
        assertRefused("default", "customer", "x".repeat(1 << 20));
    }

    @ParameterizedTest
    @ValueSource(strings = {"a", "customer", "a-1", "a--", "z99"})
    void aTypeIsAPlainWord(String type) {
        assertThat(new ContextKey("default", type, "1").path()).isEqualTo(type + "/1");
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "A", "1a", "-a", "a_b", "a.b", "a/b", "a ", "ä", "a\n"})
    void anyOtherTypeIsRefused(String type) {
        assertRefused("default", type, "1");
    }

    @Test
    void aTypeHasAtMost63Letters() {
        assertThat(new ContextKey("default", "a".repeat(63), "1").type()).hasSize(63);
        assertRefused("default", "a".repeat(64), "1");
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "-a", "a b", "a/b", "ä", ".a", "a\n"})
    void aTenantThatIsNoWordIsRefused(String tenant) {
        assertRefused(tenant, "customer", "1");
    }
}
