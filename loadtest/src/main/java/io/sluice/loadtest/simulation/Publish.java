package io.sluice.loadtest.simulation;

/** Many publishers, and nobody who watches. */
public final class Publish extends LoadSimulation {

    public Publish() {
        load(publishers(steady(plan().rate())));
    }
}
