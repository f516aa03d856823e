package io.sluice.gateway.feed;

import io.sluice.resolver.Cause;
import io.sluice.resolver.ContextKey;
import io.sluice.resolver.ContextState;
import io.sluice.resolver.ContextUpdate;
import io.sluice.resolver.Document;
import io.sluice.resolver.Identity;
import io.sluice.resolver.Json;
import io.sluice.resolver.LogPosition;
import io.sluice.resolver.MergePatch;
import io.sluice.resolver.Revision;
import io.sluice.resolver.VersionVector;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.node.ObjectNode;

/** States and updates for tests. */
final class Updates {

    static final Instant TIME = Instant.parse("2026-01-31T12:00:00Z");

    private Updates() {}

    static ObjectNode object(String json) {
        return Json.TRUSTED.object(json.getBytes(StandardCharsets.UTF_8));
    }

    static Document document(String json) {
        return Document.of(object(json));
    }

    static ContextState state(long version, @Nullable String json) {
        return new ContextState(
                new ContextKey(ContextKey.DEFAULT_TENANT, "customer", "a/b"),
                new Revision(1, version),
                json == null ? null : document(json),
                VersionVector.EMPTY,
                new Cause(new Identity("crm", "17"), "moved", TIME, null, null, null),
                new LogPosition("customer-events", 0, version, TIME));
    }

    /** A change of the one into the other, as the resolver would tell it. */
    static ContextUpdate change(String before, @Nullable String now) {
        ObjectNode old = object(before);
        return new ContextUpdate(
                state(2, now),
                now == null ? null : MergePatch.between(old, object(now)).orElse(null),
                List.of(),
                List.of(),
                MergePatch.between(now == null ? Json.newObject() : object(now), old)
                        .orElse(null));
    }
}
