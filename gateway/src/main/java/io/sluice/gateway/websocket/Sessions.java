package io.sluice.gateway.websocket;

import java.util.UUID;
import java.util.concurrent.ThreadLocalRandom;
import java.util.function.Function;
import java.util.function.Predicate;

/** Where sessions begin. Safe for use by several threads. */
public final class Sessions {

    private final Session.Shared shared;
    private final Function<ClientConnection, Contexts> contexts;

    /**
     * @param contexts as one client sees them
     * @param isType whether contexts of that name are configured
     * @param version what clients are told of Sluice, such as {@code 0.1.0}
     */
    public Sessions(
            Function<ClientConnection, Contexts> contexts,
            Predicate<String> isType,
            String version,
            SessionSettings settings) {
        this.contexts = contexts;
        this.shared =
                new Session.Shared(new ChannelNames(isType), new Commands(settings), "sluice " + version, settings);
    }

    /** To be called on the event loop of a client that has come. */
    public Session open(ClientConnection connection) {
        return new Session(shared, contexts.apply(connection), connection, clientId());
    }

    /** A random UUID (version 4) that never waits for entropy. It is a name, and no secret. */
    private static String clientId() {
        ThreadLocalRandom random = ThreadLocalRandom.current();
        return new UUID(random.nextLong() & ~0xF000L | 0x4000L, random.nextLong() & ~(3L << 62) | 1L << 63).toString();
    }
}
