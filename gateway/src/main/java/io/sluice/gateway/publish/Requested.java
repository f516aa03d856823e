package io.sluice.gateway.publish;

import io.sluice.backpressure.EventCodec;
import io.sluice.gateway.web.Problem;
import io.sluice.gateway.web.ProblemException;
import io.sluice.resolver.Causality;
import io.sluice.resolver.Cause;
import io.sluice.resolver.Condition;
import io.sluice.resolver.Identity;
import io.sluice.resolver.MalformedException;
import io.sluice.resolver.Revision;
import io.sluice.resolver.Texts;
import java.time.Duration;
import java.time.Instant;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.springframework.web.reactive.function.server.ServerRequest;

/** What the headers of a write ask for. */
final class Requested {

    private static final Duration LONGEST_WAIT = Duration.ofSeconds(30);
    private static final Duration WAIT_OF_CONDITION = Duration.ofSeconds(5);
    private static final Pattern ETAG = Pattern.compile("\\s*(?:(W/)?\"([^\"]*)\")\\s*(?:,|$)");
    private static final Pattern WAIT = Pattern.compile("\\s*wait\\s*=\\s*\"?([^\";]*)\"?.*", Pattern.CASE_INSENSITIVE);

    static final String DEFAULT_WRITER = "http";

    private Requested() {}

    static Cause cause(ServerRequest request, String type, Instant now, EventIds ids) {
        String writer = header(request, "Sluice-Writer");
        String eventId = eventId(request, writer == null ? DEFAULT_WRITER : writer, ids);
        String eventType = header(request, "Sluice-Event-Type");
        return new Cause(
                new Identity(writer == null ? DEFAULT_WRITER : writer, eventId),
                eventType == null ? EventCodec.defaultEventType(type) : eventType,
                EventCodec.time(header(request, "Sluice-Event-Time"), now),
                plain("Sluice-Correlation-Id", header(request, "Sluice-Correlation-Id")),
                null,
                plain("traceparent", header(request, "traceparent")),
                plain("Sluice-Schema-Version", header(request, "Sluice-Schema-Version")));
    }

    /** What the request says, or the event's dot, or one of ours. */
    private static String eventId(ServerRequest request, String writer, EventIds ids) {
        String key = header(request, "Idempotency-Key");
        if (key != null) {
            return unquoted(key);
        }
        String dot =
                causality(request) instanceof Causality.Clock clock ? EventCodec.dotId(clock.seen(), writer) : null;
        return dot == null ? ids.next() : dot;
    }

    static Causality causality(ServerRequest request) {
        return EventCodec.causality(header(request, "Sluice-Clock"), header(request, "Sluice-Base-Version"));
    }

    static Condition condition(ServerRequest request) {
        String match = header(request, "If-Match");
        String noneMatch = header(request, "If-None-Match");
        if (match != null && noneMatch != null) {
            throw malformed("If-Match and If-None-Match", "both", "one of them");
        }
        if (noneMatch != null) {
            if (!noneMatch.strip().equals("*")) {
                throw malformed("If-None-Match", noneMatch, "*, on a write");
            }
            return new Condition.Absent();
        }
        if (match == null) {
            return Condition.NONE;
        }
        return match.strip().equals("*") ? new Condition.Exists() : new Condition.At(revisions(match));
    }

    /** Tags that are not ours, and weak ones, match nothing: that is no error, but if none is left nothing can hold. */
    private static Set<Revision> revisions(String match) {
        Set<Revision> revisions = new HashSet<>();
        Matcher matcher = ETAG.matcher(match);
        int end = 0;
        while (matcher.find() && matcher.start() == end) {
            end = matcher.end();
            if (matcher.group(1) == null) {
                try {
                    revisions.add(Revision.parse(matcher.group(2)));
                } catch (MalformedException e) {
                    // Somebody else's tag.
                }
            }
        }
        if (end < match.length()) {
            throw malformed("If-Match", match, "* or entity tags in double quotes");
        }
        if (revisions.isEmpty()) {
            throw Problem.of(
                            Problem.Kind.CONDITION_NOT_MET,
                            "If-Match: " + Texts.shown(match) + " (expected: an ETag that a read of the context gave)")
                    .exception();
        }
        return revisions;
    }

    /** How long the answer may take; null: it does not wait. */
    static @Nullable Duration wait(ServerRequest request, Condition condition) {
        for (String header : request.headers().header("Prefer")) {
            for (String preference : header.split(",", -1)) {
                Matcher matcher = WAIT.matcher(preference);
                if (matcher.matches()) {
                    return seconds(matcher.group(1).strip());
                }
            }
        }
        return condition instanceof Condition.None ? null : WAIT_OF_CONDITION;
    }

    private static Duration seconds(String text) {
        try {
            Duration wait = Duration.ofSeconds(Integer.parseUnsignedInt(text));
            return wait.compareTo(LONGEST_WAIT) > 0 ? LONGEST_WAIT : wait;
        } catch (NumberFormatException e) {
            throw malformed("Prefer", "wait=" + text, "whole seconds, such as wait=5");
        }
    }

    private static String unquoted(String key) {
        return key.length() > 1 && key.startsWith("\"") && key.endsWith("\"")
                ? key.substring(1, key.length() - 1)
                : key;
    }

    private static @Nullable String header(ServerRequest request, String name) {
        List<String> values = request.headers().header(name);
        return values.isEmpty() ? null : String.join(", ", values);
    }

    private static @Nullable String plain(String name, @Nullable String value) {
        if (value != null && (value.length() > Identity.MAX_LENGTH || !Texts.isPlain(value))) {
            throw malformed(
                    name, value, "at most " + Identity.MAX_LENGTH + " characters, none of them a control character");
        }
        return value;
    }

    private static ProblemException malformed(String name, String value, String expected) {
        return Problem.of(
                        Problem.Kind.MALFORMED, name + ": \"" + Texts.shown(value) + "\" (expected: " + expected + ")")
                .exception();
    }
}
