package io.sluice.backpressure;

import io.sluice.resolver.Cause;
import io.sluice.resolver.ContextState;
import io.sluice.resolver.ContextUpdate;
import io.sluice.resolver.Document;
import io.sluice.resolver.Json;
import io.sluice.resolver.MarksJson;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.node.ObjectNode;

/** States and updates as those who watch see them, whichever way they come. */
public final class UpdateJson {

    private UpdateJson() {}

    /** What a watcher gets of a context that is in its feed when it begins. */
    public static ObjectNode snapshot(ContextState state) {
        ObjectNode json = base(state);
        put(json, state.document());
        MarksJson.put(json, state.marks());
        return json.put("time", state.position().time().toString());
    }

    /** What a watcher gets of a change: the whole state, or {@code deleted}. */
    public static ObjectNode update(ContextUpdate update) {
        ObjectNode json = base(update.state());
        put(json, update.state().document());
        putMore(json, update);
        return json;
    }

    /**
     * As {@link #update(ContextUpdate)}, encoded, with more members behind it: the document comes in as the bytes that it has.
     */
    static byte[] update(ContextUpdate update, ObjectNode more) {
        Document document = update.state().document();
        ObjectNode json = base(update.state());
        if (document == null) {
            json.put("deleted", true);
        }
        putMore(json, update);
        json.setAll(more);
        return document == null ? Json.bytes(json) : Json.with(Json.bytes(json), "state", document.json());
    }

    private static void putMore(ObjectNode json, ContextUpdate update) {
        json.set("cause", cause(update.state().cause()));
        json.put("time", update.state().position().time().toString());
        MarksJson.putConflicts(json, update.conflicts());
        MarksJson.putOperations(json, update.operations());
    }

    /** What a watcher gets of a change who has the revision before: what is other. @throws IllegalArgumentException if there is no delta */
    public static ObjectNode delta(ContextUpdate update) {
        if (update.delta() == null) {
            throw new IllegalArgumentException("update: none that is a delta (expected: one)");
        }
        ObjectNode json = base(update.state());
        json.set("delta", update.delta());
        putMore(json, update);
        return json;
    }

    private static ObjectNode base(ContextState state) {
        return Json.newObject()
                .put("key", state.key().path())
                .put("incarnation", state.revision().incarnation())
                .put("version", state.revision().version());
    }

    private static void put(ObjectNode json, @Nullable Document document) {
        if (document == null) {
            json.put("deleted", true);
        } else {
            json.set("state", document.tree());
        }
    }

    /** What made a change, as it is told. */
    public static ObjectNode cause(Cause cause) {
        ObjectNode json = Json.newObject()
                .put("eventId", cause.identity().eventId())
                .put("type", cause.eventType())
                .put("writer", cause.identity().writer())
                .put("time", cause.time().toString());
        putIfPresent(json, "correlationId", cause.correlationId());
        putIfPresent(json, "causationId", cause.causationId());
        putIfPresent(json, "traceparent", cause.traceparent());
        putIfPresent(json, "schemaVersion", cause.schemaVersion());
        return json;
    }

    private static void putIfPresent(ObjectNode json, String name, @Nullable String value) {
        if (value != null) {
            json.put(name, value);
        }
    }
}
