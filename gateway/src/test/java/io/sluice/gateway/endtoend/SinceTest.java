package io.sluice.gateway.endtoend;

import static io.sluice.gateway.endtoend.Api.WAIT;
import static org.assertj.core.api.Assertions.assertThat;

import io.sluice.gateway.endtoend.Api.Answer;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.LongStream;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Feeds that begin at an instant. */
@EndToEnd
class SinceTest {

    private final Gateway gateway = Stack.gateway();
    private final Api api = gateway.api();
    private final String id = Stack.fresh("since");
    private final String key = "mayfly/" + id;
    private final String path = "/v1/contexts/" + key;

    /** @return when Kafka took each of the versions, from the first on */
    private List<Instant> write(int count) {
        List<String> events = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            Answer answer = api.patch(path, "{\"n\":" + i + "}", WAIT);
            assertThat(answer.status()).as(answer.toString()).isEqualTo(200);
            events.add(answer.header("Sluice-Event-Id"));
        }
        return events.stream().map(this::time).toList();
    }

    private Instant time(String eventId) {
        ConsumerRecord<byte[], byte[]> record = Stack.kafka()
                .topic("mayfly-events")
                .await(one -> KafkaSide.header(one, "sluice-event-id").equals(eventId));
        return Instant.ofEpochMilli(record.timestamp());
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "/v1/contexts/mayfly/%s?",
                "/v1/contexts/mayfly?id=%s&id=none&",
                "/v1/contexts/mayfly?",
                "/v1/feeds?key=mayfly/%s&type=order&"
            })
    void whatCameAfterTheInstantIsReplayedThenWhatComesIsLive(String feedOf) {
        List<Instant> times = write(6);
        Instant since = times.get(2);
        long first = 1 + times.stream().filter(time -> !time.isAfter(since)).count();
        try (Feed feed = gateway.watch(feedOf.formatted(id) + "since=" + since)) {
            assertThat(feed.awaitReady().json().get("resumed").asBoolean()).isTrue();
            assertThat(feed.events("snapshot")).isEmpty();
            assertThat(feed.versions(key)).containsExactly(versions(first, 6));
            write(1);
            feed.awaitVersion(key, 7);
            assertThat(feed.versions(key)).containsExactly(versions(first, 7));
        }
    }

    @Test
    void aFeedThatBeganAtAnInstantIsResumedByItsCursors() {
        List<Instant> times = write(3);
        String since = path + "?since=" + times.getFirst();
        String cursor;
        try (Feed feed = gateway.watch(since)) {
            feed.awaitReady();
            assertThat(feed.versions(key)).containsExactly(versions(2, 3));
            cursor = feed.lastId();
        }
        write(1);
        try (Feed feed = gateway.watch(since, "Last-Event-ID", cursor)) {
            feed.awaitReady();
            assertThat(feed.versions(key)).containsExactly(versions(4, 4));
        }
    }

    @Test
    void anInstantBeforeTheResumeWindowIsAResetWithASnapshot() {
        write(2);
        try (Feed feed = gateway.watch(path + "?since=2001-01-01T00:00:00Z")) {
            feed.awaitReady();
            assertThat(feed.names()).containsExactly("reset", "snapshot", "ready");
            assertThat(feed.events("reset").getFirst().json().get("reason").asString())
                    .isEqualTo("cursor-expired");
        }
    }

    @Test
    void whatIsNoInstantOrStillToComeIsRefused() {
        for (String bad : List.of(
                "", "yesterday", "2026-01-01", Instant.now().plusSeconds(3600).toString())) {
            Answer answer = api.get(path + "?since=" + bad, "Accept", "text/event-stream");
            assertThat(answer.status()).as(bad + " " + answer).isEqualTo(400);
            Problems.require(answer, "malformed");
        }
    }

    private static Long[] versions(long from, long to) {
        return LongStream.rangeClosed(from, to).boxed().toArray(Long[]::new);
    }
}
