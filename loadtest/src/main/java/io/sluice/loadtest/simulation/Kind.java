package io.sluice.loadtest.simulation;

import io.gatling.javaapi.core.Simulation;
import io.sluice.loadtest.LoadException;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** The simulations, by their names on the command line, and what can be set of each. */
enum Kind {
    PUBLISH(Publish.class, "contexts=1000 rate=200 sizes=200,1000,10000"),
    WATCH(Watch.class, "contexts=20 rate=20 sizes=200,1000 watchers=2000 connects=200 transport=both policy=every"),
    MIXED(
            Mixed.class,
            "contexts=100 rate=50 sizes=200,1000,10000 waits=10 reads=50"
                    + " watchers=1000 connects=200 transport=both policy=every"),
    SPIKE(
            Spike.class,
            "contexts=100 rate=50 peak=500 spike=10 duration=20 sizes=1000"
                    + " watchers=500 connects=200 transport=both policy=every"),
    RECONNECT_STORM(
            ReconnectStorm.class,
            "contexts=10 rate=10 storms=3 away=3 sizes=200"
                    + " watchers=1000 connects=200 transport=both policy=every"),
    SOAK(
            Soak.class,
            "contexts=50 rate=20 waits=2 reads=10 sizes=200,1000 duration=3600 rejoin=60"
                    + " watchers=200 connects=50 transport=both policy=every"),
    ORDERS(Orders.class, "type=order orders=50000 sizes=500 watchers=12 connects=12 policy=every"),
    PROFILES(
            Profiles.class,
            "contexts=2000 rate=50 sizes=2000 watchers=2000 connects=200 transport=both policy=conflate"),
    MARKET_DATA(
            MarketData.class,
            "type=inventory contexts=20 rate=500 sizes=200 watchers=100 connects=100 transport=both policy=conflate");

    private static final String OF_ALL =
            "url= type=customer duration=60 warmup=5 patience=30 report=loadtest/target/gatling";

    private final Class<? extends Simulation> simulation;
    private final String defaults;

    Kind(Class<? extends Simulation> simulation, String defaults) {
        this.simulation = simulation;
        this.defaults = defaults;
    }

    static Kind named(String title) {
        return Stream.of(values())
                .filter(kind -> kind.title().equals(title))
                .findFirst()
                .orElseThrow(
                        () -> new LoadException("simulation: \"" + title + "\" (expected: one of " + titles() + ")"));
    }

    static String titles() {
        return Stream.of(values()).map(Kind::title).collect(Collectors.joining(", "));
    }

    String title() {
        return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }

    Class<? extends Simulation> simulation() {
        return simulation;
    }

    Map<String, String> defaults() {
        return Stream.of((OF_ALL + " " + defaults).split(" "))
                .map(setting -> setting.split("=", 2))
                .collect(Collectors.toMap(setting -> setting[0], setting -> setting[1], (all, own) -> own));
    }
}
