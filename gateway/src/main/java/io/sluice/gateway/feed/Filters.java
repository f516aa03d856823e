package io.sluice.gateway.feed;

import io.sluice.backpressure.Filter;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Compiles filters, each text once, as long as it is among the latest. Safe for use by several threads. */
final class Filters {

    private static final int MAX_KEPT = 1_000;

    private final Map<String, CelFilter> latest = new LinkedHashMap<>(16, 0.75f, true) {
        @Override
        protected boolean removeEldestEntry(Map.Entry<String, CelFilter> eldest) {
            return size() > MAX_KEPT;
        }
    };

    /**
     * @param text null: everything
     * @throws io.sluice.gateway.web.ProblemException if it is no filter, and why
     */
    Filter of(@Nullable String text) {
        if (text == null) {
            return Filter.NONE;
        }
        synchronized (latest) {
            CelFilter known = latest.get(text);
            if (known != null) {
                return known;
            }
        }
        CelFilter compiled = new CelFilter(text);
        synchronized (latest) {
            CelFilter known = latest.putIfAbsent(text, compiled);
            return known == null ? compiled : known;
        }
    }
}
