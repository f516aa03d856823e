package io.sluice.gateway.websocket;

import static org.assertj.core.api.Assertions.assertThat;

import io.sluice.resolver.ContextKey;
import io.sluice.resolver.Json;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import tools.jackson.databind.node.ObjectNode;

/** A client of the protocol, its session, and what is behind it. */
final class Client {

    static final ContextKey KEY = new ContextKey("default", "customer", "67890");

    final ContextsInMemory contexts;
    final RecordedConnection connection = new RecordedConnection();
    final Session session;

    private final Sessions sessions;

    private Client(ContextsInMemory contexts, SessionSettings settings) {
        this(contexts, new Sessions(connection -> contexts, Set.of("customer", "order")::contains, "0.1.0", settings));
    }

    private Client(ContextsInMemory contexts, Sessions sessions) {
        this.contexts = contexts;
        this.sessions = sessions;
        this.session = sessions.open(connection);
    }

    /** One that has not connected yet. */
    static Client fresh() {
        return new Client(new ContextsInMemory(), SessionSettings.DEFAULTS);
    }

    static Client connected() {
        return connected(SessionSettings.DEFAULTS);
    }

    static Client connected(SessionSettings settings) {
        Client client = new Client(new ContextsInMemory(), settings);
        client.says("{\"id\":1,\"connect\":{}}");
        assertThat(client.connection.sent()).hasSize(1);
        return client;
    }

    /** Another connection to the same contexts. */
    Client another() {
        Client client = new Client(contexts, sessions);
        client.says("{\"id\":1,\"connect\":{}}");
        client.connection.sent();
        return client;
    }

    void says(String frame) {
        session.receive(RecordedConnection.utf8(frame));
    }

    /** What is sent because of it, as text, each object a line. */
    List<String> asks(String frame) {
        says(frame);
        return hears();
    }

    List<String> hears() {
        return connection.sent().stream().map(ObjectNode::toString).toList();
    }

    /** What is sent because of it, which is one object. */
    ObjectNode asksOnce(String frame) {
        says(frame);
        List<ObjectNode> sent = connection.sent();
        assertThat(sent).as("answer to %s", frame).hasSize(1);
        return sent.getFirst();
    }

    ObjectNode subscribes(String channel) {
        return asksOnce("{\"id\":2,\"subscribe\":{\"channel\":\"" + channel + "\"}}");
    }

    Disconnect closed() {
        return Objects.requireNonNull(connection.closed(), "still open");
    }

    static ObjectNode json(String text) {
        return Json.strict(100).object(RecordedConnection.utf8(text.replace('\'', '"')));
    }

    static void assertError(ObjectNode reply, int id, int code) {
        assertThat(reply.path("id").asInt()).isEqualTo(id);
        assertThat(reply.path("error").path("code").asInt())
                .as(reply.toString())
                .isEqualTo(code);
        assertThat(reply.path("error").path("message").asString()).isNotBlank();
        assertThat(reply.size()).isEqualTo(2);
    }
}
