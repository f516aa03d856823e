package io.sluice.resolver;

import java.util.List;
import java.util.random.RandomGenerator;

/** Short texts with what is easily miscounted: astral and combining characters, joiners, line ends, controls. */
final class RandomTexts {

    private static final List<String> CHARACTERS = List.of(
            "a",
            "b",
            "c",
            " ",
            "ü",
            "e\u0301",
            "\u0301",
            "😀",
            "👩\u200d👧",
            "🏽",
            "\n",
            "\u0000",
            "\uffff",
            "𝒳",
            "漢");

    private RandomTexts() {}

    static String text(RandomGenerator random, int max) {
        StringBuilder text = new StringBuilder();
        for (int left = random.nextInt(max + 1); left > 0; left--) {
            text.append(CHARACTERS.get(random.nextInt(CHARACTERS.size())));
        }
        return text.toString();
    }

    static String someText(RandomGenerator random, int max) {
        String text = text(random, max);
        return text.isEmpty() ? "x" : text;
    }

    static int length(String text) {
        return text.codePointCount(0, text.length());
    }

    /** In UTF-16 code units, of that many code points. */
    static int units(String text, int codePoints) {
        return text.offsetByCodePoints(0, codePoints);
    }
}
