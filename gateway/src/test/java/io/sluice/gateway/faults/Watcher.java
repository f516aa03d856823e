package io.sluice.gateway.faults;

import io.sluice.resolver.Json;
import io.sluice.resolver.Revision;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Random;
import java.util.concurrent.atomic.AtomicInteger;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * A client that watches: at one node after the other, going on where it was; it breaks off, and stands still, as it likes, until
 * nothing new is written. It writes down all that it is told.
 */
abstract class Watcher implements Runnable {

    final Scene scene;
    final Watch watch;
    private final Random random;
    private final Duration patience;
    private final AtomicInteger stalls = new AtomicInteger();

    /** @param patience so long may a connection be silent */
    Watcher(Scene scene, Watch watch, Random random, Duration patience) {
        this.scene = scene;
        this.watch = watch;
        this.random = random;
        this.patience = patience;
    }

    /** One connection. */
    interface Visit {
        void take(byte[] bytes);

        /** What is to be read of it. */
        Pull pull();
    }

    abstract Visit visit(int node);

    Watch watch() {
        return watch;
    }

    int stalls() {
        return stalls.get();
    }

    @Override
    public void run() {
        do {
            Visit visit = visit(Scene.anyNode(random));
            stay(visit);
            visit.pull().cancel();
        } while (!scene.rest(Duration.ofMillis(50 + random.nextLong(500))));
    }

    private void stay(Visit visit) {
        int leavesAfter = 20 + random.nextInt(600);
        int stallsAfter = random.nextInt(1_000);
        for (int taken = 0; !scene.atEnd(); taken++) {
            if (taken == stallsAfter && !scene.over()) {
                stalls.incrementAndGet();
                scene.pause(Duration.ofMillis(500 + random.nextLong(8_000)));
            }
            byte[] bytes = visit.pull().next(patience);
            if (bytes == null || taken > leavesAfter && !scene.over()) {
                return;
            }
            visit.take(bytes);
        }
    }

    static ObjectNode json(String text) {
        return Json.TRUSTED.object(text.getBytes(StandardCharsets.UTF_8));
    }

    static Revision revision(JsonNode event) {
        return new Revision(
                event.path("incarnation").asLong(), event.path("version").asLong());
    }

    final void unexpected(Object said) {
        scene.anomalies.add("watcher: told what nobody expects", "%s: %s", watch, said);
    }
}
