package io.sluice.loadtest.simulation;

import io.sluice.loadtest.Options;
import java.io.IOException;
import java.io.Reader;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * What a run is to do. What a simulation does not have is 0.
 *
 * @param sizes of what is published, in bytes, each as often as the others
 * @param rate updates a second, of publishers who do not wait
 * @param waits updates a second, of publishers who wait for the outcome
 * @param reads a second, of what a publisher was shown
 * @param peak updates a second, for so long as {@code spike}
 * @param warmup for so long, before {@code duration}, everything is checked, and arrivals have another name
 * @param connects watchers who connect in a second
 * @param storms how often all watchers leave at once, and come back at once after {@code away}
 * @param rejoin after about so long each watcher leaves, and comes back at once
 * @param patience how long to wait for an answer, for all watchers to be ready, and for the last word
 */
record Plan(
        Kind kind,
        URI url,
        String type,
        int contexts,
        List<Integer> sizes,
        double rate,
        double waits,
        double reads,
        double peak,
        Duration spike,
        Duration warmup,
        Duration duration,
        int watchers,
        double connects,
        Transport transport,
        String policy,
        int storms,
        Duration away,
        Duration rejoin,
        Duration patience,
        Path report) {

    /** By what watchers watch; {@code BOTH}: one half each. */
    enum Transport {
        SSE,
        WEBSOCKET,
        BOTH
    }

    /** What each watcher watches. */
    enum Watches {
        ONE,
        LIST,
        TYPE
    }

    static final Path ENDPOINTS = Path.of("data", "endpoints.properties");

    private static final String LOCAL = "http://127.0.0.1:8080";
    private static final Pattern TYPE = Pattern.compile("[a-z][a-z0-9-]{0,62}");
    private static final Pattern POLICY = Pattern.compile("every|conflate|sample:\\d{1,6}(ms|s|m)");
    private static final Pattern TRANSPORT = Pattern.compile("sse|websocket|both");
    private static final Pattern SIZES = Pattern.compile("\\d{1,7}(,\\d{1,7}){0,99}");
    private static final int MIN_SIZE = 100;
    private static final int MAX_SIZE = 1_000_000;
    private static final int MAX_CONTEXTS = 2_000_000;
    private static final int MAX_RATE = 20_000;

    /** One address has to name them all, in the 4 KB that a request line may have. */
    private static final int MAX_LISTED = 50;

    private static final int SECONDS_OF_A_MINUTE = 60;

    static Plan of(Kind kind, Properties properties) {
        return of(kind, properties, ENDPOINTS);
    }

    /** @param endpoints where a local gateway has written its address, if there is none in the properties */
    static Plan of(Kind kind, Properties properties, Path endpoints) {
        Map<String, String> defaults = new HashMap<>(kind.defaults());
        defaults.put("url", local(endpoints));
        Options options = new Options(properties, defaults);
        Duration warmup = options.seconds("warmup", 0);
        Duration duration = options.seconds("duration", 1);
        double rate = options.has("orders")
                ? options.whole("orders", 1, MAX_RATE * SECONDS_OF_A_MINUTE) / (double) SECONDS_OF_A_MINUTE
                : options.number("rate", 0.1, MAX_RATE);
        return new Plan(
                kind,
                options.url("url", Set.of("http", "https")),
                options.matching("type", TYPE, "a type, such as customer"),
                options.has("contexts") ? contexts(kind, options) : each(options, rate, warmup.plus(duration)),
                sizes(options),
                rate,
                options.has("waits") ? options.number("waits", 0.1, MAX_RATE) : 0,
                options.has("reads") ? options.number("reads", 0.1, MAX_RATE) : 0,
                options.has("peak") ? options.number("peak", 0.1, MAX_RATE) : 0,
                options.has("spike") ? options.seconds("spike", 1) : Duration.ZERO,
                warmup,
                duration,
                options.has("watchers") ? options.whole("watchers", 1, 50_000) : 0,
                options.has("connects") ? options.number("connects", 1, 10_000) : 0,
                transport(options),
                options.has("policy")
                        ? options.matching("policy", POLICY, "every, conflate, or such as sample:250ms")
                        : "",
                options.has("storms") ? options.whole("storms", 1, 1000) : 0,
                options.has("away") ? options.seconds("away", 0) : Duration.ZERO,
                options.has("rejoin") ? options.seconds("rejoin", 1) : Duration.ZERO,
                options.seconds("patience", 1),
                report(options));
    }

    private static String local(Path endpoints) {
        Properties local = new Properties();
        if (Files.isRegularFile(endpoints)) {
            try (Reader reader = Files.newBufferedReader(endpoints)) {
                local.load(reader);
            } catch (IOException | IllegalArgumentException e) {
                // As if there were none.
            }
        }
        return local.getProperty("gateway", LOCAL);
    }

    private static int contexts(Kind kind, Options options) {
        return options.whole("contexts", 1, kind == Kind.MARKET_DATA ? MAX_LISTED : MAX_CONTEXTS);
    }

    /** Each update is of a context of its own. */
    private static int each(Options options, double rate, Duration publishing) {
        double contexts = Math.ceil(rate * publishing.toSeconds());
        if (contexts > MAX_CONTEXTS) {
            throw options.wrong("duration", "no more than " + MAX_CONTEXTS + " orders in all");
        }
        return (int) contexts;
    }

    private static List<Integer> sizes(Options options) {
        String expected = "whole numbers from " + MIN_SIZE + " to " + MAX_SIZE + ", such as 200,1000";
        List<Integer> sizes = Stream.of(
                        options.matching("sizes", SIZES, expected).split(","))
                .map(Integer::valueOf)
                .toList();
        if (sizes.stream().anyMatch(size -> size < MIN_SIZE || size > MAX_SIZE)) {
            throw options.wrong("sizes", expected);
        }
        return sizes;
    }

    private static Transport transport(Options options) {
        if (!options.has("transport")) {
            return Transport.SSE;
        }
        return switch (options.matching("transport", TRANSPORT, "sse, websocket or both")) {
            case "sse" -> Transport.SSE;
            case "websocket" -> Transport.WEBSOCKET;
            default -> Transport.BOTH;
        };
    }

    private static Path report(Options options) {
        try {
            return Path.of(options.text("report"));
        } catch (InvalidPathException e) {
            throw options.wrong("report", "a folder");
        }
    }

    Watches watches() {
        return switch (kind) {
            case ORDERS -> Watches.TYPE;
            case MARKET_DATA -> Watches.LIST;
            default -> Watches.ONE;
        };
    }

    /** How many of the watchers watch over that. */
    int watchers(Transport over) {
        int streams = (watchers + 1) / 2;
        return switch (transport) {
            case BOTH -> over == Transport.SSE ? streams : watchers - streams;
            default -> transport == over ? watchers : 0;
        };
    }

    /** From the first update to the last. */
    Duration publishing() {
        Duration steady = warmup.plus(duration);
        return kind == Kind.SPIKE ? steady.plus(spike).plus(duration) : steady;
    }

    long updates() {
        return Math.round((publishing().toSeconds() - spike.toSeconds()) * rate)
                + Math.round(publishing().toSeconds() * waits)
                + Math.round(spike.toSeconds() * peak);
    }

    /** How often a watcher looks what has come: thousands of them together not more often than the client can bear. */
    Duration look() {
        return Duration.ofMillis(Math.max(100, watchers / 5));
    }
}
