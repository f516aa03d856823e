package io.sluice.loadtest.simulation;

/** Profiles of many customers, each watched by somebody, of which each changes seldom. */
public final class Profiles extends LoadSimulation {

    public Profiles() {
        load(publishers(steady(plan().rate())));
    }
}
