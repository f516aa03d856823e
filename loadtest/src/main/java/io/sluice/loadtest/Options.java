package io.sluice.loadtest;

import java.net.URI;
import java.net.URISyntaxException;
import java.time.Duration;
import java.util.Map;
import java.util.Properties;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;

/** What a run is told by {@code -Dsluice.<name>=<value>}. Whatever is wrong is a {@link LoadException} that names the property. */
public final class Options {

    private static final String PREFIX = "sluice.";

    private final Properties properties;
    private final Map<String, String> defaults;

    /** @param defaults by the names that there are @throws LoadException if there are others */
    public Options(Properties properties, Map<String, String> defaults) {
        this.properties = properties;
        this.defaults = defaults;
        for (String name : properties.stringPropertyNames()) {
            if (name.startsWith(PREFIX) && !defaults.containsKey(name.substring(PREFIX.length()))) {
                throw new LoadException(name + ": unknown (expected: after " + PREFIX + " one of "
                        + String.join(", ", new TreeSet<>(defaults.keySet())) + ")");
            }
        }
    }

    /** Whether there is a setting of that name; others must not be asked for. */
    public boolean has(String name) {
        return defaults.containsKey(name);
    }

    public String text(String name) {
        String text = properties.getProperty(PREFIX + name, defaults.get(name));
        if (text == null) {
            throw new IllegalArgumentException(name + " (expected: one of " + new TreeSet<>(defaults.keySet()) + ")");
        }
        return text.strip();
    }

    public String matching(String name, Pattern pattern, String expected) {
        String text = text(name);
        if (!pattern.matcher(text).matches()) {
            throw wrong(name, expected);
        }
        return text;
    }

    /** @param schemes that it may have; there is no path in it */
    public URI url(String name, Set<String> schemes) {
        try {
            URI url = new URI(text(name));
            String path = url.getRawPath();
            boolean bare = path == null || path.isEmpty() || path.equals("/");
            if (url.getScheme() != null
                    && schemes.contains(url.getScheme())
                    && url.getHost() != null
                    && bare
                    && url.getRawQuery() == null) {
                return url;
            }
        } catch (URISyntaxException e) {
            // Said below.
        }
        throw wrong(name, String.join(" or ", new TreeSet<>(schemes)) + "://<host>:<port>, without a path");
    }

    public int whole(String name, int min, int max) {
        return (int) number(name, min, max, true);
    }

    public double number(String name, double min, double max) {
        return number(name, min, max, false);
    }

    /** Up to a day. */
    public Duration seconds(String name, int min) {
        return Duration.ofSeconds(whole(name, min, 86_400));
    }

    private double number(String name, double min, double max, boolean whole) {
        double value;
        try {
            value = Double.parseDouble(text(name));
        } catch (NumberFormatException e) {
            value = Double.NaN;
        }
        if (!(value >= min && value <= max) || (whole && value != Math.rint(value))) {
            String range = whole ? (long) min + " to " + (long) max : min + " to " + max;
            throw wrong(name, (whole ? "a whole number, " : "a number, ") + range);
        }
        return value;
    }

    public LoadException wrong(String name, String expected) {
        return new LoadException(PREFIX + name + ": \"" + text(name) + "\" (expected: " + expected + ")");
    }
}
