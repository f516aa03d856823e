package io.sluice.gateway.endtoend;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.lettuce.core.RedisClient;
import io.lettuce.core.api.sync.RedisCommands;
import io.lettuce.core.codec.ByteArrayCodec;
import io.lettuce.core.codec.RedisCodec;
import io.lettuce.core.codec.StringCodec;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Objects;

/** The shared Redis, seen with its own client, and spoiled. */
final class Shared implements AutoCloseable {

    private static final int AS_OF = 17;

    private final RedisClient client =
            RedisClient.create(Objects.requireNonNull(Stack.endpoints().redis()));
    private final RedisCommands<String, byte[]> commands = client.connect(
                    RedisCodec.of(StringCodec.UTF8, ByteArrayCodec.INSTANCE))
            .sync();

    /** The key of the entry of a context whose topic and id say all. */
    String key(String topic, String id) {
        List<String> keys = commands.keys("sluice:{" + topic + "/*}:default/" + id);
        if (keys.size() != 1) {
            throw new AssertionError("entries of " + id + ": " + keys);
        }
        return keys.getFirst();
    }

    byte[] entry(String key) {
        return Objects.requireNonNull(commands.get(key), key);
    }

    void put(String key, byte[] entry) {
        commands.set(key, entry);
    }

    /** So that no reader would see that it is old. */
    static byte[] asOfNow(byte[] entry) {
        byte[] current = entry.clone();
        ByteBuffer.wrap(current).putLong(AS_OF, 1L << 40);
        return current;
    }

    /** @param instead as long as what it stands for */
    static byte[] with(byte[] entry, String text, String instead) {
        String latin = new String(entry, java.nio.charset.StandardCharsets.ISO_8859_1);
        if (!latin.contains(text) || text.getBytes(UTF_8).length != instead.getBytes(UTF_8).length) {
            throw new AssertionError("no " + text + ", or " + instead + " has another length");
        }
        return latin.replace(text, instead).getBytes(java.nio.charset.StandardCharsets.ISO_8859_1);
    }

    long count(String topic) {
        return commands.keys("sluice:{" + topic + "/*}:*").size();
    }

    void empty() {
        commands.flushall();
    }

    @Override
    public void close() {
        client.shutdown();
    }
}
