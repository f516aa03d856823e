package io.sluice.resolver;

/**
 * Which event this is: the same identity twice is the same event twice.
 *
 * @param writer who wrote it; not a reserved name
 * @param eventId unique for the writer
 */
public record Identity(String writer, String eventId) {

    public static final int MAX_LENGTH = 256;

    public Identity {
        require("writer", writer);
        require("event id", eventId);
        if (writer.startsWith(VersionVector.RESERVED)) {
            throw new MalformedException(
                    "reserved-writer",
                    "writer: \"" + Texts.shown(writer) + "\" (expected: no name that begins with "
                            + VersionVector.RESERVED + ")");
        }
    }

    private static void require(String what, String value) {
        if (value.isEmpty() || value.length() > MAX_LENGTH || !Texts.isPlain(value)) {
            throw new MalformedException(
                    "malformed-identity",
                    what + ": \"" + Texts.shown(value) + "\" (expected: 1 to " + MAX_LENGTH
                            + " characters, none of them a control character)");
        }
    }
}
