package io.sluice.loadtest.simulation;

import static java.util.Objects.requireNonNull;

import io.gatling.commons.stats.KO$;
import io.gatling.commons.stats.OK$;
import io.gatling.commons.stats.Status;
import io.gatling.core.CoreComponents;
import io.gatling.javaapi.core.ActionBuilder;
import org.jspecify.annotations.Nullable;
import scala.Option;
import scala.collection.immutable.List$;

/**
 * Puts what is no request of its own into the report as one: Gatling's actions get at its statistics, its functions of a
 * session do not. Safe for many threads.
 */
final class Measure {

    private volatile @Nullable CoreComponents gatling;

    /** Does nothing in a scenario, but that this works from then on. */
    ActionBuilder attach() {
        return () -> (context, next) -> {
            gatling = context.coreComponents();
            return next;
        };
    }

    /** Milliseconds, by the clock that stamps what arrives. */
    long now() {
        return requireNonNull(gatling).clock().nowMillis();
    }

    void took(String scenario, String name, long start, long end) {
        log(scenario, name, start, Math.max(start, end), OK$.MODULE$, null);
    }

    /** @param why one of few texts: the report has a line for each */
    void failed(String scenario, String name, String why) {
        long now = now();
        log(scenario, name, now, now, KO$.MODULE$, why);
    }

    private void log(String scenario, String name, long start, long end, Status status, @Nullable String why) {
        requireNonNull(gatling)
                .statsEngine()
                .logResponse(
                        scenario, List$.MODULE$.empty(), name, start, end, status, Option.empty(), Option.apply(why));
    }
}
