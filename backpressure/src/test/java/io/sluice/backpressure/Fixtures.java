package io.sluice.backpressure;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.sluice.resolver.Bounds;
import io.sluice.resolver.Cause;
import io.sluice.resolver.ContextKey;
import io.sluice.resolver.ContextState;
import io.sluice.resolver.ContextUpdate;
import io.sluice.resolver.Document;
import io.sluice.resolver.Identity;
import io.sluice.resolver.Json;
import io.sluice.resolver.LogPosition;
import io.sluice.resolver.Partition;
import io.sluice.resolver.Revision;
import io.sluice.resolver.VersionVector;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import tools.jackson.databind.node.ObjectNode;

/** Types, keys, records and states for tests. */
final class Fixtures {

    static final Instant START = Instant.parse("2026-01-31T12:00:00Z");
    static final Bounds BOUNDS = new Bounds(1 << 20, Duration.ofDays(7));
    static final ContextType CUSTOMER = type("customer", 1);
    static final EventCodec CODEC = new EventCodec(64);

    private Fixtures() {}

    static ContextType type(String name, int partitions) {
        return new ContextType(name, name + "-events", partitions, Lane.STANDARD, BOUNDS);
    }

    static ContextTypes types(ContextType... types) {
        return new ContextTypes(List.of(types));
    }

    static ContextKey key(ContextType type, String id) {
        return new ContextKey(ContextKey.DEFAULT_TENANT, type.name(), id);
    }

    /** One second of log time lies between two offsets. */
    static LogPosition position(Partition partition, long offset) {
        return new LogPosition(partition.topic(), partition.number(), offset, START.plusSeconds(offset));
    }

    static LogPosition position(long offset) {
        return position(new Partition(CUSTOMER.topic(), 0), offset);
    }

    static LogRecord record(long offset, String key, String value, Headers headers) {
        return new LogRecord(position(offset), bytes(key), bytes(value), headers);
    }

    static LogRecord record(Partition partition, long offset, String key, String value) {
        return new LogRecord(position(partition, offset), bytes(key), bytes(value), Headers.NONE);
    }

    static byte[] bytes(String text) {
        return text == null ? null : text.getBytes(UTF_8);
    }

    static String text(byte[] bytes) {
        return bytes == null ? null : new String(bytes, UTF_8);
    }

    static ObjectNode object(String json) {
        return Json.TRUSTED.object(bytes(json));
    }

    static Headers headers(String... namesAndValues) {
        Headers.Builder headers = Headers.builder();
        for (int i = 0; i < namesAndValues.length; i += 2) {
            headers.add(namesAndValues[i], namesAndValues[i + 1]);
        }
        return headers.build();
    }

    static Cause cause(String eventId) {
        return new Cause(new Identity("w", eventId), "io.sluice.customer.changed", START, null, null, null);
    }

    /** @param json null: deleted */
    static ContextState state(ContextKey key, Revision revision, LogPosition position, String json) {
        return new ContextState(
                key,
                revision,
                json == null ? null : Document.of(object(json)),
                VersionVector.EMPTY.with(VersionVector.reservedWriter(position), position.offset() + 1),
                cause("e" + position.offset()),
                position);
    }

    static ContextUpdate update(ContextKey key, Revision revision, LogPosition position, String json) {
        return new ContextUpdate(state(key, revision, position, json), null, List.of());
    }
}
