package io.sluice.gateway.demo;

import io.sluice.resolver.Json;
import tools.jackson.databind.node.ObjectNode;

/** What is known of an airport so far. Immutable. @param delay minutes of all departures together */
record Airport(int departures, int late, long delay, int arrivals) {

    static final Airport NEW = new Airport(0, 0, 0, 0);

    private static final int LATE_MINUTES = 15;

    Airport departed(Flight flight) {
        return new Airport(
                departures + 1, late + (flight.delay() >= LATE_MINUTES ? 1 : 0), delay + flight.delay(), arrivals);
    }

    Airport arrived() {
        return new Airport(departures, late, delay, arrivals + 1);
    }

    ObjectNode departurePatch(Flight flight) {
        ObjectNode patch = Json.newObject()
                .put("departures", departures)
                .put("late", late)
                .put("meanDelayMinutes", Math.round(10.0 * delay / departures) / 10.0);
        patch.putObject("lastDeparture")
                .put("to", flight.destination())
                .put("at", flight.departure().toString())
                .put("delayMinutes", flight.delay());
        return patch;
    }

    ObjectNode arrivalPatch(Flight flight) {
        ObjectNode patch = Json.newObject().put("arrivals", arrivals);
        patch.putObject("lastArrival").put("from", flight.origin()).put("miles", flight.distance());
        return patch;
    }
}
