package io.sluice.gateway.websocket;

import io.sluice.resolver.Json;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import reactor.core.Disposable;
import reactor.core.Disposables;
import reactor.core.publisher.Mono;
import tools.jackson.databind.node.ObjectNode;

/** A socket that keeps what is sent, with a clock that only the test moves. */
final class RecordedConnection implements ClientConnection {

    private static final Json JSON = Json.strict(100);

    private record Timer(Duration due, Runnable work, Disposable handle) {}

    private final List<byte[]> frames = new ArrayList<>();
    private final List<Timer> timers = new ArrayList<>();
    private final Disposable.Composite running = Disposables.composite();
    private Duration now = Duration.ZERO;
    private int taken;
    private @Nullable Disconnect closed;
    private Runnable whenSent = () -> {};

    @Override
    public void send(byte[] lines) {
        if (closed != null) {
            throw new IllegalStateException("sent behind the close frame: " + text(lines));
        }
        frames.add(lines);
        whenSent.run();
    }

    /** What the next frame makes happen, such as the end of a session whose client is too slow. */
    void whenSent(Runnable work) {
        whenSent = () -> {
            whenSent = () -> {};
            work.run();
        };
    }

    @Override
    public void close(int code, String reason) {
        if (closed != null) {
            throw new IllegalStateException("closed twice: " + code);
        }
        closed = new Disconnect(code, reason);
        running.dispose();
    }

    @Override
    public Disposable schedule(Duration delay, Runnable work) {
        Disposable handle = Disposables.single();
        timers.add(new Timer(now.plus(delay), work, handle));
        return handle;
    }

    @Override
    public <T> void ask(Mono<T> question, Consumer<? super T> answered, Consumer<Throwable> failed) {
        running.add(question.doOnError(failed).onErrorComplete().subscribe(answered));
    }

    /** Everything that falls due in that time happens, in order. */
    void advance(Duration time) {
        Duration end = now.plus(time);
        while (true) {
            Timer next = timers.stream()
                    .filter(timer -> !timer.handle().isDisposed())
                    .min(Comparator.comparing(Timer::due))
                    .filter(timer -> timer.due().compareTo(end) <= 0)
                    .orElse(null);
            if (next == null) {
                now = end;
                return;
            }
            timers.remove(next);
            now = next.due();
            next.work().run();
        }
    }

    /** How many timers have not been disposed of. */
    long timers() {
        return timers.stream().filter(timer -> !timer.handle().isDisposed()).count();
    }

    @Nullable
    Disconnect closed() {
        return closed;
    }

    /** All frames, as they are. */
    List<byte[]> frames() {
        return frames;
    }

    /** What was sent since this was asked before, an object each. */
    List<ObjectNode> sent() {
        List<ObjectNode> sent = new ArrayList<>();
        for (byte[] frame : frames.subList(taken, frames.size())) {
            text(frame).lines().forEach(line -> sent.add(JSON.object(utf8(line))));
        }
        taken = frames.size();
        return sent;
    }

    static byte[] utf8(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    static String text(byte[] utf8) {
        return new String(utf8, StandardCharsets.UTF_8);
    }
}
