package io.sluice.gateway.web;

import io.sluice.resolver.ContextState;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.Locale;
import org.springframework.http.HttpHeaders;
import org.springframework.web.reactive.function.server.ServerResponse;

/** The headers that a state has wherever it is an answer. */
public final class StateResponses {

    public static final String VERSION = "Sluice-Version";

    private static final DateTimeFormatter HTTP_DATE = DateTimeFormatter.ofPattern(
                    "EEE, dd MMM yyyy HH:mm:ss 'GMT'", Locale.ROOT)
            .withZone(ZoneOffset.UTC);

    private StateResponses() {}

    /** Opaque to clients; tells lives of a key apart too. */
    public static String etag(ContextState state) {
        return "\"" + state.revision() + "\"";
    }

    public static String lastModified(ContextState state) {
        return HTTP_DATE.format(state.position().time());
    }

    public static <B extends ServerResponse.HeadersBuilder<B>> B describe(B response, ContextState state) {
        return response.header(HttpHeaders.ETAG, etag(state))
                .header(VERSION, String.valueOf(state.revision().version()))
                .header("Sluice-Clock", state.clock().toString())
                .header(HttpHeaders.LAST_MODIFIED, lastModified(state));
    }
}
