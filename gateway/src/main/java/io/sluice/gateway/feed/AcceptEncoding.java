package io.sluice.gateway.feed;

import java.util.List;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The header of that name (RFC 9110, 12.5.3). What is no weight of a coding is as if it were not there. */
final class AcceptEncoding {

    private static final Pattern WEIGHTED = Pattern.compile(
            "\\s*([A-Za-z0-9!#$%&'*+.^_`|~-]+)\\s*(?:;\\s*[qQ]=(0(?:\\.[0-9]{0,3})?|1(?:\\.0{0,3})?)\\s*)?");

    private AcceptEncoding() {}

    /** Whether gzip may be used, and is not worse than nothing. @param headers all of that name */
    static boolean allowsGzip(List<String> headers) {
        double gzip = -1;
        double any = 0;
        double identity = 0;
        for (String header : headers) {
            for (String part : header.split(",")) {
                Matcher matcher = WEIGHTED.matcher(part);
                if (matcher.matches()) {
                    double weight = matcher.group(2) == null ? 1 : Double.parseDouble(matcher.group(2));
                    switch (matcher.group(1).toLowerCase(Locale.ROOT)) {
                        case "gzip", "x-gzip" -> gzip = Math.max(gzip, weight);
                        case "identity" -> identity = weight;
                        case "*" -> any = weight;
                        default -> {}
                    }
                }
            }
        }
        double weight = gzip < 0 ? any : gzip;
        return weight > 0 && weight >= identity;
    }
}
