package io.sluice.cache;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.lettuce.core.RedisClient;
import io.lettuce.core.api.sync.RedisCommands;
import io.lettuce.core.codec.ByteArrayCodec;
import io.lettuce.core.codec.RedisCodec;
import io.lettuce.core.codec.StringCodec;
import io.sluice.embedded.PartsProcess;
import io.sluice.embedded.PartsSettings;
import io.sluice.resolver.Partition;
import java.nio.file.Path;
import java.util.concurrent.atomic.AtomicInteger;

/** A real Redis, one for all tests of this JVM, and what tests do with it behind the cache's back. */
final class TestRedis {

    private static final AtomicInteger TOPICS = new AtomicInteger();

    private TestRedis() {}

    private static final class Shared {
        // Ends with this JVM.
        static final PartsProcess PROCESS = start(Path.of("target", "redis"));
        static final String URL = url(PROCESS);
        static final RedisCommands<String, byte[]> COMMANDS = RedisClient.create(URL)
                .connect(RedisCodec.of(StringCodec.UTF8, ByteArrayCodec.INSTANCE))
                .sync();
    }

    static PartsProcess start(Path folder) {
        return PartsProcess.start(new PartsSettings(folder, 0, false, false, true), PartsProcess.ownCommand());
    }

    static String url(PartsProcess process) {
        return java.util.Objects.requireNonNull(process.await().redis());
    }

    static String url() {
        return Shared.URL;
    }

    static RedisCommands<String, byte[]> commands() {
        return Shared.COMMANDS;
    }

    /** One that no other test writes to. */
    static Partition partition() {
        return new Partition("t" + ProcessHandle.current().pid() + "." + TOPICS.incrementAndGet() + "-events", 1);
    }

    /** {@code from-to}, or {@code none}. */
    static String mark(Partition partition) {
        var mark = commands().hgetall(new String(Entry.markKey(partition), UTF_8));
        return mark.containsKey("from")
                ? new String(mark.get("from"), UTF_8) + "-" + new String(mark.get("to"), UTF_8)
                : "none";
    }
}
