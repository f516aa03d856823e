package io.sluice.loadtest;

import java.net.URI;
import java.time.Duration;
import java.util.Map;
import java.util.Properties;
import java.util.Set;
import java.util.regex.Pattern;

/**
 * What a run is to do.
 *
 * @param url of the gateway, without a path
 * @param context {@code <type>/<id>}; written by this run, and best by nobody else meanwhile
 * @param rate updates a second
 * @param warmup for so long, before {@code duration}, everything is checked but no latency is counted
 * @param patience how long to wait for every {@code ready}, and for an answer
 * @param settle the last deliveries are waited for until none has come for so long
 */
record Settings(
        URI url,
        String context,
        int watchers,
        double rate,
        Duration duration,
        Duration warmup,
        Duration patience,
        Duration settle) {

    private static final Pattern CONTEXT = Pattern.compile("[a-z][a-z0-9-]{0,62}/(?!\\.{1,2}$)[A-Za-z0-9._~-]{1,256}");

    private static final long MAX_DELIVERIES = 500_000_000;

    private static final Map<String, String> DEFAULTS = Map.of(
            "url", "http://127.0.0.1:8080",
            "context", "customer/loadtest",
            "watchers", "1000",
            "rate", "25",
            "duration", "60",
            "warmup", "5",
            "patience", "30",
            "settle", "10");

    /** @throws LoadException with one line that names the property */
    static Settings of(Properties properties) {
        Options options = new Options(properties, DEFAULTS);
        return checked(new Settings(
                options.url("url", Set.of("http")),
                options.matching("context", CONTEXT, "<type>/<id>, the id of letters, digits, and . _ ~ -"),
                options.whole("watchers", 1, 50_000),
                options.number("rate", 0.1, 10_000),
                options.seconds("duration", 1),
                options.seconds("warmup", 0),
                options.seconds("patience", 1),
                options.seconds("settle", 1)));
    }

    /** What every watcher has had is kept, two bits for each update. */
    private static Settings checked(Settings settings) {
        long deliveries = (long) settings.watchers * settings.updates();
        if (deliveries > MAX_DELIVERIES) {
            throw new LoadException("sluice.watchers times sluice.rate times the seconds: " + deliveries
                    + " deliveries (expected: at most " + MAX_DELIVERIES + ")");
        }
        return settings;
    }

    /** How many updates are published in all, and how many of them to warm up. */
    int updates() {
        return Math.max(1, (int) Math.round(rate * (warmup.toSeconds() + duration.toSeconds())));
    }

    int warmupUpdates() {
        return (int) Math.round(rate * warmup.toSeconds());
    }

    URI address() {
        return url.resolve("/v1/contexts/" + context);
    }
}
