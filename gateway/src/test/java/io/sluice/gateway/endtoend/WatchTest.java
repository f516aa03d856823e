package io.sluice.gateway.endtoend;

import static io.sluice.gateway.endtoend.Api.WAIT;
import static org.assertj.core.api.Assertions.assertThat;

import io.sluice.gateway.endtoend.Feed.Event;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.stream.LongStream;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;

@EndToEnd
class WatchTest {

    private final Gateway gateway = Stack.gateway();
    private final Api api = gateway.api();

    @Test
    void aStreamBeginsAtOnceAndKeepsProxiesFromBuffering() {
        try (Feed feed = gateway.watch("/v1/contexts/customer/" + Stack.fresh("begins"))) {
            assertThat(feed.status()).isEqualTo(200);
            assertThat(feed.headers().firstValue("Content-Type").orElseThrow()).startsWith("text/event-stream");
            assertThat(feed.headers().firstValue("Cache-Control")).contains("no-store");
            assertThat(feed.headers().firstValue("X-Accel-Buffering")).contains("no");
            feed.awaitReady();
            assertThat(feed.others()).startsWith(": connected", "retry: 2000");
        }
    }

    @Test
    void aContextNotYetWrittenHasNoSnapshotAndIsSeenFromItsFirstVersionOn() {
        String id = Stack.fresh("unborn");
        try (Feed feed = gateway.watch("/v1/contexts/customer/" + id)) {
            assertThat(feed.awaitReady().json().get("contexts").asInt()).isZero();
            assertThat(feed.names()).containsExactly("ready");
            api.put("/v1/contexts/customer/" + id, "{\"a\":1}");
            Event update = feed.await("update");
            assertThat(update.key()).isEqualTo("customer/" + id);
            assertThat(update.version()).isEqualTo(1);
            assertThat(update.json().get("incarnation").asInt()).isEqualTo(1);
            assertThat(update.json().get("state")).isEqualTo(Api.json("{\"a\":1}"));
            assertThat(update.id()).matches("[A-Za-z0-9_-]+");
        }
    }

    @Test
    void aSnapshotThenReadyThenEveryUpdateThenTheDeletion() {
        String path = "/v1/contexts/customer/" + Stack.fresh("life");
        api.put(path, "{\"n\":1}", WAIT);
        try (Feed feed = gateway.watch(path)) {
            Event ready = feed.awaitReady();
            assertThat(ready.json()).isEqualTo(Api.json("{\"contexts\":1}"));
            assertThat(feed.names()).containsExactly("snapshot", "ready");
            Event snapshot = feed.events().getFirst();
            assertThat(snapshot.version()).isEqualTo(1);
            assertThat(snapshot.json().get("state").toString()).isEqualTo("{\"n\":1}");
            assertThat(snapshot.json().get("time").asString()).endsWith("Z");
            assertThat(feed.events()).allSatisfy(event -> assertThat(event.id()).isNotBlank());

            api.patch(path, "{\"n\":2}");
            api.patch(path, "{\"n\":2}"); // changes nothing, so nobody hears of it
            api.delete(path);
            Event deleted = feed.await("deleted");
            assertThat(deleted.version()).isEqualTo(3);
            assertThat(deleted.json().has("state")).isFalse();
            assertThat(deleted.json().get("cause").get("writer").asString()).isEqualTo("http");
            assertThat(feed.names()).containsExactly("snapshot", "ready", "update", "deleted");
        }
        try (Feed late = gateway.watch(path)) {
            assertThat(late.awaitReady().json().get("contexts").asInt()).isZero();
            assertThat(late.names()).containsExactly("ready");
        }
    }

    @Test
    void whoeverJoinsWhileManyWriteSeesEveryVersionOnceFromTheirSnapshotOn() {
        String id = Stack.fresh("busy");
        String path = "/v1/contexts/customer/" + id;
        int writes = 600;
        api.put(path, "{\"n\":0}", WAIT);
        CompletableFuture<Void> writing = CompletableFuture.runAsync(() -> {
            for (int i = 1; i < writes; i++) {
                Api.await(api.patchAsync(path, "{\"n\":" + i + "}"));
            }
        });
        List<Feed> feeds = new ArrayList<>();
        try {
            while (!writing.isDone() && feeds.size() < 60) {
                Feed feed = gateway.watch(path + "?policy=every");
                feeds.add(feed);
                feed.awaitReady();
            }
            Api.await(writing);
            for (Feed feed : feeds) {
                feed.awaitVersion("customer/" + id, writes);
                requireExact(feed, "customer/" + id, writes);
            }
        } finally {
            feeds.forEach(Feed::close);
        }
    }

    static void requireExact(Feed feed, String key, long last) {
        List<Long> versions = feed.versions(key);
        assertThat(versions)
                .isEqualTo(LongStream.rangeClosed(versions.getFirst(), last)
                        .boxed()
                        .toList());
        assertThat(feed.events("reset")).isEmpty();
    }

    @Test
    void anUpdateIsEncodedOnceHoweverManyWatch() {
        String id = Stack.fresh("once");
        String path = "/v1/contexts/customer/" + id;
        List<Feed> feeds = new ArrayList<>();
        try {
            for (int i = 0; i < 50; i++) {
                feeds.add(gateway.watch(path));
            }
            feeds.forEach(Feed::awaitReady);
            double before = gateway.meter("sluice_frames_encoded_total");
            double delivered = gateway.meter("sluice_frames_delivered_total");
            for (int i = 0; i < 20; i++) {
                api.patch(path, "{\"n\":" + i + "}");
            }
            feeds.forEach(feed -> feed.awaitVersion("customer/" + id, 20));
            assertThat(gateway.meter("sluice_frames_encoded_total") - before).isEqualTo(20);
            assertThat(gateway.meter("sluice_frames_delivered_total") - delivered)
                    .isEqualTo(1000);
        } finally {
            feeds.forEach(Feed::close);
        }
        Awaitility.await().until(() -> gateway.meter("sluice_subscribers") == 0);
    }

    @Test
    void aGatewayThatStopsEndsItsFeedsAndThoseThatStillBegin() {
        Gateway stopping = Stack.another("--sluice.roles=publish,feed");
        List<Feed> feeds = new ArrayList<>();
        try {
            feeds.add(stopping.watch("/v1/contexts/customer/" + Stack.fresh("end")));
            feeds.add(stopping.watch("/v1/contexts/customer"));
            feeds.forEach(Feed::awaitReady);
            Instant begin = Instant.now();
            CompletableFuture<Void> stopped = CompletableFuture.runAsync(stopping::close);
            while (!stopped.isDone()) {
                Feed late = stopping.watch("/v1/contexts/customer");
                feeds.add(late);
                late.awaitEnd();
            }
            feeds.forEach(Feed::awaitEnd);
            Api.await(stopped);
            assertThat(Duration.between(begin, Instant.now())).isLessThan(Duration.ofSeconds(10));
        } finally {
            feeds.forEach(Feed::close);
        }
    }
}
