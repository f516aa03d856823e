package io.sluice.gateway.faults;

import io.sluice.gateway.faults.Ledger.Read;
import io.sluice.gateway.faults.Scene.Reply;
import io.sluice.resolver.Json;
import io.sluice.resolver.Revision;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Random;
import org.jspecify.annotations.Nullable;

/** Reads contexts, as they are and as they were, at whichever node. */
final class Reader implements Runnable {

    private final Scene scene;
    private final Random random;
    private final Duration pace;

    Reader(Scene scene, Random random, Duration pace) {
        this.scene = scene;
        this.random = random;
        this.pace = pace;
    }

    @Override
    public void run() {
        while (!scene.pause(Duration.ofMillis(random.nextLong(1 + 2 * pace.toMillis())))) {
            int node = Scene.anyNode(random);
            String key = Author.anyKey(random);
            Instant at = random.nextInt(4) == 0 ? Instant.now().minusMillis(random.nextLong(30_000)) : null;
            Revision told = scene.told(node, key);
            Reply reply = scene.send(node, "GET", Draft.path(key) + (at == null ? "" : "?at=" + at), null, List.of());
            Read read = read(node, key, at, told, reply);
            if (read != null) {
                scene.ledger.read(read);
            } else if (reply.status() != 0 && reply.status() != 503) {
                scene.anomalies.add("answer that nobody expects", "read of %s: %s", key, reply);
            }
        }
    }

    private static @Nullable Read read(
            int node, String key, @Nullable Instant at, @Nullable Revision told, Reply reply) {
        return switch (reply.status()) {
            case 200 ->
                new Read(
                        node,
                        key,
                        at,
                        reply.revision(),
                        Version.digest(Json.TRUSTED.object(reply.body().getBytes(StandardCharsets.UTF_8))),
                        told);
            case 404 -> new Read(node, key, at, null, Version.DELETED, told);
            case 410 -> new Read(node, key, at, reply.revision(), Version.DELETED, told);
            default -> null;
        };
    }
}
