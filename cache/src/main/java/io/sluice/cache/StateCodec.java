package io.sluice.cache;

import io.sluice.resolver.Cause;
import io.sluice.resolver.ContextKey;
import io.sluice.resolver.ContextState;
import io.sluice.resolver.Document;
import io.sluice.resolver.Identity;
import io.sluice.resolver.Json;
import io.sluice.resolver.LogPosition;
import io.sluice.resolver.Marks;
import io.sluice.resolver.MarksJson;
import io.sluice.resolver.Revision;
import io.sluice.resolver.VersionVector;
import java.nio.ByteBuffer;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.node.ObjectNode;

/**
 * States as bytes: the number of the format, then the parts in the order of the records. The bytes of a document are kept as
 * they are, and so are its numbers and the order of its members.
 */
final class StateCodec {

    private static final byte FORMAT = 3;

    private StateCodec() {}

    static byte[] encode(ContextState state) {
        Document document = state.document();
        BytesOut out = new BytesOut(256 + (document == null ? 0 : document.json().length));
        out.putByte(FORMAT);
        put(out, state.key());
        out.putNumber(state.revision().incarnation());
        out.putNumber(state.revision().version());
        put(out, state.clock());
        put(out, state.cause());
        put(out, state.position());
        out.putBytes(document == null ? null : document.json());
        out.putBytes(state.marks().isEmpty() ? null : bytes(state.marks()));
        return out.toBytes();
    }

    /** Null: the bytes are of another format, or not what {@link #encode} gives. */
    static @Nullable ContextState decode(ByteBuffer bytes) {
        try {
            BytesIn in = new BytesIn(bytes);
            return in.takeByte() == FORMAT ? state(in) : null;
        } catch (RuntimeException e) {
            return null; // Whatever a record or the parser has against garbage.
        }
    }

    private static ContextState state(BytesIn in) {
        ContextKey key = new ContextKey(in.takeText(), in.takeText(), in.takeText());
        Revision revision = new Revision(in.takeNumber(), in.takeNumber());
        VersionVector clock = clock(in);
        Cause cause = cause(in);
        LogPosition position =
                new LogPosition(in.takeText(), Math.toIntExact(in.takeNumber()), in.takeNumber(), in.takeInstant());
        byte[] json = in.takeBytes();
        byte[] marks = in.takeBytes();
        in.requireEnd();
        return new ContextState(
                key,
                revision,
                json == null ? null : Document.parse(json),
                clock,
                cause,
                position,
                marks == null ? Marks.NONE : MarksJson.marks(Json.TRUSTED.value(marks)));
    }

    private static byte[] bytes(Marks marks) {
        ObjectNode json = Json.newObject();
        MarksJson.put(json, marks);
        return Json.bytes(json);
    }

    private static void put(BytesOut out, ContextKey key) {
        out.putText(key.tenant());
        out.putText(key.type());
        out.putText(key.id());
    }

    private static void put(BytesOut out, VersionVector clock) {
        out.putNumber(clock.size());
        clock.forEach((writer, counter) -> {
            out.putText(writer);
            out.putNumber(counter);
        });
    }

    private static VersionVector clock(BytesIn in) {
        TreeMap<String, Long> counters = new TreeMap<>();
        for (long left = in.takeNumber(); left > 0; left--) {
            counters.put(in.takeText(), in.takeNumber());
        }
        return new VersionVector(counters);
    }

    private static void put(BytesOut out, Cause cause) {
        out.putText(cause.identity().writer());
        out.putText(cause.identity().eventId());
        out.putText(cause.eventType());
        out.putInstant(cause.time());
        out.putOptionalText(cause.correlationId());
        out.putOptionalText(cause.causationId());
        out.putOptionalText(cause.traceparent());
        out.putOptionalText(cause.schemaVersion());
    }

    private static Cause cause(BytesIn in) {
        return new Cause(
                new Identity(in.takeText(), in.takeText()),
                in.takeText(),
                in.takeInstant(),
                in.takeOptionalText(),
                in.takeOptionalText(),
                in.takeOptionalText(),
                in.takeOptionalText());
    }

    private static void put(BytesOut out, LogPosition position) {
        out.putText(position.topic());
        out.putNumber(position.partition());
        out.putNumber(position.offset());
        out.putInstant(position.time());
    }
}
