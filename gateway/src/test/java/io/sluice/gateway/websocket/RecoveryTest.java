package io.sluice.gateway.websocket;

import static io.sluice.gateway.websocket.Client.KEY;
import static org.assertj.core.api.Assertions.assertThat;

import io.sluice.resolver.Cause;
import io.sluice.resolver.ContextState;
import io.sluice.resolver.ContextUpdate;
import io.sluice.resolver.Document;
import io.sluice.resolver.Identity;
import io.sluice.resolver.Json;
import io.sluice.resolver.LogPosition;
import io.sluice.resolver.Revision;
import io.sluice.resolver.VersionVector;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import reactor.core.publisher.Mono;

/** A client comes to a node that has not heard yet of what another has told it. The store stands at 2-7. */
class RecoveryTest {

    private static final Instant TIME = Instant.parse("2026-02-01T00:00:00Z");
    private static final Revision STORED = new Revision(2, 7);

    private final Recovery recovery = new Recovery(
            keys -> Mono.just(Map.of(KEY, state(STORED))),
            (key, incarnation, from, to, descending, limit) -> Mono.just(LongStream.rangeClosed(from, to)
                    .mapToObj(version -> new ContextUpdate(state(new Revision(incarnation, version)), null, List.of()))
                    .toList()));

    private static ContextState state(Revision revision) {
        return new ContextState(
                KEY,
                revision,
                Document.of(Json.newObject()),
                VersionVector.EMPTY,
                new Cause(new Identity("http", "e" + revision), "changed", TIME, null, null, null),
                new LogPosition("customer-events", 0, 10 * revision.incarnation() + revision.version(), TIME));
    }

    /** @param heard of by the node */
    private Recovery.Recovered comes(Position since, Revision heard) {
        byte[] latest = Replies.publication(ChannelNames.of(KEY), state(heard));
        return Objects.requireNonNull(
                recovery.missed(KEY, since, Position.of(heard), latest).block());
    }

    private static List<Long> versions(Recovery.Recovered recovered) {
        return recovered.publications().stream()
                .map(push -> Json.TRUSTED.value(push).at("/push/pub/offset").asLong())
                .toList();
    }

    @Test
    void nothingIsMissedThatTheClientHas() {
        Recovery.Recovered recovered = comes(new Position("2", 7), new Revision(2, 5));
        assertThat(recovered.complete()).isTrue();
        assertThat(recovered.position()).isEqualTo(new Position("2", 7));
        assertThat(versions(recovered)).isEmpty();
    }

    @Test
    void whatIsStoredSinceIsTold() {
        Recovery.Recovered recovered = comes(new Position("2", 6), new Revision(2, 5));
        assertThat(recovered.complete()).isTrue();
        assertThat(versions(recovered)).containsExactly(7L);
    }

    @Test
    void aLifeThatTheNodeHasNotHeardOfIsNotTakenBack() {
        Recovery.Recovered recovered = comes(new Position("2", 4), new Revision(1, 9));
        assertThat(recovered.complete()).isTrue();
        assertThat(versions(recovered)).containsExactly(5L, 6L, 7L);
    }

    @Test
    void whoClaimsWhatNeverWasIsToldWhatIs() {
        Recovery.Recovered recovered = comes(new Position("2", 99), new Revision(2, 7));
        assertThat(recovered.complete()).isFalse();
        assertThat(recovered.position()).isEqualTo(new Position("2", 7));
        assertThat(versions(recovered)).containsExactly(7L);
    }

    @Test
    void ofANodeThatHasHeardOfMoreNothingIsAskedTwice() {
        Recovery.Recovered recovered = comes(new Position("2", 5), new Revision(2, 6));
        assertThat(recovered.complete()).isTrue();
        assertThat(versions(recovered)).containsExactly(6L);
    }
}
