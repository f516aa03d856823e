package io.sluice.resolver;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.StringNode;

/**
 * A value that several edit at once, by operations that are transformed against each other in the order of the log (Ellis and
 * Gibbs, 1989; here with one server that orders them, as Jupiter has it, Nichols et al., 1995). Of two operations that meet at
 * one place, the later one in the log is the left one. Immutable.
 *
 * @param kind TEXT or JSON
 * @param value null: removed, or never written
 * @param revision how many edits made it
 * @param recent the latest edits, as they were applied, the newest last
 */
record SharedDocument(Policy.Kind kind, @Nullable JsonNode value, long revision, List<Edit> recent) {

    /** So many edits back an author may be ... */
    static final int MAX_EDITS = 256;

    /** ... as long as they are not larger than this together, encoded. An edit that is larger by itself leaves none. */
    static final int MAX_BYTES = 64 << 10;

    /** To transform edits of JSON takes time by the product of their components: so much is done for one event. */
    static final long MAX_MEETINGS = 500_000;

    /** @param bytes of the encoded operation */
    record Edit(JsonNode operation, int bytes) {
        static Edit of(JsonNode operation) {
            return new Edit(operation, Json.bytes(operation).length);
        }
    }

    static SharedDocument empty(Policy.Kind kind, @Nullable JsonNode value) {
        return new SharedDocument(kind, value, 0, List.of());
    }

    /** What comes of an edit. @param operation as it was applied; null: it was none */
    record Edited(SharedDocument document, @Nullable JsonNode operation) {}

    /**
     * After an edit that was made against that revision.
     *
     * @throws Refusal if that revision is no longer kept or not yet there, or the operation does not fit
     */
    Edited edited(JsonNode operation, long base, String path) {
        if (base > revision) {
            throw new Refusal(
                    Resolution.Reason.REVISION_UNKNOWN,
                    "revision of " + path + ": " + base + " (expected: at most " + revision + ")");
        }
        if (revision - base > recent.size()) {
            throw new Refusal(
                    Resolution.Reason.REVISION_UNKNOWN,
                    "revision of " + path + ": " + base + " (expected: at least " + (revision - recent.size())
                            + ", older edits are no longer kept)");
        }
        try {
            List<Edit> since = recent.subList(recent.size() - (int) (revision - base), recent.size());
            return kind == Policy.Kind.TEXT ? textEdited(operation, since) : jsonEdited(operation, since);
        } catch (MalformedException e) {
            throw new Refusal(Resolution.Reason.OPERATION_REFUSED, path + ": " + e.getMessage());
        }
    }

    private Edited textEdited(JsonNode operation, List<Edit> since) {
        TextOperation transformed = TextOperation.parse(operation);
        for (Edit edit : since) {
            transformed = transformed.transform(TextOperation.stored(edit.operation()), true);
        }
        return with(transformed.json(), StringNode.valueOf(transformed.apply(text(value))));
    }

    private Edited jsonEdited(JsonNode operation, List<Edit> since) {
        JsonOperation transformed = JsonOperation.parse(operation);
        long meetings = 0;
        for (Edit edit : since) {
            JsonOperation before = JsonOperation.stored(edit.operation());
            meetings += (long) before.size() * transformed.size();
            if (meetings > MAX_MEETINGS) {
                throw Operations.malformed("operation: " + transformed.size() + " components meet " + before.size()
                        + " and more of other edits (expected: a product of at most " + MAX_MEETINGS
                        + ": make it against the latest revision)");
            }
            transformed = transformed.transform(before, true);
        }
        JsonNode now = transformed.apply(value);
        if (Json.depth(now) > Json.MAX_DEPTH / 2) {
            throw Operations.malformed(
                    "operation: makes a value deeper than " + Json.MAX_DEPTH / 2 + " levels (expected: at most that)");
        }
        return with(transformed.json(), now);
    }

    /** After a write of the whole; the same, if it says what is there already. */
    Edited replaced(@Nullable JsonNode now) {
        if (value == null ? now == null : value.equals(now)) {
            return new Edited(this, null);
        }
        if (kind == Policy.Kind.TEXT) {
            TextOperation operation = TextOperation.replacing(text(value), text(now));
            return operation == null ? unedited(now) : with(operation.json(), now);
        }
        JsonOperation operation = JsonOperation.replacing(value, now);
        return operation == null ? unedited(now) : with(operation.json(), now);
    }

    private static String text(@Nullable JsonNode value) {
        return value == null || !value.isString() ? "" : value.stringValue();
    }

    /** Nothing and an empty text are one to an editor. */
    private Edited unedited(@Nullable JsonNode now) {
        return new Edited(new SharedDocument(kind, now, revision, recent), null);
    }

    private Edited with(JsonNode operation, @Nullable JsonNode now) {
        Edit latest = Edit.of(operation);
        int from = recent.size();
        int bytes = latest.bytes();
        while (from > 0
                && recent.size() - from + 1 < MAX_EDITS
                && bytes + recent.get(from - 1).bytes() <= MAX_BYTES) {
            bytes += recent.get(--from).bytes();
        }
        List<Edit> left = new ArrayList<>(recent.size() - from + 1);
        if (bytes <= MAX_BYTES) {
            left.addAll(recent.subList(from, recent.size()));
            left.add(latest);
        }
        return new Edited(new SharedDocument(kind, now, revision + 1, Collections.unmodifiableList(left)), operation);
    }
}
