package io.sluice.loadtest.simulation;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import io.sluice.loadtest.simulation.Track.Promise;
import java.time.Instant;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/** Over SSE. */
final class StreamWatcher extends Watcher {

    /** For clocks that do not agree: what is older than the run is of no context of it. */
    private static final int SINCE_SECONDS = 5;

    private final Instant since = Instant.now().minusSeconds(SINCE_SECONDS);
    private final boolean every;
    private String cursor = "";
    private boolean begun;

    StreamWatcher(Run run, String scenario) {
        super(run, scenario, "sse");
        this.every = run.plan().policy().equals("every");
    }

    /** Where to watch from now on; behind what it has had. */
    String address() {
        Plan plan = run().plan();
        String begin = "/v1/contexts/" + plan.type();
        String policy = "?policy=" + plan.policy();
        String address = switch (plan.watches()) {
            case ONE -> run().path(contexts()[0]) + policy;
            case LIST -> begin + policy + ids();
            case TYPE -> begin + policy + (cursor.isEmpty() ? "&since=" + since : "");
        };
        return cursor.isEmpty() ? address : address + "&lastEventId=" + cursor;
    }

    private String ids() {
        return IntStream.of(contexts())
                .mapToObj(context -> "&id=" + run().id(context))
                .collect(Collectors.joining());
    }

    @Override
    void connecting() {
        super.connecting();
        begun = false;
    }

    @Override
    void read(String text, long millis) throws JsonProcessingException {
        JsonNode event = json(text);
        JsonNode data = event.path("data");
        switch (event.path("event").asText()) {
            case "update" -> update(context(data), data, promise(), millis);
            case "snapshot" -> {
                // Whoever comes with a cursor holds what was there.
                if (cursor.isEmpty()) {
                    snapshot(context(data), data);
                } else {
                    update(context(data), data, promise(), millis);
                }
            }
            case "ready" -> ready(millis);
            case "reset" -> {
                fault(Fault.RESET, 1, data.path("reason").asText());
                cursor = "";
            }
            case "" -> {
                // The time to wait before one comes back is what each stream begins with.
                if (begun) {
                    broken();
                }
                begun = true;
            }
            default -> fault(Fault.WRONG, 1, event.path("event").asText());
        }
        cursor = event.path("id").asText(cursor);
    }

    /** Gatling has come back by itself, with its last id. */
    private void broken() {
        disconnected();
        super.connecting();
    }

    private Promise promise() {
        return every ? Promise.EACH : conflated();
    }

    private int context(JsonNode data) {
        String key = data.path("key").asText();
        return run().context(key.substring(key.indexOf('/') + 1));
    }
}
