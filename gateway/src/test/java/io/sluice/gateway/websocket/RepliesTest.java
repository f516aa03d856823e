package io.sluice.gateway.websocket;

import static io.sluice.gateway.websocket.RecordedConnection.text;
import static io.sluice.gateway.websocket.RecordedConnection.utf8;
import static org.assertj.core.api.Assertions.assertThat;

import io.sluice.resolver.Cause;
import io.sluice.resolver.ContextKey;
import io.sluice.resolver.ContextState;
import io.sluice.resolver.ContextUpdate;
import io.sluice.resolver.Document;
import io.sluice.resolver.Identity;
import io.sluice.resolver.LogPosition;
import io.sluice.resolver.Revision;
import io.sluice.resolver.VersionVector;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class RepliesTest {

    private static final Instant TIME = Instant.parse("2026-02-01T00:00:00Z");

    private static ContextState state(@Nullable String document) {
        return new ContextState(
                new ContextKey("default", "customer", "a\"b"),
                new Revision(2, 42),
                document == null ? null : Document.parse(utf8(document)),
                VersionVector.EMPTY,
                new Cause(new Identity("crm", "e1"), "moved", TIME, null, null, null),
                new LogPosition("customer-events", 0, 9, TIME));
    }

    private static ContextUpdate update(@Nullable String document) {
        return new ContextUpdate(state(document), null, List.of());
    }

    @Test
    void aChangeIsAPushWithoutItsKey() {
        assertThat(text(Replies.publication("customer:1", update("{\"a\":1.10,\"b\":\"x\\ny\"}"))))
                .isEqualTo("{\"push\":{\"channel\":\"customer:1\",\"pub\":{\"data\":{\"incarnation\":2,\"version\":42,"
                        + "\"state\":{\"a\":1.10,\"b\":\"x\\ny\"},\"cause\":{\"eventId\":\"e1\",\"type\":\"moved\","
                        + "\"writer\":\"crm\",\"time\":\"2026-02-01T00:00:00Z\"},\"time\":\"2026-02-01T00:00:00Z\"},"
                        + "\"offset\":42,\"epoch\":\"2\"}}}");
    }

    @Test
    void aDeletionIsAPushToo() {
        assertThat(text(Replies.publication("customer:1", update(null))))
                .startsWith("{\"push\":{\"channel\":\"customer:1\",\"pub\":{\"data\":{\"incarnation\":2,\"version\":42,"
                        + "\"deleted\":true,\"cause\":")
                .endsWith("\"offset\":42,\"epoch\":\"2\"}}}");
    }

    @Test
    void aContextAsItIsNowIsAPush() {
        assertThat(text(Replies.publication("customer:1", state("{}"))))
                .isEqualTo("{\"push\":{\"channel\":\"customer:1\",\"pub\":{\"data\":{\"incarnation\":2,\"version\":42,"
                        + "\"state\":{},\"time\":\"2026-02-01T00:00:00Z\"},\"offset\":42,\"epoch\":\"2\"}}}");
    }

    @Test
    void theInsideOfAPushCanStandElsewhere() {
        byte[] push = Replies.publication("customer:a%22b", state("{\"ä\":\"😀\"}"));
        assertThat(text(Replies.inside(push, "customer:a%22b")))
                .startsWith("{\"data\":{")
                .endsWith("\"offset\":42,\"epoch\":\"2\"}");
        assertThat(Replies.renamed(push, "customer:a%22b", "customer:a\"b"))
                .isEqualTo(Replies.publication("customer:a\"b", state("{\"ä\":\"😀\"}")));
    }

    @Test
    void repliesAreOneObjectEach() {
        assertThat(text(Replies.connected(1, "c", "sluice 1", 25)))
                .isEqualTo(
                        "{\"id\":1,\"connect\":{\"client\":\"c\",\"version\":\"sluice 1\",\"ping\":25,\"pong\":true}}");
        assertThat(text(Replies.published(4294967295L))).isEqualTo("{\"id\":4294967295,\"publish\":{}}");
        assertThat(text(Replies.unsubscribed(3))).isEqualTo("{\"id\":3,\"unsubscribe\":{}}");
        assertThat(text(Replies.called(3, utf8("[1]")))).isEqualTo("{\"id\":3,\"rpc\":{\"data\":[1]}}");
        assertThat(text(Replies.ping())).isEqualTo("{}");
    }

    @Test
    void errorsSayWhetherTheyAreTemporary() {
        assertThat(text(Replies.error(3, Errors.UNKNOWN_CHANNEL)))
                .isEqualTo("{\"id\":3,\"error\":{\"code\":102,\"message\":\"unknown channel\"}}");
        assertThat(text(Replies.error(3, Errors.INTERNAL)))
                .isEqualTo(
                        "{\"id\":3,\"error\":{\"code\":100,\"message\":\"internal server error\",\"temporary\":true}}");
    }

    @Test
    void aSubscriptionSaysWhereItStands() {
        assertThat(text(Replies.subscribed(2, new Replies.Subscription(Position.NONE, false, false, List.of()))))
                .isEqualTo(
                        "{\"id\":2,\"subscribe\":{\"recoverable\":true,\"positioned\":true,\"epoch\":\"\",\"offset\":0}}");
        assertThat(text(Replies.subscribed(
                        2,
                        new Replies.Subscription(
                                new Position("1", 7), true, true, List.of(utf8("{\"a\":1}"), utf8("{\"b\":2}"))))))
                .isEqualTo(
                        "{\"id\":2,\"subscribe\":{\"recoverable\":true,\"positioned\":true,\"epoch\":\"1\",\"offset\":7,"
                                + "\"recovered\":true,\"was_recovering\":true,\"publications\":[{\"a\":1},{\"b\":2}]}}");
    }

    @Test
    void historyHasThePositionToo() {
        assertThat(text(Replies.history(2, new Position("1", 7), List.of(utf8("{\"a\":1}")))))
                .isEqualTo("{\"id\":2,\"history\":{\"epoch\":\"1\",\"offset\":7,\"publications\":[{\"a\":1}]}}");
    }

    @Test
    void endsArePushes() {
        assertThat(text(Replies.unsubscribed("customer:1", Unsubscribed.INSUFFICIENT_STATE)))
                .isEqualTo("{\"push\":{\"channel\":\"customer:1\",\"unsubscribe\":{\"code\":2500,"
                        + "\"reason\":\"insufficient state\"}}}");
        assertThat(text(Replies.disconnected(Disconnects.SHUTDOWN)))
                .isEqualTo("{\"push\":{\"disconnect\":{\"code\":3001,\"reason\":\"shutdown\"}}}");
    }

    @Test
    void manyAreOneFrame() {
        assertThat(text(Replies.lines(List.of(utf8("{}"), utf8("{\"id\":1}"))))).isEqualTo("{}\n{\"id\":1}");
    }

    @Test
    void positionsAreRevisions() {
        assertThat(Position.of(new Revision(3, 9))).isEqualTo(new Position("3", 9));
        assertThat(new Position("3", 9).revision(7)).isEqualTo(new Revision(3, 9));
        assertThat(new Position("", 9).revision(7)).isEqualTo(new Revision(7, 9));
        assertThat(new Position("_", 9).revision(7)).isNull();
        assertThat(new Position("-1", 9).revision(7)).isNull();
        assertThat(Position.NONE.revision(7)).isNull();
    }
}
