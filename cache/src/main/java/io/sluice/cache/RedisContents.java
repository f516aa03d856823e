package io.sluice.cache;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.lettuce.core.ClientOptions;
import io.lettuce.core.KeyScanCursor;
import io.lettuce.core.KeyValue;
import io.lettuce.core.RedisClient;
import io.lettuce.core.RedisException;
import io.lettuce.core.ScanArgs;
import io.lettuce.core.ScanCursor;
import io.lettuce.core.ScriptOutputType;
import io.lettuce.core.api.StatefulRedisConnection;
import io.lettuce.core.api.sync.RedisCommands;
import io.lettuce.core.codec.ByteArrayCodec;
import io.sluice.resolver.ContextState;
import io.sluice.resolver.MalformedException;
import io.sluice.resolver.Partition;
import io.sluice.resolver.Revision;
import io.sluice.resolver.UnavailableException;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.ThreadLocalRandom;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * All that is in the shared cache, for who looks it over or makes it anew. Blocks; for one thread. Whatever goes wrong is an
 * {@link UnavailableException} with the code {@code cache-unavailable}; a mark that no gateway wrote, a {@link MalformedException}.
 */
public final class RedisContents implements AutoCloseable {

    private static final Script STORE = Script.named("store");
    private static final Duration TIMEOUT = Duration.ofSeconds(10);
    private static final int PAGE = 256;

    private final RedisClient client;
    private final StatefulRedisConnection<byte[], byte[]> connection;
    private final RedisCommands<byte[], byte[]> commands;
    private final byte[] ttlMillis;

    /** @param ttl of the entries that {@link #fill} writes */
    public RedisContents(String url, FarAccess access, Duration ttl) {
        this.client = RedisClient.create(RedisAccess.uri(url, access, TIMEOUT));
        client.setOptions(ClientOptions.builder()
                .sslOptions(RedisAccess.tls(access, TIMEOUT))
                .build());
        this.ttlMillis = bytes(ttl.toMillis());
        try {
            this.connection = client.connect(ByteArrayCodec.INSTANCE);
        } catch (RedisException e) {
            client.shutdown(Duration.ZERO, Duration.ofSeconds(2));
            throw unavailable(e);
        }
        this.commands = connection.sync();
    }

    /** Every change with a source offset in [from, to) has gone into the entries of a partition. */
    public record Mark(long from, long to) {}

    /**
     * What stands at one key.
     *
     * @param asOf the source position up to which it is known to be current
     * @param state null: no reader would take it, since it is of another format, or not that of its key
     */
    public record Held(
            String key,
            Revision revision,
            long asOf,
            @Nullable ContextState state) {

        /** Whether a reader may use it, as long as it has not seen more than the mark covers. */
        public boolean isUsable(@Nullable Mark mark) {
            return state != null && mark != null && asOf >= mark.from();
        }
    }

    /** Null: there is none. */
    public @Nullable Mark mark(Partition partition) {
        List<KeyValue<byte[], byte[]>> fields =
                call(() -> commands.hmget(Entry.markKey(partition), "from".getBytes(UTF_8), "to".getBytes(UTF_8)));
        return fields.stream().allMatch(KeyValue::hasValue)
                ? new Mark(number(partition, fields.get(0)), number(partition, fields.get(1)))
                : null;
    }

    private static long number(Partition partition, KeyValue<byte[], byte[]> field) {
        String text = new String(field.getValue(), UTF_8);
        try {
            return Long.parseLong(text);
        } catch (NumberFormatException e) {
            throw new MalformedException(
                    "malformed-mark",
                    "\"" + text + "\" in Redis at " + new String(Entry.markKey(partition), UTF_8)
                            + " (expected: an offset; a cache that is emptied is filled again)",
                    e);
        }
    }

    /** Every entry of the partition that is there from beginning to end, at least once, a page at a time. */
    public void forEach(Partition partition, Consumer<List<Held>> page) {
        scan(partition, keys -> {
            List<Held> held = call(() -> commands.mget(keys.toArray(byte[][]::new))).stream()
                    .filter(KeyValue::hasValue)
                    .map(entry -> held(partition, entry.getKey(), entry.getValue()))
                    .filter(Objects::nonNull)
                    .toList();
            if (!held.isEmpty()) {
                page.accept(held);
            }
        });
    }

    /** What stands at that key now; null: nothing, or nothing but a lease. */
    public @Nullable Held at(Partition partition, String key) {
        byte[] name = key.getBytes(UTF_8);
        byte[] value = call(() -> commands.get(name));
        return value == null ? null : held(partition, name, value);
    }

    /** Null: nothing is there but a lease. */
    private static @Nullable Held held(Partition partition, byte[] key, byte[] value) {
        Revision revision = Entry.revision(value);
        if (revision == null) {
            return null;
        }
        ContextState state = Entry.decode(value);
        boolean own = state != null && Arrays.equals(Entry.key(partition, state.key()), key);
        return new Held(new String(key, UTF_8), revision, Entry.asOf(value), own ? state : null);
    }

    private void scan(Partition partition, Consumer<List<byte[]>> found) {
        byte[] mark = Entry.markKey(partition);
        ScanArgs all = ScanArgs.Builder.matches(Entry.slot(partition) + "*").limit(PAGE);
        ScanCursor cursor = ScanCursor.INITIAL;
        while (!cursor.isFinished()) {
            ScanCursor from = cursor;
            KeyScanCursor<byte[]> next = call(() -> commands.scan(from, all));
            List<byte[]> keys = next.getKeys().stream()
                    .filter(key -> !Arrays.equals(key, mark))
                    .toList();
            if (!keys.isEmpty()) {
                found.accept(keys);
            }
            cursor = next;
        }
    }

    /** Takes away the mark, so that nothing may be used any more, then all entries and leases of the partition. */
    public void drop(Partition partition) {
        call(() -> commands.del(Entry.markKey(partition)));
        scan(partition, keys -> call(() -> commands.unlink(keys.toArray(byte[][]::new))));
    }

    /**
     * Writes the states of a partition as they are at an offset, and then the mark. Where the owner of the partition has gone on
     * meanwhile, its words count: nothing more is written.
     *
     * @param next the offset of the first event that is not in the states
     * @param pages each small enough for one script: a few hundred states, about a megabyte
     */
    public void fill(Partition partition, long next, Iterable<List<ContextState>> pages) {
        String batch = "fill-" + Long.toHexString(ThreadLocalRandom.current().nextLong());
        String before = "";
        int number = 0;
        for (List<ContextState> page : pages) {
            String name = batch + ":" + number++;
            store(StorePart.of(partition, page, next, before, name), next);
            before = name;
        }
        store(StorePart.of(partition, List.of(), next, before, ""), next);
    }

    private void store(StorePart part, long next) {
        String script = STORE.text();
        call(() -> commands.<byte[]>eval(
                script, ScriptOutputType.VALUE, part.keys(), part.arguments(next, next, ttlMillis)));
    }

    private static <T> T call(Supplier<T> command) {
        try {
            return command.get();
        } catch (RedisException e) {
            throw unavailable(e);
        }
    }

    private static UnavailableException unavailable(RedisException e) {
        return new UnavailableException("cache-unavailable", "Redis does not answer: " + e.getMessage(), e);
    }

    private static byte[] bytes(long number) {
        return Long.toString(number).getBytes(UTF_8);
    }

    @Override
    public void close() {
        connection.close();
        client.shutdown(Duration.ZERO, Duration.ofSeconds(2));
    }
}
