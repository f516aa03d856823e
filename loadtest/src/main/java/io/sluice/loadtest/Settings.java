package io.sluice.loadtest;

import java.net.URI;
import java.net.URISyntaxException;
import java.time.Duration;
import java.util.Map;
import java.util.Properties;
import java.util.TreeSet;
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

    private static final Pattern CONTEXT = Pattern.compile("[a-z][a-z0-9-]{0,62}/[A-Za-z0-9._~-]{1,256}");

    private static final String PREFIX = "sluice.";

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
        for (String name : properties.stringPropertyNames()) {
            if (name.startsWith(PREFIX) && !DEFAULTS.containsKey(name.substring(PREFIX.length()))) {
                throw new LoadException(name + ": unknown (expected: after " + PREFIX + " one of "
                        + String.join(", ", new TreeSet<>(DEFAULTS.keySet())) + ")");
            }
        }
        return checked(new Settings(
                url(value(properties, "url")),
                context(value(properties, "context")),
                (int) number(properties, "watchers", 1, 50_000, true),
                number(properties, "rate", 0.1, 10_000, false),
                seconds(properties, "duration", 1),
                seconds(properties, "warmup", 0),
                seconds(properties, "patience", 1),
                seconds(properties, "settle", 1)));
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

    private static String value(Properties properties, String name) {
        return properties.getProperty(PREFIX + name, DEFAULTS.get(name)).strip();
    }

    private static URI url(String text) {
        try {
            URI url = new URI(text);
            String path = url.getRawPath();
            boolean bare = path == null || path.isEmpty() || path.equals("/");
            if ("http".equals(url.getScheme()) && url.getHost() != null && bare && url.getRawQuery() == null) {
                return url;
            }
        } catch (URISyntaxException e) {
            // Said below.
        }
        throw wrong("url", text, "http://<host>:<port>, without a path");
    }

    private static String context(String text) {
        if (!CONTEXT.matcher(text).matches() || text.endsWith("/.") || text.endsWith("/..")) {
            throw wrong("context", text, "<type>/<id>, the id of letters, digits, and . _ ~ -");
        }
        return text;
    }

    private static Duration seconds(Properties properties, String name, int min) {
        return Duration.ofSeconds((long) number(properties, name, min, 86_400, true));
    }

    private static double number(Properties properties, String name, double min, double max, boolean whole) {
        String text = value(properties, name);
        double value;
        try {
            value = Double.parseDouble(text);
        } catch (NumberFormatException e) {
            value = Double.NaN;
        }
        if (!(value >= min && value <= max) || (whole && value != Math.rint(value))) {
            String range = whole ? (long) min + " to " + (long) max : min + " to " + max;
            throw wrong(name, text, (whole ? "a whole number, " : "a number, ") + range);
        }
        return value;
    }

    private static LoadException wrong(String name, String value, String expected) {
        return new LoadException(PREFIX + name + ": \"" + value + "\" (expected: " + expected + ")");
    }
}
