package io.sluice.resolver;

import java.nio.charset.StandardCharsets;
import java.util.regex.Pattern;

/**
 * Names one context.
 *
 * @param type lower-case letters, digits and hyphens, starting with a letter, at most 63
 * @param id 1 to 256 bytes of UTF-8 without control characters; neither {@code .} nor {@code ..}
 */
public record ContextKey(String tenant, String type, String id) {

    /** The tenant of whoever does not say otherwise. */
    public static final String DEFAULT_TENANT = "default";

    public static final int MAX_ID_BYTES = 256;

    private static final Pattern TYPE = Pattern.compile("[a-z][a-z0-9-]{0,62}");
    private static final Pattern TENANT = Pattern.compile("[A-Za-z0-9][A-Za-z0-9._-]{0,62}");

    public ContextKey {
        if (!TENANT.matcher(tenant).matches()) {
            throw malformed("tenant", tenant, TENANT.pattern());
        }
        requireType(type);
        requireId(id);
    }

    /** {@code <type>/<id>}, the id as it is: the form that users see. */
    public String path() {
        return type + "/" + id;
    }

    /** @throws MalformedException unless the text can name a type */
    public static void requireType(String type) {
        if (!TYPE.matcher(type).matches()) {
            throw malformed("type", type, TYPE.pattern());
        }
    }

    private static void requireId(String id) {
        if (id.isEmpty() || id.length() > MAX_ID_BYTES || bytes(id) > MAX_ID_BYTES) {
            throw malformed("id", id, "1 to " + MAX_ID_BYTES + " bytes of UTF-8, found " + bytes(id));
        }
        if (id.equals(".") || id.equals("..")) {
            throw malformed("id", id, "not a dot segment");
        }
        if (!Texts.isPlain(id)) {
            throw malformed("id", id, "no control characters and no half surrogate pairs");
        }
    }

    private static int bytes(String id) {
        return id.getBytes(StandardCharsets.UTF_8).length;
    }

    private static MalformedException malformed(String what, String value, String expected) {
        return new MalformedException(
                "malformed-key", what + ": \"" + Texts.shown(value) + "\" (expected: " + expected + ")");
    }
}
