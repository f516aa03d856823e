package io.sluice.gateway.endtoend;

import static io.sluice.gateway.endtoend.Api.WAIT;
import static org.assertj.core.api.Assertions.assertThat;

import io.sluice.gateway.endtoend.Api.Answer;
import io.sluice.gateway.endtoend.Feed.Event;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** A whole type in one feed. */
@EndToEnd
class TypeFeedTest {

    private static final int CONTEXTS = 700;
    private static final int CHANGES = 600;

    private final Api api = Stack.gateway().api();

    @Test
    void everyContextComesOnceAndThenEveryChangeWhileOthersWrite() {
        long seed = Long.getLong("sluice.test.seed", System.nanoTime());
        System.out.println("-Dsluice.test.seed=" + seed);
        Random random = new Random(seed);
        Map<String, Long> versions = new HashMap<>();
        await(IntStream.range(0, CONTEXTS)
                .mapToObj(i -> api.patchAsync(path(i), "{\"n\":0}", WAIT))
                .toList());
        IntStream.range(0, CONTEXTS).forEach(i -> versions.put("crowd/" + i, 1L));
        int[] targets = random.ints(CHANGES, 0, CONTEXTS + 50).toArray();
        CompletableFuture<Void> writing = CompletableFuture.runAsync(() -> {
            for (int i = 0; i < CHANGES; i++) {
                Api.await(api.patchAsync(path(targets[i]), "{\"n\":" + (i + 1) + "}"));
            }
        });
        for (int target : targets) {
            versions.merge("crowd/" + target, 1L, Long::sum);
        }
        List<Feed> feeds = new ArrayList<>();
        try {
            while (!writing.isDone() && feeds.size() < 12) {
                Feed feed = Stack.gateway().watch("/v1/contexts/crowd?policy=every");
                feeds.add(feed);
                feed.awaitReady();
            }
            Api.await(writing);
            for (Feed feed : feeds) {
                versions.forEach(feed::awaitVersion);
                requireExact(feed, versions);
            }
            resumesExactly(feeds.getFirst(), versions);
        } finally {
            feeds.forEach(Feed::close);
        }
    }

    /** Of each context a snapshot, or its first version, and from there on every version once. */
    private static void requireExact(Feed feed, Map<String, Long> versions) {
        Map<String, Long> last = new HashMap<>();
        int snapshots = 0;
        for (Event event : feed.events()) {
            switch (event.name()) {
                case "snapshot" -> {
                    assertThat(last.put(event.key(), event.version()))
                            .as("snapshot of " + event.key())
                            .isNull();
                    snapshots++;
                }
                case "update" ->
                    assertThat(event.version())
                            .as(event.key())
                            .isEqualTo(1
                                    + java.util.Objects.requireNonNullElse(last.put(event.key(), event.version()), 0L));
                default -> assertThat(event.name()).isEqualTo("ready");
            }
        }
        assertThat(last).isEqualTo(versions);
        assertThat(snapshots).isGreaterThanOrEqualTo(CONTEXTS);
        assertThat(feed.awaitReady().json().get("contexts").asInt()).isBetween(CONTEXTS, snapshots);
    }

    /** From any id behind `ready`, here and on a gateway that has nothing in memory. */
    private void resumesExactly(Feed feed, Map<String, Long> versions) {
        List<Event> events = feed.events();
        int ready = feed.names().indexOf("ready");
        int place = ready + (events.size() - ready) / 3;
        Map<String, Long> known = new HashMap<>();
        events.subList(0, place + 1).stream()
                .filter(event -> event.version() > 0)
                .forEach(event -> known.put(event.key(), event.version()));
        String id = String.valueOf(events.get(place).id());
        try (Gateway other = Stack.another("--sluice.roles=feed", "--sluice.feeds.ring-updates=0")) {
            for (Gateway gateway : List.of(Stack.gateway(), other)) {
                try (Feed resumed = gateway.watch("/v1/contexts/crowd", "Last-Event-ID", id)) {
                    resumed.awaitReady();
                    Map<String, Long> last = new HashMap<>(known);
                    for (Event event : resumed.events("update")) {
                        assertThat(event.version())
                                .as(event.key())
                                .isEqualTo(1
                                        + java.util.Objects.requireNonNullElse(
                                                last.put(event.key(), event.version()), 0L));
                    }
                    assertThat(last).isEqualTo(versions);
                    assertThat(resumed.names()).doesNotContain("snapshot", "reset");
                }
            }
        }
    }

    @Test
    void anIdFromBeforeTheSnapshotWasCompleteBeginsAnew() {
        IntStream.range(0, 3).forEach(i -> api.put("/v1/contexts/lonely/" + i, "{}", WAIT));
        String early;
        try (Feed feed = Stack.gateway().watch("/v1/contexts/lonely")) {
            feed.awaitReady();
            early = String.valueOf(feed.events("snapshot").get(1).id());
        }
        try (Feed feed = Stack.gateway().watch("/v1/contexts/lonely", "Last-Event-ID", early)) {
            assertThat(feed.awaitReady().json().get("contexts").asInt()).isEqualTo(3);
            assertThat(feed.names()).containsExactly("reset", "snapshot", "snapshot", "snapshot", "ready");
            api.delete("/v1/contexts/lonely/1");
            assertThat(feed.await("deleted").key()).isEqualTo("lonely/1");
        }
    }

    private static String path(int i) {
        return "/v1/contexts/crowd/" + i;
    }

    private static void await(List<CompletableFuture<Answer>> answers) {
        assertThat(answers.stream().map(Api::await).map(Answer::status)).containsOnly(200);
    }
}
