package io.sluice.gateway.endtoend;

import io.sluice.gateway.endtoend.Watching.Held;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import org.reactivestreams.Subscription;
import reactor.core.publisher.BaseSubscriber;
import tools.jackson.databind.JsonNode;

/**
 * A client that shows what it watches, and complains of anything that may not come. It reads no faster than it is told to, and
 * comes back with the place at which it was.
 */
abstract class Watcher implements AutoCloseable {

    final Watching watching;
    /** What it has heard of each context. */
    private final Map<String, Held> heard = new HashMap<>();
    /** What it had heard before, of those of which it has heard since the last place to which it can come back. */
    private final Map<String, Optional<Held>> before = new HashMap<>();

    private @Nullable Visit visit;
    private @Nullable Throwable failure;
    private boolean stalled;
    private int node = -1;

    int events;
    int resumes;
    int resumesElsewhere;
    int resets;
    /** Versions that were left out. */
    long skipped;

    Watcher(Watching watching) {
        this.watching = watching;
    }

    /** One connection: asks for more when it has taken what came. */
    abstract class Visit extends BaseSubscriber<byte[]> {

        private boolean owing;
        private volatile boolean ended;

        abstract void take(byte[] bytes);

        @Override
        protected void hookOnSubscribe(Subscription subscription) {
            subscription.request(1);
        }

        @Override
        protected void hookOnNext(byte[] bytes) {
            synchronized (Watcher.this) {
                if (visit != this) {
                    return;
                }
                try {
                    take(bytes);
                } catch (RuntimeException | AssertionError e) {
                    failure = e;
                    cancel();
                    return;
                }
                owing = stalled;
                if (!owing) {
                    request(1);
                }
            }
        }

        /** However it ends, the client comes back. */
        @Override
        protected void hookOnError(Throwable error) {
            ended = true;
        }

        @Override
        protected void hookOnComplete() {
            ended = true;
        }

        void end() {
            ended = true;
            cancel();
        }
    }

    abstract Visit visit(Gateway gateway);

    abstract boolean hasPlace();

    /** Begins, or goes on at the place where it was. */
    final synchronized void come(Gateway gateway, int at) {
        if (hasPlace()) {
            resumes++;
            resumesElsewhere += at != node ? 1 : 0;
        }
        before.forEach((key, held) -> held.ifPresentOrElse(was -> heard.put(key, was), () -> heard.remove(key)));
        before.clear();
        node = at;
        visit = visit(gateway);
    }

    /** Drops the connection, whatever is on its way. */
    final synchronized void cut() {
        if (visit != null) {
            visit.end();
        }
    }

    final synchronized void stall() {
        stalled = true;
    }

    final synchronized void goOn() {
        stalled = false;
        if (visit != null && visit.owing) {
            visit.owing = false;
            visit.request(1);
        }
    }

    final synchronized boolean isStalled() {
        return stalled;
    }

    final synchronized boolean isAway() {
        return visit == null || visit.ended || visit.isDisposed();
    }

    final boolean isAt(int other) {
        return node == other;
    }

    /** Fails with what was not as it must be. */
    final synchronized void check() {
        if (failure != null) {
            throw new AssertionError(this + ": " + failure.getMessage(), failure);
        }
    }

    /** What it shows. */
    final synchronized Map<String, Held> shown() {
        Map<String, Held> shown = new TreeMap<>(heard);
        shown.values().removeIf(held -> held.state() == null);
        return shown;
    }

    final @Nullable Held heard(String key) {
        return heard.get(key);
    }

    final void hear(String key, Held held) {
        Held was = heard.put(key, held);
        before.putIfAbsent(key, Optional.ofNullable(was));
        events++;
    }

    /** From here on it can come back to this. */
    final void settle() {
        before.clear();
    }

    final void forgetAll() {
        resets++;
        heard.clear();
        before.clear();
    }

    /** A change: later than what was heard, and with every update the next one. */
    final void change(String key, JsonNode event, boolean every) {
        long version = event.path("version").asLong();
        Held was = heard(key);
        require(watching.has(key), "it is watched", event);
        require(was == null || version > was.version(), "versions rise", event);
        require(!every || was == null || version == was.version() + 1, "no version is left out, after " + was, event);
        skipped += was == null || was.version() == 0 ? 0 : version - was.version() - 1;
        hear(key, new Held(version, event.path("deleted").asBoolean() ? null : state(was, event)));
    }

    private static JsonNode state(@Nullable Held was, JsonNode event) {
        if (event.has("state")) {
            return event.get("state");
        }
        JsonNode to = Objects.requireNonNull(
                Objects.requireNonNull(was, "a delta to nothing").state(), "to nothing");
        return Watching.merged(to, event.get("delta"));
    }

    final void require(boolean holds, String what, Object event) {
        if (!holds) {
            String shown = String.valueOf(event);
            throw new AssertionError(
                    "not so: " + what + ": " + (shown.length() < 400 ? shown : shown.substring(0, 400) + "..."));
        }
    }

    static String text(byte[] bytes) {
        return new String(bytes, StandardCharsets.UTF_8);
    }

    @Override
    public final void close() {
        cut();
    }

    @Override
    public final String toString() {
        return watching + " at node " + node + (isStalled() ? ", stalled" : "") + (isAway() ? ", away" : "") + ": "
                + events + " events, " + resumes + " resumes, " + resets + " resets";
    }
}
