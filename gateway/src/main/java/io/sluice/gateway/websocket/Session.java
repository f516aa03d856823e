package io.sluice.gateway.websocket;

import io.sluice.resolver.MalformedException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import reactor.core.Disposable;
import reactor.core.publisher.Mono;
import tools.jackson.databind.node.ObjectNode;

/**
 * One client, from the moment its socket is open. Connects first, then says what it likes; each answer carries the id of its
 * command, and may come in any order. What breaks the protocol ends the connection, what cannot be done is answered with an
 * error.
 *
 * <p>Everything happens on the client's event loop: the public methods are to be called there, and the ports call back there.
 * None of them throws.
 */
public final class Session {

    private static final Logger log = LoggerFactory.getLogger(Session.class);

    /** What all sessions of a node share. */
    record Shared(ChannelNames channels, Commands commands, String version, SessionSettings settings) {}

    private enum Phase {
        NEW,
        CONNECTED,
        CLOSED
    }

    private final Shared shared;
    private final Contexts contexts;
    private final ClientConnection connection;
    private final String client;
    private final Calls calls;
    private final Output output;
    private final Subscriptions subscriptions;
    private final PingPong pings;
    private final Disposable stale;
    private Phase phase = Phase.NEW;
    private int inFlight;

    Session(Shared shared, Contexts contexts, ClientConnection connection, String client) {
        this.shared = shared;
        this.contexts = contexts;
        this.connection = connection;
        this.client = client;
        SessionSettings settings = shared.settings();
        this.calls = new Calls(shared.channels(), settings.maxDepth());
        this.output = new Output(connection);
        this.subscriptions = new Subscriptions(contexts, shared.channels(), output, settings.maxSubscriptions());
        this.pings = new PingPong(connection, output, settings, () -> disconnect(Disconnects.NO_PONG));
        this.stale = connection.schedule(settings.connectTimeout(), () -> disconnect(Disconnects.STALE));
    }

    /** What the client is called in answers and logs. */
    public String client() {
        return client;
    }

    /** A text frame has come. One that is no list of commands does nothing but end the connection. */
    public void receive(byte[] frame) {
        if (phase == Phase.CLOSED) {
            return;
        }
        output.hold();
        try {
            for (Command command : shared.commands().parse(frame)) {
                if (phase != Phase.CLOSED) {
                    handle(command);
                }
            }
        } catch (MalformedException e) {
            log.debug("Client {} breaks the protocol: {}", client, e.getMessage());
            disconnect(Disconnects.BAD_REQUEST);
        } finally {
            output.release();
        }
    }

    /** Ends the connection from this side: a client that is too slow, a node that stops. */
    public void disconnect(Disconnect why) {
        if (phase != Phase.CLOSED) {
            closed();
            output.release();
            connection.close(why.code(), why.reason());
        }
    }

    /** The connection has ended. */
    public void closed() {
        phase = Phase.CLOSED;
        stale.dispose();
        pings.stop();
        subscriptions.endAll();
    }

    /** The tree of a frame that is malformed has been refused before: what is malformed here is one command's matter. */
    private void handle(Command command) {
        try {
            if (phase == Phase.CONNECTED) {
                dispatch(command);
            } else if (command instanceof Command.Connect connect) {
                connect(connect);
            } else {
                disconnect(Disconnects.BAD_REQUEST);
            }
        } catch (RuntimeException e) {
            refuse(command.id(), e);
        }
    }

    private void connect(Command.Connect command) {
        phase = Phase.CONNECTED;
        stale.dispose();
        pings.start();
        output.write(Replies.connected(
                command.id(), client, shared.version(), shared.settings().ping().toSeconds()));
    }

    private void dispatch(Command command) {
        switch (command) {
            case Command.Connect again -> disconnect(Disconnects.BAD_REQUEST);
            case Command.Subscribe subscribe -> subscriptions.subscribe(subscribe);
            case Command.Unsubscribe unsubscribe -> subscriptions.unsubscribe(unsubscribe);
            case Command.Publish publish -> publish(publish);
            case Command.History history -> history(history);
            case Command.Rpc rpc -> call(rpc);
            case Command.Presence presence -> throw Errors.NOT_AVAILABLE.failure();
            case Command.PresenceStats stats -> throw Errors.NOT_AVAILABLE.failure();
            case Command.Refresh refresh -> throw Errors.NOT_AVAILABLE.failure();
            case Command.SubRefresh refresh ->
                throw (subscriptions.has(refresh.channel()) ? Errors.NOT_AVAILABLE : Errors.PERMISSION_DENIED)
                        .failure();
            case Command.Send send -> disconnect(Disconnects.NOT_AVAILABLE);
            case Command.Pong pong -> pong();
        }
    }

    private void pong() {
        if (!pings.pong()) {
            disconnect(Disconnects.BAD_REQUEST);
        }
    }

    private void publish(Command.Publish command) {
        if (command.type() != 0) {
            throw Errors.NOT_AVAILABLE
                    .because("publication type " + command.type() + " (expected: 0, on a stream)")
                    .failure();
        }
        var key = shared.channels().key(command.channel());
        ObjectNode patch = calls.document("data", command.data());
        answer(command.id(), contexts.publish(key, patch).thenReturn(Replies.published(command.id())));
    }

    private void history(Command.History command) {
        var key = shared.channels().key(command.channel());
        String ownName = ChannelNames.of(key);
        Contexts.Range range = new Contexts.Range(command.limit(), command.since(), command.reverse());
        answer(
                command.id(),
                contexts.history(key, range)
                        .map(history -> Replies.history(
                                command.id(),
                                history.top(),
                                history.publications().stream()
                                        .map(push -> Replies.inside(push, ownName))
                                        .toList())));
    }

    private void call(Command.Rpc command) {
        answer(command.id(), contexts.call(calls.call(command)).map(data -> Replies.called(command.id(), data)));
    }

    /** Nothing is asked of the contexts for a client that has too much under way: it is told to try again. */
    private void answer(long id, Mono<byte[]> answer) {
        if (inFlight >= shared.settings().maxInFlight()) {
            throw Errors.TOO_MANY_REQUESTS
                    .because(inFlight + " commands without an answer yet (expected: no more on one connection)")
                    .failure();
        }
        inFlight++;
        connection.ask(
                answer.switchIfEmpty(Mono.error(() -> Errors.NOT_FOUND.failure())),
                line -> {
                    inFlight--;
                    tell(line);
                },
                e -> {
                    inFlight--;
                    refuse(id, e);
                });
    }

    private void tell(byte[] line) {
        if (phase != Phase.CLOSED) {
            output.write(line);
        }
    }

    private void refuse(long id, Throwable failure) {
        ErrorReply error = Errors.of(failure);
        if (error == Errors.INTERNAL && !(failure instanceof CommandFailure)) {
            log.error("Cannot answer command {} of client {}", id, client, failure);
        }
        tell(Replies.error(id, error));
    }
}
