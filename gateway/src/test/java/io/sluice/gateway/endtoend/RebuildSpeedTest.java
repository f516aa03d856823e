package io.sluice.gateway.endtoend;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;

/** How long a rebuild takes, of 2,000 events or {@code -Dsluice.rebuild.events=100000}: some of each context, of 200 bytes. */
@EndToEnd
class RebuildSpeedTest {

    private static final int EVENTS = Integer.getInteger("sluice.rebuild.events", 2_000);
    private static final int OF_EACH = 5;
    private static final int PORTION = 5_000;
    private static final String LINE = """
            {"specversion":"1.0","id":"%d","source":"/shop","type":"seen","subject":"%s/c%d","data":{"n":%d,"text":"%s"}}
            """;

    @Test
    void everyEventIsFoldedAgainAndHowFastIsSaid() {
        String type = Stack.fresh("bulky");
        List<String> settings = new ArrayList<>(Stack.addresses(Stack.endpoints()));
        settings.add("--sluice.types." + type + ".partitions=4");
        settings.add("--sluice.types." + type + ".lane=bulk");
        Store store = new Store(Objects.requireNonNull(Stack.endpoints().postgres()));
        try (Gateway gateway = Gateway.startWithOwnTypes(settings, List.of())) {
            for (int from = 0; from < EVENTS; from += PORTION) {
                String lines = IntStream.range(from, Math.min(EVENTS, from + PORTION))
                        .mapToObj(i -> LINE.formatted(i, type, i % (EVENTS / OF_EACH), i, "x".repeat(180)))
                        .collect(Collectors.joining());
                String answer = gateway.api()
                        .post("/v1/events", lines, "Content-Type", "application/x-ndjson", "Prefer", "return=minimal")
                        .body();
                assertThat(answer).contains("\"rejected\":0");
            }
            Awaitility.await()
                    .atMost(Duration.ofMinutes(3))
                    .untilAsserted(
                            () -> assertThat(store.folded(type + "-events")).isEqualTo(EVENTS));
        }
        store.execute("delete from states where type = '" + type + "'");
        long begin = System.nanoTime();
        Command rebuilt = Command.run("rebuild", settings, "--type=" + type);
        long verifying = System.nanoTime();
        Command verified = Command.run("verify", settings, "--type=" + type);
        long end = System.nanoTime();
        System.out.printf(
                "%srebuild: %.1f s, verify: %.1f s%n",
                rebuilt.out(), (verifying - begin) / 1e9, (end - verifying) / 1e9);
        assertThat(rebuilt.exit()).as(rebuilt.toString()).isZero();
        assertThat(Command.number(rebuilt.out(), "events in")).isEqualTo(EVENTS);
        assertThat(verified.exit()).as(verified.toString()).isZero();
        assertThat(store.versions(type)).hasSize(EVENTS / OF_EACH);
    }
}
