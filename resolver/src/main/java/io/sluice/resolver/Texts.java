package io.sluice.resolver;

import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.HexFormat;

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

    /** An address as it may stand in a message, though it be malformed: without a user, a password and parameters. */
    public static String withoutSecrets(String url) {
        return shown(url.replaceFirst("(?s)^([a-zA-Z0-9+.:-]*//)?.*@", "$1...@").replaceFirst("(?s)\\?.*", "?..."));
    }

    /**
     * The text of which some bytes are written as an escape and two hexadecimal digits.
     *
     * @throws IllegalArgumentException with what was expected
     */
    public static String unescaped(String text, char escape) {
        byte[] raw = text.getBytes(StandardCharsets.UTF_8);
        ByteBuffer bytes = ByteBuffer.allocate(raw.length);
        for (int i = 0; i < raw.length; i++) {
            if (raw[i] != escape) {
                bytes.put(raw[i]);
            } else if (i + 2 < raw.length && HexFormat.isHexDigit(raw[i + 1]) && HexFormat.isHexDigit(raw[i + 2])) {
                bytes.put((byte) (HexFormat.fromHexDigit(raw[i + 1]) << 4 | HexFormat.fromHexDigit(raw[i + 2])));
                i += 2;
            } else {
                throw new IllegalArgumentException("two hexadecimal digits behind each " + escape);
            }
        }
        try {
            return StandardCharsets.UTF_8.newDecoder().decode(bytes.flip()).toString();
        } catch (CharacterCodingException e) {
            throw new IllegalArgumentException("bytes of UTF-8 behind each " + escape, e);
        }
    }

    private static boolean isHalfOfPair(int codePoint) {
        return codePoint >= Character.MIN_SURROGATE && codePoint <= Character.MAX_SURROGATE;
    }
}
