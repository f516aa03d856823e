package io.sluice.gateway.endtoend;

import static io.sluice.gateway.endtoend.Api.WAIT;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** All readers of a node at once, when it has gone and come back. */
@EndToEnd
class ReturnTest {

    private static final int READERS = 1_000;
    private static final int VERSIONS = 40;

    private final Api api = Stack.gateway().api();
    private final List<String> ids =
            IntStream.range(0, 8).mapToObj(i -> Stack.fresh("return")).toList();
    private final String path = "/v1/contexts/customer?policy=every&"
            + ids.stream().map(id -> "id=" + id).collect(Collectors.joining("&"));

    private void write(int from, int to) {
        for (int version = from; version <= to; version++) {
            for (String id : ids) {
                String[] headers = version == to ? WAIT : new String[0];
                api.patch("/v1/contexts/customer/" + id, "{\"n\":" + version + "}", headers);
            }
        }
    }

    private List<Feed> watch(Gateway node, List<String> places) {
        return IntStream.range(0, READERS)
                .mapToObj(i -> places.isEmpty() ? node.watch(path) : node.watch(path, "Last-Event-ID", places.get(i)))
                .collect(Collectors.toCollection(ArrayList::new));
    }

    private void awaitVersion(List<Feed> feeds, long version) {
        feeds.forEach(feed -> ids.forEach(id -> feed.awaitVersion("customer/" + id, version)));
    }

    @Test
    void aThousandWhoComeBackAtOnceGetWhatTheyMissedExactlyOnceAndTheStoreIsReadForFew() {
        List<Feed> before;
        try (Gateway node = Stack.another("--sluice.roles=publish,feed")) {
            before = watch(node, List.of());
            before.forEach(Feed::awaitReady);
            write(1, 3);
            awaitVersion(before, 3);
        }
        before.forEach(Feed::awaitEnd);
        write(4, VERSIONS);

        // It has begun after all that: whatever they missed it has to read.
        try (Gateway node = Stack.another("--sluice.roles=publish,feed")) {
            List<Feed> after = watch(node, before.stream().map(Feed::lastId).toList());
            try {
                after.forEach(Feed::awaitReady);
                double reads = node.meter("sluice_feeds_reads_total");
                double shared = node.meter("sluice_feeds_reads_shared_total");
                double encoded = node.meter("sluice_frames_encoded_total");
                System.out.printf(
                        "%d readers, %.0f reads, shared %.0f times, %.0f frames encoded%n",
                        READERS, reads, shared, encoded);
                assertThat(reads).isPositive().isLessThan(READERS);
                assertThat(encoded).isLessThan(ids.size() * VERSIONS * READERS / 10.0);
                write(VERSIONS + 1, VERSIONS + 1);
                awaitVersion(after, VERSIONS + 1);
                for (int i = 0; i < READERS; i++) {
                    requireEachOnce(before.get(i), after.get(i));
                }
            } finally {
                after.forEach(Feed::close);
            }
        }
    }

    private void requireEachOnce(Feed before, Feed after) {
        assertThat(after.names()).doesNotContain("snapshot", "reset");
        for (String id : ids) {
            assertThat(Stream.of(before, after).flatMap(feed -> feed.versions("customer/" + id).stream()))
                    .containsExactlyElementsOf(
                            LongStream.rangeClosed(1, VERSIONS + 1).boxed().toList());
        }
    }
}
