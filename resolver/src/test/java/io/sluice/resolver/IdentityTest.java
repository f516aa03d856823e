package io.sluice.resolver;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class IdentityTest {

    @ParameterizedTest
    @ValueSource(strings = {"a", "ä 😀", "*", "*sluice", "https://example.org/source?a=b#c"})
    void aWriterIsAnyText(String writer) {
        assertThat(new Identity(writer, "1").writer()).isEqualTo(writer);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "\u0000", "a\nb", "\ud83d", "\u0085"})
    void whatCannotBeKeptEverywhereIsRefused(String text) {
        assertThatThrownBy(() -> new Identity(text, "1")).isInstanceOf(MalformedException.class);
        assertThatThrownBy(() -> new Identity("w", text)).isInstanceOf(MalformedException.class);
    }

    @Test
    void bothPartsAreBounded() {
        assertThat(new Identity("a".repeat(256), "b".repeat(256)).eventId()).hasSize(256);
        assertThatThrownBy(() -> new Identity("a".repeat(257), "1")).isInstanceOf(MalformedException.class);
        assertThatThrownBy(() -> new Identity("w", "a".repeat(257))).isInstanceOf(MalformedException.class);
    }

    @Test
    void whatIsShownIsBoundedAndPrintable() {
        String shown = Texts.shown("\u0000\ud83d" + "😀".repeat(1_000));

        assertThat(shown).startsWith("??😀").endsWith("...").hasSizeLessThan(90);
        assertThat(Texts.isPlain(shown)).isTrue();
        assertThat(Texts.shown("plain")).isEqualTo("plain");
    }
}
