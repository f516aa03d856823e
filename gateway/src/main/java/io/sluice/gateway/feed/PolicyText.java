package io.sluice.gateway.feed;

import io.sluice.backpressure.DeliveryPolicy;
import java.time.Duration;
import java.time.format.DateTimeParseException;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Reads delivery policies. */
final class PolicyText {

    private static final Pattern SAMPLE = Pattern.compile("sample:(\\d{1,6})(ms|s|m)");
    private static final Duration MIN_SAMPLE = Duration.ofMillis(10);
    private static final Duration MAX_SAMPLE = Duration.ofHours(1);

    private PolicyText() {}

    /** @throws io.sluice.gateway.web.ProblemException unless it is one */
    static DeliveryPolicy parse(String text) {
        Matcher sample = SAMPLE.matcher(text);
        if (sample.matches()) {
            try {
                String unit = sample.group(2);
                Duration interval = unit.equals("ms")
                        ? Duration.ofMillis(Long.parseLong(sample.group(1)))
                        : Duration.parse("PT" + sample.group(1) + unit);
                if (interval.compareTo(MIN_SAMPLE) >= 0 && interval.compareTo(MAX_SAMPLE) <= 0) {
                    return new DeliveryPolicy.Sample(interval);
                }
            } catch (DateTimeParseException e) {
                // Said below.
            }
        }
        return switch (text) {
            case "conflate" -> DeliveryPolicy.CONFLATE;
            case "every" -> DeliveryPolicy.EVERY;
            default ->
                throw Parameters.malformed(
                        "policy", text, "conflate, every, or sample:<10ms to 1h>, such as sample:250ms");
        };
    }
}
