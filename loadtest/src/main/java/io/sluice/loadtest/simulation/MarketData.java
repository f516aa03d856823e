package io.sluice.loadtest.simulation;

/** A few quotes that change all the time, to many of which each watches all quotes, and wants the latest. */
public final class MarketData extends LoadSimulation {

    public MarketData() {
        load(publishers(steady(plan().rate())));
    }
}
