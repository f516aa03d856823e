package io.sluice.cache;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.sluice.resolver.ContextKey;
import io.sluice.resolver.ContextState;
import io.sluice.resolver.Partition;
import io.sluice.resolver.Revision;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/** A state as Redis keeps it: a header that the scripts read, then the state. {@code entry.lua} tells its form. */
final class Entry {

    private static final int HEADER = 33;
    private static final byte FORMAT = 1;

    private Entry() {}

    static byte[] markKey(Partition partition) {
        return (slot(partition) + "mark").getBytes(UTF_8);
    }

    /** No mark's: it has a slash behind the tenant. */
    static byte[] key(Partition partition, ContextKey key) {
        return (slot(partition) + key.tenant() + "/" + key.id()).getBytes(UTF_8);
    }

    static String slot(Partition partition) {
        return "sluice:{" + partition.topic() + "/" + partition.number() + "}:";
    }

    /** @param asOf the source position up to which the state is known to be current */
    static byte[] encode(ContextState state, long asOf) {
        byte[] body = StateCodec.encode(state);
        return ByteBuffer.allocate(HEADER + body.length)
                .put(FORMAT)
                .putLong(state.revision().incarnation())
                .putLong(state.revision().version())
                .putLong(asOf)
                .putLong(0)
                .put(body)
                .array();
    }

    /** Null: there is nothing but a lease, or this is no entry. */
    static @Nullable Revision revision(byte[] entry) {
        return entry.length > HEADER && entry[0] == FORMAT && number(entry, 1) > 0 && number(entry, 1 + Long.BYTES) > 0
                ? new Revision(number(entry, 1), number(entry, 1 + Long.BYTES))
                : null;
    }

    /** Of one that has a revision. */
    static long asOf(byte[] entry) {
        return number(entry, 1 + 2 * Long.BYTES);
    }

    private static long number(byte[] entry, int at) {
        return ByteBuffer.wrap(entry).getLong(at);
    }

    /** Null: this is not an entry with a state, or its state cannot be read. */
    static @Nullable ContextState decode(byte[] entry) {
        return entry.length > HEADER && entry[0] == FORMAT
                ? StateCodec.decode(ByteBuffer.wrap(entry, HEADER, entry.length - HEADER))
                : null;
    }
}
