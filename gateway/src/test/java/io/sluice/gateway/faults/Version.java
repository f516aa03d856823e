package io.sluice.gateway.faults;

import io.sluice.resolver.Change;
import io.sluice.resolver.Fingerprint;
import io.sluice.resolver.Revision;
import java.time.Instant;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * A version of a context.
 *
 * @param digest of the document; {@link #DELETED} if there is none
 * @param offset of the event that made it
 * @param time log time of that
 */
record Version(String key, Revision revision, long digest, long offset, Instant time) {

    static final long DELETED = 0;

    static long digest(@Nullable JsonNode document) {
        return document instanceof ObjectNode object
                ? Fingerprint.of(new Change.Replace(object)).high()
                : DELETED;
    }

    boolean isDeleted() {
        return digest == DELETED;
    }

    @Override
    public String toString() {
        return key + " " + revision + (isDeleted() ? " (deleted)" : "") + " of offset " + offset;
    }
}
