package io.sluice.loadtest.simulation;

/** Publishers who wait and who do not, readers, and watchers. */
public final class Mixed extends LoadSimulation {

    public Mixed() {
        load(publishers(steady(plan().rate())), waiting(), readers());
    }
}
