package io.sluice.loadtest.simulation;

/** Many more updates for a while, and again as many as before. */
public final class Spike extends LoadSimulation {

    public Spike() {
        load(publishers(
                steady(plan().rate()),
                new Step(plan().peak(), plan().spike()),
                new Step(plan().rate(), plan().duration())));
    }
}
