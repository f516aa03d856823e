package io.sluice.backpressure;

import io.sluice.resolver.Json;
import java.time.Instant;

/**
 * Says to all nodes, in the updates of a type, that its states were made again: what they remember may have been wrong, and so
 * may be what those hold who watch.
 */
public final class RebuiltNotice {

    private static final String KIND = "io.sluice.rebuilt";

    private RebuiltNotice() {}

    /** One for all partitions of the type, so that nobody starts over more than once. */
    public static OutRecord of(ContextType type, Instant time) {
        Headers headers = Headers.builder()
                .add("content-type", "application/json")
                .add("ce_specversion", "1.0")
                .add("ce_id", type.name() + "/rebuilt/" + time)
                .add("ce_source", "/sluice")
                .add("ce_subject", type.name())
                .add("ce_type", KIND)
                .add("ce_time", time)
                .build();
        return new OutRecord(
                type.updatesTopic(), 0, null, Json.bytes(Json.newObject().put("type", type.name())), headers);
    }

    static boolean is(LogRecord record) {
        return KIND.equals(record.headers().text("ce_type"));
    }
}
