package io.sluice.gateway.websocket;

import java.time.Duration;
import java.util.function.Consumer;
import reactor.core.Disposable;
import reactor.core.publisher.Mono;

/**
 * The socket of one client, as a {@link Session} needs it. All of it is called on the client's event loop, and all that comes
 * back is to come there too.
 */
public interface ClientConnection {

    /**
     * Sends a text frame. Never waits and never fails: where too much is unread, or the socket is gone, the connection ends the
     * session by itself, with {@link Session#disconnect} and {@link Disconnects#SLOW}, or {@link Session#closed}.
     *
     * @param lines one or more objects; shared, so nobody changes it
     */
    void send(byte[] lines);

    /** Sends a close frame behind all that was sent. Called once at most, as the last of all. */
    void close(int code, String reason);

    /** Runs work on the event loop once the time is over, unless what is returned has been disposed of. */
    Disposable schedule(Duration delay, Runnable work);

    /**
     * Asks, and hears on the event loop what comes of it: one of both, or neither when the connection has ended, which cancels the
     * question.
     */
    <T> void ask(Mono<T> question, Consumer<? super T> answered, Consumer<Throwable> failed);
}
