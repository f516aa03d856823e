package io.sluice.resolver;

import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** Conflicts and revisions in the JSON that users see. What it writes, it reads. */
public final class MarksJson {

    private MarksJson() {}

    /** Adds {@code conflicts} and {@code revisions}, where there are any. */
    public static void put(ObjectNode json, Marks marks) {
        putConflicts(json, marks.conflicts());
        if (!marks.revisions().isEmpty()) {
            ObjectNode revisions = json.putObject("revisions");
            marks.revisions().forEach(revisions::put);
        }
    }

    /** Adds {@code conflicts}, where there are any. */
    public static void putConflicts(ObjectNode json, List<Conflict> conflicts) {
        if (!conflicts.isEmpty()) {
            ArrayNode array = json.putArray("conflicts");
            conflicts.forEach(conflict -> array.add(conflict(conflict)));
        }
    }

    public static ObjectNode conflict(Conflict conflict) {
        ObjectNode json = Json.newObject().put("path", conflict.path()).put("rule", conflict.rule());
        if (conflict.failed() != null) {
            json.put("failed", conflict.failed());
        }
        json.set("winner", candidate(conflict.winner()));
        ArrayNode losers = json.putArray("losers");
        conflict.losers().forEach(loser -> losers.add(candidate(loser)));
        return json;
    }

    private static ObjectNode candidate(Conflict.Candidate candidate) {
        ObjectNode json = Json.newObject()
                .put("writer", candidate.identity().writer())
                .put("eventId", candidate.identity().eventId());
        if (candidate.value() == null) {
            json.putNull("value").put("removed", true);
        } else {
            json.set("value", candidate.value());
        }
        return json.put("time", candidate.time().toString());
    }

    /** Adds {@code ops}, where there are any: edits as they were applied. */
    public static void putOperations(ObjectNode json, List<AppliedOperation> operations) {
        if (operations.isEmpty()) {
            return;
        }
        ArrayNode array = json.putArray("ops");
        for (AppliedOperation operation : operations) {
            ObjectNode entry = array.addObject().put("path", operation.path());
            entry.set(operation.kind() == Policy.Kind.TEXT ? "text" : "json0", operation.operation());
            entry.put("revision", operation.revision());
        }
    }

    /** @param array null: none */
    public static List<AppliedOperation> operations(@Nullable JsonNode array) {
        if (array == null) {
            return List.of();
        }
        List<AppliedOperation> operations = new ArrayList<>();
        for (JsonNode entry : array) {
            JsonNode text = entry.get("text");
            operations.add(new AppliedOperation(
                    entry.path("path").asString(),
                    text == null ? Policy.Kind.JSON : Policy.Kind.TEXT,
                    text == null ? entry.path("json0") : text,
                    entry.path("revision").asLong()));
        }
        return operations;
    }

    /** What {@link #put} has put there. */
    public static Marks marks(JsonNode json) {
        SortedMap<String, Long> revisions = new TreeMap<>();
        if (json.get("revisions") instanceof ObjectNode object) {
            object.forEachEntry((path, revision) -> revisions.put(path, revision.asLong()));
        }
        List<Conflict> conflicts = conflicts(json.get("conflicts"));
        return conflicts.isEmpty() && revisions.isEmpty() ? Marks.NONE : new Marks(conflicts, revisions);
    }

    /** @param array null: none */
    public static List<Conflict> conflicts(@Nullable JsonNode array) {
        if (array == null) {
            return List.of();
        }
        List<Conflict> conflicts = new ArrayList<>();
        for (JsonNode conflict : array) {
            List<Conflict.Candidate> losers = new ArrayList<>();
            conflict.path("losers").forEach(loser -> losers.add(readCandidate(loser)));
            JsonNode failed = conflict.get("failed");
            conflicts.add(new Conflict(
                    conflict.path("path").asString(),
                    conflict.path("rule").asString(),
                    readCandidate(conflict.path("winner")),
                    losers,
                    failed == null ? null : failed.asString()));
        }
        return conflicts;
    }

    private static Conflict.Candidate readCandidate(JsonNode json) {
        return new Conflict.Candidate(
                new Identity(
                        json.path("writer").asString(), json.path("eventId").asString()),
                json.has("removed") ? null : json.path("value"),
                Instant.parse(json.path("time").asString()));
    }
}
