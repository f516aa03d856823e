package io.sluice.backpressure;

import io.sluice.resolver.Cause;
import io.sluice.resolver.Conflict;
import io.sluice.resolver.ContextState;
import io.sluice.resolver.ContextUpdate;
import io.sluice.resolver.Document;
import io.sluice.resolver.Identity;
import io.sluice.resolver.Json;
import java.time.Instant;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** States and updates as those who watch see them, whichever way they come. */
public final class UpdateJson {

    private UpdateJson() {}

    /** What a watcher gets of a context that is in its feed when it begins. */
    public static ObjectNode snapshot(ContextState state) {
        ObjectNode json = base(state);
        put(json, state.document());
        return json.put("time", state.position().time().toString());
    }

    /** What a watcher gets of a change: the whole state, or {@code deleted}. */
    public static ObjectNode update(ContextUpdate update) {
        ObjectNode json = base(update.state());
        put(json, update.state().document());
        json.set("cause", cause(update.state().cause()));
        json.put("time", update.state().position().time().toString());
        if (!update.conflicts().isEmpty()) {
            ArrayNode conflicts = json.putArray("conflicts");
            update.conflicts().forEach(conflict -> conflicts.add(conflict(conflict)));
        }
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

    private static ObjectNode cause(Cause cause) {
        ObjectNode json = Json.newObject()
                .put("eventId", cause.identity().eventId())
                .put("type", cause.eventType())
                .put("writer", cause.identity().writer())
                .put("time", cause.time().toString());
        putIfPresent(json, "correlationId", cause.correlationId());
        putIfPresent(json, "causationId", cause.causationId());
        putIfPresent(json, "traceparent", cause.traceparent());
        return json;
    }

    private static void putIfPresent(ObjectNode json, String name, @Nullable String value) {
        if (value != null) {
            json.put(name, value);
        }
    }

    private static ObjectNode conflict(Conflict conflict) {
        ObjectNode json = Json.newObject().put("path", conflict.path()).put("rule", conflict.rule());
        json.set("winner", candidate(conflict.winner().identity(), conflict.winner()));
        ArrayNode losers = json.putArray("losers");
        conflict.losers().forEach(loser -> losers.add(candidate(loser.identity(), loser)));
        return json;
    }

    private static ObjectNode candidate(Identity identity, Conflict.Candidate candidate) {
        Instant time = candidate.time();
        ObjectNode json = Json.newObject().put("writer", identity.writer()).put("eventId", identity.eventId());
        json.set("value", candidate.value());
        return json.put("time", time.toString());
    }
}
