package io.sluice.gateway.web;

import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaders;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.springframework.web.cors.CorsConfiguration;
import org.springframework.web.cors.reactive.CorsUtils;
import org.springframework.web.cors.reactive.CorsWebFilter;
import org.springframework.web.cors.reactive.DefaultCorsProcessor;
import org.springframework.web.cors.reactive.UrlBasedCorsConfigurationSource;
import org.springframework.web.server.ServerWebExchange;
import org.springframework.web.server.WebFilter;

/**
 * Which pages of other origins may use {@code /v1}. The browser keeps the others from it; an answer without the headers is all
 * that takes, so that nobody else who sends an origin is refused.
 */
public final class Cors {

    private static final List<String> EXPOSED = List.of(
            "ETag",
            "Location",
            "Retry-After",
            "Allow",
            "Preference-Applied",
            "Sluice-Version",
            "Sluice-Clock",
            "Sluice-Event-Id",
            "Sluice-Resolution");

    private final @Nullable CorsConfiguration configuration;

    /** @param origins exact, or with {@code *} for any part of one; none: no other origin may @param credentials whether cookies may be sent */
    public Cors(List<String> origins, boolean credentials) {
        configuration = origins.isEmpty() ? null : configuration(origins, credentials);
    }

    private static CorsConfiguration configuration(List<String> origins, boolean credentials) {
        CorsConfiguration cors = new CorsConfiguration();
        cors.setAllowedOriginPatterns(origins);
        cors.setAllowedMethods(List.of("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE"));
        cors.setAllowedHeaders(List.of(CorsConfiguration.ALL));
        cors.setExposedHeaders(EXPOSED);
        cors.setAllowCredentials(credentials ? true : null);
        cors.setMaxAge(Duration.ofHours(1));
        return cors;
    }

    /** For all that the framework answers, and for the questions that browsers ask before. */
    public WebFilter filter() {
        if (configuration == null) {
            return (exchange, chain) -> chain.filter(exchange);
        }
        UrlBasedCorsConfigurationSource source = new UrlBasedCorsConfigurationSource();
        source.registerCorsConfiguration("/v1/**", configuration);
        return new CorsWebFilter(source, new LenientProcessor());
    }

    /** For an answer beside the framework. */
    public void head(@Nullable String origin, HttpHeaders answer) {
        if (configuration == null) {
            return;
        }
        answer.add(HttpHeaderNames.VARY, "Origin");
        String allowed = origin == null ? null : configuration.checkOrigin(origin);
        if (allowed != null) {
            answer.set(HttpHeaderNames.ACCESS_CONTROL_ALLOW_ORIGIN, allowed);
            answer.set(HttpHeaderNames.ACCESS_CONTROL_EXPOSE_HEADERS, String.join(", ", EXPOSED));
            if (Boolean.TRUE.equals(configuration.getAllowCredentials())) {
                answer.set(HttpHeaderNames.ACCESS_CONTROL_ALLOW_CREDENTIALS, "true");
            }
        }
    }

    /** Answers requests of other origins too, without the headers. */
    private static final class LenientProcessor extends DefaultCorsProcessor {

        @Override
        public boolean process(@Nullable CorsConfiguration with, ServerWebExchange exchange) {
            String origin = exchange.getRequest().getHeaders().getOrigin();
            boolean asks = CorsUtils.isPreFlightRequest(exchange.getRequest());
            if (with == null || asks || origin == null || with.checkOrigin(origin) != null) {
                return super.process(with, exchange);
            }
            exchange.getResponse().getHeaders().add(org.springframework.http.HttpHeaders.VARY, "Origin");
            return true;
        }
    }
}
