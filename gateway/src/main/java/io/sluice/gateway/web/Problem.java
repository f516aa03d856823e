package io.sluice.gateway.web;

import io.sluice.resolver.ContextException;
import io.sluice.resolver.Json;
import io.sluice.resolver.NoLongerKeptException;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import org.springframework.http.HttpHeaders;
import org.springframework.http.HttpStatusCode;
import org.springframework.http.MediaType;
import org.springframework.web.reactive.function.server.ServerResponse;
import reactor.core.publisher.Mono;
import reactor.netty.http.server.HttpServerResponse;
import tools.jackson.databind.node.ObjectNode;

/**
 * What went wrong, as RFC 9457 has it.
 *
 * @param detail names the value and what was expected
 * @param headers to go with it
 * @param members to stand in it beside those that each has
 */
public record Problem(Kind kind, String detail, Map<String, String> headers, Map<String, String> members) {

    /** What can go wrong. The explanation is what {@code /problems/<code>} answers. */
    public enum Kind {
        MALFORMED(
                400,
                "Malformed request",
                "Something in the request cannot be read. The detail says what, and what was expected."),
        UNKNOWN_TYPE(
                404, "Unknown type", "No such type of contexts is configured. Types are set with sluice.types.<type>."),
        NOT_FOUND(404, "Not found", "This context was never written, or there is nothing at this address."),
        METHOD_NOT_ALLOWED(
                405, "Method not allowed", "The address exists, but not for this method. Allow says for which."),
        STALE(
                409,
                "Stale base",
                "What the change is based on is no longer kept, or not yet there. Read the context again, and base it on that."),
        GONE(410, "Deleted", "This context was deleted. Its ETag is still there, for a conditional write."),
        NO_LONGER_KEPT(
                410,
                "No longer kept",
                "What was so then has been dropped from the journal (sluice.journal.retention). The context itself is still there;"
                        + " keptSince is the earliest instant of what is asked for that can be had."),
        CONDITION_NOT_MET(
                412,
                "Condition not met",
                "If-Match or If-None-Match did not hold when the event was folded. Read the context again, and decide anew."),
        TOO_LARGE(
                413,
                "Too large",
                "The body is larger than sluice.limits.body allows, a batch than sluice.limits.batch, or what is asked for is"
                        + " more than is read at once."),
        UNSUPPORTED_MEDIA_TYPE(
                415,
                "Unsupported media type",
                "The content type is none that is taken here. Accept, Accept-Post or Accept-Patch say which are."),
        MISDIRECTED(
                421,
                "Misdirected",
                "This process does not have the role that the request needs (sluice.roles). Nothing was done: send it to one that"
                        + " has."),
        REJECTED(
                422,
                "Rejected",
                "The event was read and understood, and cannot be taken. The detail says why; it is in the journal with that reason."),
        INTERNAL(500, "Internal error", "A fault of Sluice. The log of the gateway says more."),
        UNAVAILABLE(
                503,
                "Unavailable",
                "A system that is needed is away, full, or not as far yet. Nothing was written. Try again after Retry-After."),
        UNCERTAIN(
                504,
                "Not known",
                "It is not known whether the event was written. Repeat the request with the same Idempotency-Key: the two make one change.");

        private final int status;
        private final String title;
        private final String explanation;

        Kind(int status, String title, String explanation) {
            this.status = status;
            this.title = title;
            this.explanation = explanation;
        }

        public String code() {
            return name().toLowerCase(Locale.ROOT).replace('_', '-');
        }

        String title() {
            return title;
        }

        String explanation() {
            return explanation;
        }

        public int status() {
            return status;
        }

        public boolean isRetryable() {
            return this == UNAVAILABLE || this == UNCERTAIN;
        }
    }

    public Problem {
        headers = Map.copyOf(headers);
        members = Map.copyOf(members);
    }

    public static Problem of(Kind kind, String detail) {
        return new Problem(kind, detail, Map.of(), Map.of());
    }

    public Problem with(String name, String value) {
        Map<String, String> more = new TreeMap<>(headers);
        more.put(name, value);
        return new Problem(kind, detail, more, members);
    }

    /** The problem of one event, which it names. */
    public Problem ofEvent(String eventId) {
        return new Problem(kind, detail, headers, Map.of("eventId", eventId)).with("Sluice-Event-Id", eventId);
    }

    /** As an exception, to be thrown to the edge. */
    public ProblemException exception() {
        return new ProblemException(this);
    }

    public static Problem of(Throwable e) {
        if (e instanceof ProblemException known) {
            return known.problem();
        }
        if (e instanceof ContextException failure) {
            if (failure instanceof NoLongerKeptException past) {
                return new Problem(
                        Kind.NO_LONGER_KEPT,
                        String.valueOf(past.getMessage()),
                        Map.of(),
                        Map.of("keptSince", past.keptSince().toString()));
            }
            Kind kind = switch (failure) {
                case io.sluice.resolver.MalformedException m ->
                    m.code().equals("too-large") ? Kind.TOO_LARGE : Kind.MALFORMED;
                case io.sluice.resolver.UncertainException u -> Kind.UNCERTAIN;
                case io.sluice.resolver.UnavailableException u -> Kind.UNAVAILABLE;
                default -> Kind.INTERNAL;
            };
            return of(kind, String.valueOf(failure.getMessage()));
        }
        return of(Kind.INTERNAL, "a fault of Sluice (" + e.getClass().getSimpleName() + ")");
    }

    byte[] json() {
        return Json.bytes(object());
    }

    /** What it is in JSON, for an answer that has more than this in it. */
    public ObjectNode object() {
        ObjectNode json = Json.newObject()
                .put("type", "/problems/" + kind.code())
                .put("title", kind.title())
                .put("status", kind.status())
                .put("detail", detail)
                .put("code", kind.code())
                .put("retryable", kind.isRetryable());
        members.forEach(json::put);
        return json;
    }

    /** As the answer of a route beside the framework. */
    public Mono<Void> send(HttpServerResponse response) {
        response.status(kind.status())
                .header(HttpHeaders.CONTENT_TYPE, MediaType.APPLICATION_PROBLEM_JSON_VALUE)
                .header(HttpHeaders.CACHE_CONTROL, "no-store");
        headers.forEach(response::header);
        if (kind == Kind.UNAVAILABLE && !headers.containsKey(HttpHeaders.RETRY_AFTER)) {
            response.header(HttpHeaders.RETRY_AFTER, "1");
        }
        return response.sendByteArray(Mono.just(json())).then();
    }

    public Mono<ServerResponse> response() {
        ServerResponse.BodyBuilder response = ServerResponse.status(HttpStatusCode.valueOf(kind.status()))
                .contentType(MediaType.APPLICATION_PROBLEM_JSON)
                .header(HttpHeaders.CACHE_CONTROL, "no-store");
        headers.forEach(response::header);
        if (kind == Kind.UNAVAILABLE && !headers.containsKey(HttpHeaders.RETRY_AFTER)) {
            response.header(HttpHeaders.RETRY_AFTER, "1");
        }
        return response.bodyValue(json());
    }
}
