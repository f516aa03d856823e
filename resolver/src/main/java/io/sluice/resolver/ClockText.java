package io.sluice.resolver;

import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Reads the text of a {@link VersionVector}: a dictionary of RFC 9651 whose members are integers, none of them 0. */
public final class ClockText {

    private static final Pattern MEMBER = Pattern.compile("([a-z*][a-z0-9_.*-]*)=(-?[0-9]+)");
    private static final Pattern SEPARATOR = Pattern.compile("[ \t]*,[ \t]*");

    /** So many writers can one clock name. */
    public static final int MAX_WRITERS = 256;

    private static final int MAX_DIGITS = 15;

    private ClockText() {}

    /** @throws MalformedException with the member that cannot be read, or if there is none */
    public static VersionVector parse(String text) {
        TreeMap<String, Long> counters = new TreeMap<>();
        for (String member : SEPARATOR.split(text.strip(), -1)) {
            Matcher matcher = MEMBER.matcher(member);
            if (!matcher.matches()) {
                throw malformed(member, "a dictionary of RFC 9651 with integers, such as a=3, b=7");
            }
            counters.put(writer(matcher.group(1)), counter(member, matcher.group(2)));
        }
        if (counters.size() > MAX_WRITERS) {
            throw malformed(text, "at most " + MAX_WRITERS + " writers");
        }
        return new VersionVector(counters);
    }

    /** A clock that counts a writer from 0 says nothing of it: whoever sends one means something else. */
    private static long counter(String member, String digits) {
        long counter = digits.length() > MAX_DIGITS ? 0 : Long.parseLong(digits);
        if (counter < 1) {
            throw malformed(member, "counters from 1 to " + VersionVector.MAX_COUNTER);
        }
        return counter;
    }

    private static String writer(String key) {
        if (key.startsWith(VersionVector.RESERVED)) {
            return VersionVector.RESERVED + decoded(key.substring(VersionVector.RESERVED.length()));
        }
        return decoded(key);
    }

    private static String decoded(String key) {
        try {
            return Texts.unescaped(key, '*');
        } catch (IllegalArgumentException e) {
            throw malformed(key, String.valueOf(e.getMessage()));
        }
    }

    private static MalformedException malformed(String value, String expected) {
        return new MalformedException(
                "malformed-clock", "clock: \"" + Texts.shown(value) + "\" (expected: " + expected + ")");
    }
}
