package io.sluice.loadtest.simulation;

/** New orders, each once, to some services of which each watches all orders. */
public final class Orders extends LoadSimulation {

    public Orders() {
        load(publishers(steady(plan().rate())));
    }
}
