package io.sluice.loadtest.simulation;

/** All watchers leave at once and come back at once, with their cursors, while updates go on. */
public final class ReconnectStorm extends LoadSimulation {

    public ReconnectStorm() {
        load(publishers(steady(plan().rate())), storms());
    }
}
