package io.sluice.loadtest.simulation;

/** The same for long, with watchers who leave and come back. */
public final class Soak extends LoadSimulation {

    public Soak() {
        load(publishers(steady(plan().rate())), waiting(), readers());
    }
}
