package io.sluice.gateway.endtoend;

import static io.sluice.gateway.endtoend.Api.WAIT;
import static org.assertj.core.api.Assertions.assertThat;

import io.sluice.gateway.endtoend.Feed.Event;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@EndToEnd
class ResumeTest {

    private final Gateway gateway = Stack.gateway();
    private final Api api = gateway.api();
    private final String id = Stack.fresh("resume");
    private final String key = "customer/" + id;
    private final String path = "/v1/contexts/" + key;

    /** Leaves after the third version, of ten. @return the id that the reader came to */
    private String leaveAfterThree() {
        String last;
        try (Feed feed = gateway.watch(path)) {
            feed.awaitReady();
            write(1, 3);
            feed.awaitVersion(key, 3);
            last = feed.lastId();
        }
        write(4, 10);
        return last;
    }

    private void write(int from, int to) {
        for (int i = from; i < to; i++) {
            api.patch(path, "{\"n\":" + i + "}");
        }
        api.patch(path, "{\"n\":" + to + "}", WAIT);
    }

    /** From the fourth version to the tenth, then live, and no snapshot. */
    private void requireExact(Feed feed) {
        Event ready = feed.awaitReady();
        assertThat(ready.json().get("resumed").asBoolean()).isTrue();
        assertThat(feed.names()).containsOnly("update", "ready").endsWith("ready");
        assertThat(feed.versions(key)).containsExactly(versions(4, 10));
        write(11, 12);
        feed.awaitVersion(key, 12);
        assertThat(feed.events("update").stream().map(Event::version).toList()).containsExactly(versions(4, 12));
    }

    private static Long[] versions(long from, long to) {
        return LongStream.rangeClosed(from, to).boxed().toArray(Long[]::new);
    }

    @Test
    void aReaderThatComesBackGetsExactlyWhatItMissed() {
        String last = leaveAfterThree();
        try (Feed feed = gateway.watch(path, "Last-Event-ID", last)) {
            requireExact(feed);
        }
    }

    @Test
    void theIdMayComeAsAParameterAndTheHeaderWins() {
        String last = leaveAfterThree();
        try (Feed feed = gateway.watch(path + "?lastEventId=" + last)) {
            feed.awaitReady();
            assertThat(feed.names()).doesNotContain("snapshot", "reset").hasSize(8);
        }
        try (Feed feed = gateway.watch(path + "?lastEventId=nonsense", "Last-Event-ID", last)) {
            requireExact(feed);
        }
    }

    @Test
    void everyIdIsAPlaceToGoOnFrom() {
        try (Feed all = gateway.watch(path)) {
            all.awaitReady();
            write(1, 6);
            all.awaitVersion(key, 6);
            for (Event place : all.events()) {
                try (Feed feed = gateway.watch(path, "Last-Event-ID", String.valueOf(place.id()))) {
                    feed.awaitReady();
                    assertThat(feed.events("update").stream()
                                    .map(Event::version)
                                    .toList())
                            .containsExactly(versions(Math.max(place.version(), 0) + 1, 6));
                    assertThat(feed.events("snapshot")).isEmpty();
                }
            }
        }
    }

    @Test
    void anotherGatewayKnowsTheWayToo() {
        String last = leaveAfterThree();
        // Without a ring, and started after it all: what it says is from the journal.
        try (Gateway other = Stack.another("--sluice.roles=publish,feed", "--sluice.feeds.ring-updates=0");
                Feed feed = other.watch(path, "Last-Event-ID", last)) {
            requireExact(feed);
            String later = feed.lastId();
            write(13, 14);
            try (Feed again = other.watch(path, "Last-Event-ID", later)) {
                again.awaitReady();
                assertThat(again.events("update").stream().map(Event::version).toList())
                        .containsExactly(13L, 14L);
            }
        }
    }

    @Test
    void aDeletionThatWasMissedIsTold() {
        String last = leaveAfterThree();
        api.delete(path, WAIT);
        try (Feed feed = gateway.watch(path, "Last-Event-ID", last)) {
            feed.awaitReady();
            assertThat(feed.events("deleted")).hasSize(1);
            assertThat(feed.events("deleted").getFirst().version()).isEqualTo(11);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"nonsense", "42", "AAAA", "AQGED7aty92P2AYATfxuG", "*", "%00"})
    void anIdThatIsNoneOfOursResetsTheReader(String foreign) {
        leaveAfterThree();
        try (Feed feed = gateway.watch(path + "?lastEventId=" + foreign)) {
            requireReset(feed, "cursor-foreign", 10);
        }
    }

    @Test
    void theIdOfAnotherFeedResetsTheReader() {
        leaveAfterThree();
        String foreign;
        try (Feed other = gateway.watch("/v1/contexts/customer/" + Stack.fresh("other"))) {
            other.awaitReady();
            foreign = other.lastId();
        }
        try (Feed feed = gateway.watch(path, "Last-Event-ID", foreign)) {
            requireReset(feed, "cursor-foreign", 10);
        }
    }

    @Test
    void anIdOlderThanTheWindowResetsTheReader() {
        Instant left = Instant.now();
        String last = leaveAfterThree();
        try (Gateway forgetful = Stack.another("--sluice.roles=publish,feed", "--sluice.feeds.resume-window=300ms")) {
            Awaitility.await().until(() -> Instant.now().isAfter(left.plus(Duration.ofMillis(600))));
            try (Feed feed = forgetful.watch(path, "Last-Event-ID", last)) {
                requireReset(feed, "cursor-expired", 10);
            }
        }
    }

    /** Reset, snapshot, ready, and live from there on. */
    private void requireReset(Feed feed, String reason, long version) {
        feed.awaitReady();
        assertThat(feed.names()).containsExactly("reset", "snapshot", "ready");
        assertThat(feed.events().getFirst().json()).isEqualTo(Api.json("{\"reason\":\"" + reason + "\"}"));
        assertThat(feed.events().get(1).version()).isEqualTo(version);
        api.patch(path, "{\"live\":true}", WAIT);
        feed.awaitVersion(key, version + 1);
        assertThat(feed.names()).containsExactly("reset", "snapshot", "ready", "update");
    }

    @Test
    void manyReadersThatComeAndGoWhileOthersWriteMissNothing() {
        int writes = 300;
        var writing = java.util.concurrent.CompletableFuture.runAsync(
                () -> IntStream.rangeClosed(1, writes).forEach(i -> api.patch(path, "{\"n\":" + i + "}")));
        List<Long> seen = new java.util.ArrayList<>();
        String last = "";
        int visits = 0;
        while (seen.isEmpty() || seen.getLast() < writes) {
            String every = path + "?policy=every";
            try (Feed feed = last.isEmpty() ? gateway.watch(every) : gateway.watch(every, "Last-Event-ID", last)) {
                feed.awaitReady();
                long before = seen.isEmpty() ? 0 : seen.getLast();
                if (before < writes) {
                    feed.awaitVersion(key, Math.min(before + 5, writes));
                }
                List<Event> events = feed.events();
                events.stream()
                        .filter(event -> event.version() > 0
                                && (seen.isEmpty() || !event.name().equals("snapshot")))
                        .forEach(event -> seen.add(event.version()));
                // Of what was counted: more may have come since.
                last = Feed.lastId(events);
                assertThat(feed.events("reset")).isEmpty();
            }
            visits++;
        }
        Api.await(writing);
        assertThat(visits).isGreaterThan(3);
        assertThat(seen).containsExactly(versions(seen.getFirst(), writes));
    }
}
