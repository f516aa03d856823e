package io.sluice.gateway.websocket;

import java.time.Duration;
import java.util.concurrent.ThreadLocalRandom;
import org.jspecify.annotations.Nullable;
import reactor.core.Disposable;

/** Asks a client whether it is there. The first time somewhat sooner, at random: those who came together shall not be asked so. */
final class PingPong {

    private final ClientConnection connection;
    private final Output output;
    private final SessionSettings settings;
    private final Runnable noPong;
    private @Nullable Disposable nextPing;
    private @Nullable Disposable awaitedPong;

    PingPong(ClientConnection connection, Output output, SessionSettings settings, Runnable noPong) {
        this.connection = connection;
        this.output = output;
        this.settings = settings;
        this.noPong = noPong;
    }

    void start() {
        long millis = settings.ping().toMillis();
        long first = millis / 2 + ThreadLocalRandom.current().nextLong(millis / 2);
        nextPing = connection.schedule(Duration.ofMillis(first), this::ping);
    }

    /** False: nobody had asked. */
    boolean pong() {
        boolean awaited = awaitedPong != null;
        awaitedPong = disposed(awaitedPong);
        return awaited;
    }

    void stop() {
        nextPing = disposed(nextPing);
        awaitedPong = disposed(awaitedPong);
    }

    private void ping() {
        nextPing = connection.schedule(settings.ping(), this::ping);
        awaitedPong = connection.schedule(settings.pongTimeout(), noPong);
        output.write(Replies.ping());
    }

    private static @Nullable Disposable disposed(@Nullable Disposable timer) {
        if (timer != null) {
            timer.dispose();
        }
        return null;
    }
}
