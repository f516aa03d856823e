package io.sluice.gateway.web;

import io.sluice.backpressure.ContextType;
import io.sluice.backpressure.ContextTypes;
import io.sluice.resolver.ContextKey;
import io.sluice.resolver.Texts;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/**
 * What a URL names, read once and from its raw path: frameworks decode {@code %2F} too early, and drop what follows a
 * semicolon.
 *
 * @param id null: the whole type
 * @param part what of it
 */
public record Address(ContextType type, @Nullable String id, Part part) {

    /** What of a context or a type is named: itself, or what belongs to it. */
    public enum Part {
        ITSELF,
        CONFLICTS,
        HISTORY
    }

    private static final String PREFIX = "/v1/contexts/";
    private static final String CONFLICTS = "/v1/conflicts/";

    /** Whether a path is of contexts at all. */
    public static boolean matches(String rawPath) {
        return rawPath.startsWith(PREFIX) || rawPath.startsWith(CONFLICTS);
    }

    /** @throws ProblemException if the path names nothing, with what was expected */
    public static Address parse(String rawPath, ContextTypes types) {
        boolean conflictsOfType = rawPath.startsWith(CONFLICTS);
        String[] segments = rawPath.substring((conflictsOfType ? CONFLICTS : PREFIX).length())
                .split("/", -1);
        Part part = conflictsOfType ? Part.CONFLICTS : segments.length == 3 ? part(segments[2]) : Part.ITSELF;
        if (part == null || segments.length > (conflictsOfType ? 1 : 3)) {
            throw Problem.of(
                            Problem.Kind.NOT_FOUND,
                            "path: " + rawPath + " (expected: " + PREFIX
                                    + "<type>/<id>, or that with /conflicts or /history, a slash in the id"
                                    + " percent-encoded as %2F, or " + CONFLICTS + "<type>)")
                    .exception();
        }
        String name = decoded(segments[0]);
        ContextType type = types.named(name).orElseThrow(() -> unknownType(name, types));
        return new Address(type, segments.length == 1 ? null : decoded(segments[1]), part);
    }

    private static @Nullable Part part(String segment) {
        return switch (segment) {
            case "conflicts" -> Part.CONFLICTS;
            case "history" -> Part.HISTORY;
            default -> null;
        };
    }

    /** What is said of a type that is not configured. */
    public static ProblemException unknownType(String name, ContextTypes types) {
        return Problem.of(
                        Problem.Kind.UNKNOWN_TYPE,
                        "type: \"" + Texts.shown(name) + "\" (expected: one of "
                                + types.all().stream().map(ContextType::name).toList() + ")")
                .exception();
    }

    /** The key of the one context that is named. Tenants come with access. */
    public ContextKey key() {
        return new ContextKey(ContextKey.DEFAULT_TENANT, type.name(), id == null ? "" : id);
    }

    /** The path of a context. */
    public static String of(ContextKey key) {
        return PREFIX + key.type() + "/"
                + URLEncoder.encode(key.id(), StandardCharsets.UTF_8).replace("+", "%20");
    }

    private static String decoded(String segment) {
        try {
            return Texts.unescaped(segment, '%');
        } catch (IllegalArgumentException e) {
            throw malformed(segment);
        }
    }

    private static ProblemException malformed(String segment) {
        return Problem.of(
                        Problem.Kind.MALFORMED,
                        "path segment: \"" + Texts.shown(segment) + "\" (expected: UTF-8, percent-encoded)")
                .exception();
    }
}
