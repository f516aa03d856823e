package io.sluice.loadtest.simulation;

/** Many watchers of a few contexts, which change at a steady rate. */
public final class Watch extends LoadSimulation {

    public Watch() {
        load(publishers(steady(plan().rate())));
    }
}
