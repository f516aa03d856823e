package io.sluice.resolver;

/** What texts from outside may hold, and how they are shown to people. */
public final class Texts {

    private static final int MAX_SHOWN = 80;

    private Texts() {}

    /** No control characters, and every surrogate is one of a pair: can be kept, shown and encoded anywhere. */
    public static boolean isPlain(String text) {
        for (int i = 0; i < text.length(); ) {
            int codePoint = text.codePointAt(i);
            if (Character.isISOControl(codePoint) || isHalfOfPair(codePoint)) {
                return false;
            }
            i += Character.charCount(codePoint);
        }
        return true;
    }

    /** Every surrogate is one of a pair. */
    static boolean isUnicode(String text) {
        return text.codePoints().noneMatch(Texts::isHalfOfPair);
    }

    /** The text as it may stand in a message: bounded, and with everything unprintable replaced. */
    public static String shown(String text) {
        StringBuilder shown = new StringBuilder();
        for (int i = 0; i < text.length() && shown.length() < MAX_SHOWN; ) {
            int codePoint = text.codePointAt(i);
            shown.appendCodePoint(Character.isISOControl(codePoint) || isHalfOfPair(codePoint) ? '?' : codePoint);
            i += Character.charCount(codePoint);
        }
        return shown.length() >= MAX_SHOWN ? shown.append("...").toString() : shown.toString();
    }

    private static boolean isHalfOfPair(int codePoint) {
        return codePoint >= Character.MIN_SURROGATE && codePoint <= Character.MAX_SURROGATE;
    }
}
