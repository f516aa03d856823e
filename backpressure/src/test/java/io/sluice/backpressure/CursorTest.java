package io.sluice.backpressure;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Arrays;
import java.util.Base64;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class CursorTest {

    private static final Instant NOW = Instant.parse("2026-01-31T12:00:00Z");

    private static Cursor random(Random random, int partitions) {
        long[] next = random.longs(partitions)
                .map(n -> n >>> (1 + random.nextInt(63)))
                .toArray();
        return new Cursor(random.nextInt(), NOW.plusSeconds(random.nextInt(1 << 20)), random.nextBoolean(), next);
    }

    private static void assertSame(Cursor found, Cursor expected) {
        assertThat(found.selection()).isEqualTo(expected.selection());
        assertThat(found.issued()).isEqualTo(expected.issued());
        assertThat(found.complete()).isEqualTo(expected.complete());
        assertThat(found.next()).isEqualTo(expected.next());
    }

    @Test
    void itsTextIsReadBack() throws Exception {
        Seeds.repeat(2_000, random -> {
            int partitions = 1 + random.nextInt(20);
            Cursor cursor = random(random, partitions);
            assertThat(cursor.text()).matches("[A-Za-z0-9_-]+");
            assertSame(Cursor.parse(cursor.text(), partitions).orElseThrow(), cursor);
        });
    }

    @Test
    void theLargestOffsetsAreReadBack() {
        Cursor cursor = new Cursor(-1, NOW, true, new long[] {Long.MAX_VALUE, 0, Long.MAX_VALUE});
        assertSame(Cursor.parse(cursor.text(), 3).orElseThrow(), cursor);
    }

    @Test
    void aCursorOfAnotherNumberOfPartitionsIsRefused() throws Exception {
        Seeds.repeat(500, random -> {
            int partitions = 1 + random.nextInt(8);
            String text = random(random, partitions).text();
            for (int other = 0; other < 12; other++) {
                assertThat(Cursor.parse(text, other).isPresent()).isEqualTo(other == partitions);
            }
        });
    }

    @Test
    void everySingleChangedCharacterIsNoticed() throws Exception {
        String alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_=+/ \u00e4";
        Seeds.repeat(20, random -> {
            int partitions = 1 + random.nextInt(4);
            Cursor cursor = random(random, partitions);
            String text = cursor.text();
            for (int i = 0; i < text.length(); i++) {
                for (char c : alphabet.toCharArray()) {
                    StringBuilder changed = new StringBuilder(text);
                    changed.setCharAt(i, c);
                    // The last character may have bits that say nothing.
                    Cursor.parse(changed.toString(), partitions).ifPresent(found -> assertSame(found, cursor));
                }
            }
        });
    }

    @Test
    void everySingleChangedBitIsNoticed() throws Exception {
        Seeds.repeat(50, random -> {
            int partitions = 1 + random.nextInt(4);
            byte[] bytes =
                    Base64.getUrlDecoder().decode(random(random, partitions).text());
            for (int bit = 0; bit < 8 * bytes.length; bit++) {
                byte[] changed = bytes.clone();
                changed[bit / 8] ^= (byte) (1 << bit % 8);
                assertThat(Cursor.parse(Base64.getUrlEncoder().encodeToString(changed), partitions))
                        .isEmpty();
            }
        });
    }

    @Test
    void whatIsCutOffOrLongerIsRefused() throws Exception {
        Seeds.repeat(100, random -> {
            byte[] bytes = Base64.getUrlDecoder().decode(random(random, 3).text());
            for (int length = 0; length < bytes.length + 8; length++) {
                byte[] cut = Arrays.copyOf(bytes, length);
                assertThat(Cursor.parse(Base64.getUrlEncoder().encodeToString(cut), 3)
                                .isPresent())
                        .isEqualTo(length == bytes.length);
            }
        });
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"", "A", "AA", "AAAA", "AAAAAAAA", "0", "-1", "null", "1-2", "\u0000", "=", "====", "%00", "😀"})
    void whatIsNoCursorIsRefused(String text) {
        assertThat(Cursor.parse(text, 1)).isEmpty();
    }

    @Test
    void garbageIsRefused() throws Exception {
        Seeds.repeat(5_000, random -> {
            byte[] garbage = new byte[random.nextInt(60)];
            random.nextBytes(garbage);
            String text = random.nextBoolean()
                    ? Base64.getUrlEncoder().withoutPadding().encodeToString(garbage)
                    : new String(garbage, StandardCharsets.ISO_8859_1);
            assertThat(Cursor.parse(text, 1 + random.nextInt(4))).isEmpty();
        });
    }

    @Test
    void aHugeTextIsRefused() {
        assertThat(Cursor.parse("A".repeat(10_000_000), 4)).isEmpty();
    }
}
