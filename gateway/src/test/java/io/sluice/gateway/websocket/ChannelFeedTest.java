package io.sluice.gateway.websocket;

import static io.sluice.gateway.websocket.Client.KEY;
import static org.assertj.core.api.Assertions.assertThat;

import io.netty.channel.ChannelDuplexHandler;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.handler.codec.http.websocketx.WebSocket13FrameEncoder;
import io.sluice.resolver.Cause;
import io.sluice.resolver.ContextState;
import io.sluice.resolver.Document;
import io.sluice.resolver.Identity;
import io.sluice.resolver.Json;
import io.sluice.resolver.LogPosition;
import io.sluice.resolver.Revision;
import io.sluice.resolver.VersionVector;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import reactor.core.publisher.Sinks;
import reactor.netty.NettyPipeline;

/** What the hub says while it is still being read what a client has missed. */
class ChannelFeedTest {

    private static final Instant TIME = Instant.parse("2026-02-01T00:00:00Z");

    private final EmbeddedChannel channel = new EmbeddedChannel();
    private final Sinks.One<Recovery.Recovered> read = Sinks.one();
    private final List<String> told = new ArrayList<>();
    private final ChannelFeed feed = feed();

    private ChannelFeed feed() {
        channel.pipeline().addLast(new WebSocket13FrameEncoder(false));
        channel.pipeline().addLast(NettyPipeline.ReactiveBridge, new ChannelDuplexHandler());
        SocketClient client = new SocketClient(channel);
        client.work().subscribe();
        return new ChannelFeed(
                client, KEY, new Position("1", 1), new Told(), (key, since, now, latest) -> read.asMono());
    }

    private final class Told implements Contexts.Listener {

        @Override
        public void subscribed(Position position, boolean recovered, List<byte[]> publications) {
            told.add("subscribed " + position.epoch() + "-" + position.offset());
        }

        @Override
        public void publications(byte[] lines) {
            for (byte[] push : Replies.split(lines)) {
                var publication = Json.TRUSTED.value(push).at("/push/pub");
                told.add("publication " + publication.path("epoch").asString() + "-"
                        + publication.path("offset").asLong());
            }
        }

        @Override
        public void unsubscribed(Unsubscribed why) {
            told.add("unsubscribed " + why.code());
        }
    }

    private void says(long incarnation, long version) {
        ContextState state = new ContextState(
                KEY,
                new Revision(incarnation, version),
                Document.of(Json.newObject()),
                VersionVector.EMPTY,
                new Cause(new Identity("http", "e" + version), "changed", TIME, null, null, null),
                new LogPosition("customer-events", 0, version, TIME));
        feed.write(ChannelEncoding.PUSHES.snapshot(state));
    }

    private void ready() {
        feed.write(ChannelEncoding.PUSHES.ready(1));
    }

    private void isRead(@Nullable Position now) {
        read.tryEmitValue(new Recovery.Recovered(now == null ? Position.NONE : now, true, List.of()));
        channel.runPendingTasks();
    }

    @Test
    void ofWhatComesDuringARecoveryTheLatestIsToldAfterIt() {
        says(1, 3);
        ready();
        for (int version = 4; version <= 1_000; version++) {
            says(1, version);
        }
        assertThat(told).isEmpty();
        isRead(new Position("1", 3));
        says(1, 1_001);
        assertThat(told).containsExactly("subscribed 1-3", "publication 1-1000", "publication 1-1001");
    }

    @Test
    void whatIsReadIsToldOnTheEventLoopAndNothingBeforeIt() {
        says(1, 3);
        ready();
        read.tryEmitValue(new Recovery.Recovered(new Position("1", 3), true, List.of()));
        says(1, 4);
        assertThat(told).isEmpty();
        channel.runPendingTasks();
        assertThat(told).containsExactly("subscribed 1-3", "publication 1-4");
    }

    @Test
    void whatWasRecoveredIsNotToldAgain() {
        ready();
        says(1, 4);
        says(1, 5);
        isRead(new Position("1", 5));
        assertThat(told).containsExactly("subscribed 1-5");
    }

    @Test
    void aLifeThatBeginsDuringARecoveryEndsTheSubscriptionAtOnce() {
        says(1, 7);
        ready();
        says(2, 1);
        isRead(new Position("1", 7));
        assertThat(told).containsExactly("subscribed 1-7", "unsubscribed 2500");
    }

    @Test
    void aLifeThatWasOverBeforeTheRecoveryIsNotTold() {
        ready();
        says(1, 9);
        isRead(new Position("2", 1));
        says(2, 2);
        assertThat(told).containsExactly("subscribed 2-1", "publication 2-2");
    }

    @Test
    void whatTheHubHearsOfALifeBeforeTheOneThatWasRecoveredIsNotTold() {
        says(1, 8);
        ready();
        isRead(new Position("2", 1));
        says(1, 9);
        says(2, 1);
        says(2, 2);
        says(3, 1);
        assertThat(told).containsExactly("subscribed 2-1", "publication 2-2", "unsubscribed 2500");
    }

    @Test
    void aContextThatIsFirstWrittenDuringARecoveryIsToldAfterIt() {
        ready();
        says(1, 1);
        isRead(null);
        assertThat(told).containsExactly("subscribed -0", "publication 1-1");
    }
}
