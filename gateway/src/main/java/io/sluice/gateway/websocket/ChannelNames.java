package io.sluice.gateway.websocket;

import io.sluice.resolver.ContextKey;
import io.sluice.resolver.MalformedException;
import io.sluice.resolver.Texts;
import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
import java.util.function.Predicate;

/**
 * Which channel is of which context: {@code <type>:<id>}, what is behind the first colon percent-encoded. A context's own name is
 * that which JavaScript's {@code encodeURIComponent} gives; other spellings of it are understood, and are channels of their own.
 */
public final class ChannelNames {

    /** The longest that can name a context: each byte of the id encoded. */
    static final int MAX_LENGTH = 63 + 1 + 3 * ContextKey.MAX_ID_BYTES;

    private static final String AS_THEY_ARE = "-_.!~*'()";
    private static final HexFormat HEX = HexFormat.of().withUpperCase();

    private final Predicate<String> isType;

    /** @param isType whether contexts of that name are configured */
    public ChannelNames(Predicate<String> isType) {
        this.isType = isType;
    }

    /** The own name of a context's channel. */
    public static String of(ContextKey key) {
        StringBuilder name = new StringBuilder(key.type()).append(':');
        for (byte octet : key.id().getBytes(StandardCharsets.UTF_8)) {
            char c = (char) (octet & 0xFF);
            if (isLetterOrDigit(c) || AS_THEY_ARE.indexOf(c) >= 0) {
                name.append(c);
            } else {
                name.append('%').append(HEX.toHexDigits(octet));
            }
        }
        return name.toString();
    }

    /**
     * @throws CommandFailure 107 if the name is longer than any can be; 108 if it names a whole type, since that is there but
     *     cannot be subscribed to this way; 102 if it names nothing
     */
    ContextKey key(String channel) {
        if (channel.length() > MAX_LENGTH) {
            throw Errors.BAD_REQUEST
                    .because("channel of " + channel.length() + " characters (expected: at most " + MAX_LENGTH + ")")
                    .failure();
        }
        int colon = channel.indexOf(':');
        if (colon >= 0) {
            return key(channel.substring(0, colon), decoded(channel.substring(colon + 1), channel), channel);
        }
        throw (isType.test(channel) ? Errors.NOT_AVAILABLE : Errors.UNKNOWN_CHANNEL)
                .because(shown(channel) + " (expected: <type>:<id>)")
                .failure();
    }

    /** @param path {@code <type>/<id>}, the id as it is */
    ContextKey keyOfPath(String path) {
        int slash = path.indexOf('/');
        if (slash < 0) {
            throw unknown(path, "<type>/<id>");
        }
        return key(path.substring(0, slash), path.substring(slash + 1), path);
    }

    private ContextKey key(String type, String id, String whole) {
        if (!isType.test(type)) {
            throw unknown(whole, "a type that is configured");
        }
        try {
            return new ContextKey(ContextKey.DEFAULT_TENANT, type, id);
        } catch (MalformedException e) {
            throw unknown(whole, String.valueOf(e.getMessage()));
        }
    }

    private static String decoded(String text, String channel) {
        try {
            return Texts.unescaped(text, '%');
        } catch (IllegalArgumentException e) {
            throw unknown(channel, String.valueOf(e.getMessage()));
        }
    }

    private static boolean isLetterOrDigit(char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
    }

    private static CommandFailure unknown(String name, String expected) {
        return Errors.UNKNOWN_CHANNEL
                .because(shown(name) + " (expected: " + expected + ")")
                .failure();
    }

    private static String shown(String name) {
        return "\"" + Texts.shown(name) + "\"";
    }
}
