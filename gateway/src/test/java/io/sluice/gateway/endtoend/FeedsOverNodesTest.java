package io.sluice.gateway.endtoend;

import static org.assertj.core.api.Assertions.assertThat;

import io.sluice.gateway.endtoend.Api.Answer;
import io.sluice.gateway.endtoend.Watching.Held;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReferenceArray;
import java.util.function.Predicate;
import java.util.function.Supplier;
import java.util.stream.IntStream;
import org.awaitility.Awaitility;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

/**
 * Everything that feeds can do, at once: two gateways that go and come back, politely or not, and clients of all kinds that come,
 * leave, stand still and go on where they were, at either. In the end each shows what there is, and on the way nothing came that
 * may not. {@code -Dsluice.test.seed=} says what is done; what meets what depends on the time, too.
 */
@EndToEnd
class FeedsOverNodesTest {

    private static final int STEPS = 150;
    private static final int WRITERS = 3;
    private static final int WRITES_OF_A_STEP = 12;
    private static final int CONTEXTS = 14;
    private static final String FAT = "x".repeat(60_000);

    private final long seed = Long.getLong("sluice.test.seed", System.nanoTime());
    private final Random random = new Random(seed);
    private final String red = Stack.fresh("red");
    private final String blue = Stack.fresh("blue");
    private final List<String> keys = IntStream.range(0, CONTEXTS)
            .boxed()
            .flatMap(i -> List.of(red + "/c" + i, blue + "/c" + i).stream())
            .toList();
    private final Store store =
            new Store(Objects.requireNonNull(Stack.endpoints().postgres()));
    private final KafkaSide kafka = Stack.kafka();

    private final @Nullable Gateway[] running = new Gateway[2];
    private final AtomicReferenceArray<Api> gateways = new AtomicReferenceArray<>(2);
    private final Semaphore permits = new Semaphore(0);
    private final AtomicInteger written = new AtomicInteger();
    private final CompletableFuture<Void> failed = new CompletableFuture<>();

    private final List<Watcher> watchers = new ArrayList<>();
    private final List<Watcher> gone = new ArrayList<>();
    private final Map<Watcher, Integer> stalledUntil = new HashMap<>();
    private int stalls;
    private double conflated;

    @AfterEach
    void stop() {
        permits.release(STEPS * WRITES_OF_A_STEP);
        watchers.forEach(Watcher::close);
        Arrays.stream(running).filter(Objects::nonNull).forEach(Gateway::close);
    }

    @Test
    void whateverHappensToNodesAndClientsEachClientEndsWithWhatThereIs() {
        System.out.println(getClass().getSimpleName() + ": " + seed());
        start(0);
        start(1);
        kinds().forEach(kind -> come(kind.get()));
        CompletableFuture<Void> writing = write();
        for (int step = 0; step < STEPS; step++) {
            writeOn();
            step(step);
            watchers.forEach(Watcher::check);
        }
        writing.orTimeout(1, TimeUnit.MINUTES).join();
        start(0);
        start(1);
        stalledUntil.keySet().forEach(Watcher::goOn);
        requireSame();
        report();
    }

    // The nodes

    private void start(int node) {
        if (running[node] == null) {
            Gateway gateway = Gateway.startWithOwnTypes(
                    Stack.addresses(Stack.endpoints()),
                    List.of(
                            "--sluice.types." + red + ".partitions=3",
                            "--sluice.types." + blue + ".partitions=2",
                            // Little enough that some of what is missed is in the store only.
                            "--sluice.feeds.ring-updates=100"));
            running[node] = gateway;
            gateways.set(node, gateway.api());
        }
    }

    private void stop(int node, boolean politely) {
        Gateway gateway = Objects.requireNonNull(running[node]);
        conflated += gateway.meter("sluice_frames_conflated_total");
        if (!politely) {
            watchers.stream().filter(watcher -> watcher.isAt(node)).forEach(Watcher::cut);
        }
        running[node] = null;
        gateway.close();
    }

    // The clients

    private List<Supplier<Watcher>> kinds() {
        String reds = "/v1/contexts/" + red;
        Predicate<String> isRed = key -> key.startsWith(red + "/");
        Predicate<JsonNode> isEven = state -> state.has("n") && state.get("n").asInt() % 2 == 0;
        String even = "filter=has(state.n)%20%26%26%20state.n%20%25%202%20%3D%3D%200";
        return List.of(
                () -> events(reds + "/c0?policy=every", (red + "/c0")::equals),
                () -> events(reds + "?policy=every", isRed),
                () -> events(reds, isRed),
                () -> events(reds + "?deltas=true", isRed),
                () -> events(
                        "/v1/contexts/" + blue + "?policy=sample:50ms&deltas=true", key -> key.startsWith(blue + "/")),
                () -> events(
                        reds + "?id=c1&id=c2&id=c5&id=never",
                        List.of(red + "/c1", red + "/c2", red + "/c5", red + "/never")::contains),
                () -> events("/v1/feeds?type=" + red + "&type=" + blue, key -> true),
                () -> events(
                        "/v1/feeds?policy=every&deltas=true&key=" + red + "/c1&type=" + blue,
                        key -> key.startsWith(blue + "/") || key.equals(red + "/c1")),
                () -> new StreamWatcher(Watching.of(reds + "?" + even, isRed).where(isEven)),
                () -> new StreamWatcher(
                        Watching.of(reds + "?policy=every&" + even, isRed).where(isEven)),
                () -> channels(red, 0, 1, 2, 3),
                () -> channels(red, IntStream.range(0, CONTEXTS).toArray()),
                () -> channels(blue, 4, 5));
    }

    private static Watcher events(String path, Predicate<String> has) {
        return new StreamWatcher(Watching.of(path, has));
    }

    private static Watcher channels(String type, int... contexts) {
        List<String> channels =
                IntStream.of(contexts).mapToObj(i -> type + ":c" + i).toList();
        return new SocketWatcher(
                Watching.of(String.join(",", channels), key -> channels.contains(key.replace('/', ':'))));
    }

    private void come(Watcher watcher) {
        watchers.add(watcher);
        comeBack(watcher);
    }

    private void comeBack(Watcher watcher) {
        int first = random.nextInt(2);
        int node = running[first] == null ? 1 - first : first;
        watcher.come(Objects.requireNonNull(running[node]), node);
    }

    private void step(int step) {
        switch (step) {
            case 30 -> stop(0, true);
            case 60 -> stop(1, false);
            case 90 -> stop(0, false);
            case 120 -> stop(1, true);
            case 35, 95 -> start(0);
            case 65, 125 -> start(1);
            default -> {}
        }
        List<Watcher> patient = stalledUntil.entrySet().stream()
                .filter(stalled -> stalled.getValue() <= step)
                .map(Map.Entry::getKey)
                .toList();
        patient.forEach(Watcher::goOn);
        stalledUntil.keySet().removeAll(patient);
        watchers.stream()
                .filter(watcher -> watcher.isAway() && !watcher.isStalled())
                .forEach(this::comeBack);
        act(step);
    }

    private void act(int step) {
        Watcher one = watchers.get(random.nextInt(watchers.size()));
        switch (random.nextInt(8)) {
            case 0, 1, 2 -> one.cut();
            case 3 -> {
                if (watchers.size() < 20) {
                    come(kinds().get(random.nextInt(kinds().size())).get());
                }
            }
            case 4, 5 -> {
                if (!one.isAway() && stalledUntil.putIfAbsent(one, step + 5 + random.nextInt(35)) == null) {
                    one.stall();
                    stalls++;
                }
            }
            case 6 -> {
                if (watchers.size() > kinds().size() && !stalledUntil.containsKey(one)) {
                    watchers.remove(one);
                    gone.add(one);
                    one.close();
                }
            }
            default -> {}
        }
    }

    // The writers

    private CompletableFuture<Void> write() {
        return CompletableFuture.allOf(IntStream.range(0, WRITERS)
                .mapToObj(i -> new Random(seed + 1 + i))
                .map(own -> CompletableFuture.runAsync(
                                () -> {
                                    for (int i = 0; i < STEPS * WRITES_OF_A_STEP / WRITERS; i++) {
                                        permits.acquireUninterruptibly();
                                        write(own);
                                        written.incrementAndGet();
                                    }
                                },
                                command -> Thread.ofVirtual().start(command))
                        .whenComplete((done, failure) -> fail(failure)))
                .toArray(CompletableFuture[]::new));
    }

    private void fail(@Nullable Throwable failure) {
        if (failure != null) {
            failed.completeExceptionally(failure);
        }
    }

    /** One more stretch; goes on when most of it is written. */
    private void writeOn() {
        int before = written.get();
        permits.release(WRITES_OF_A_STEP);
        Awaitility.await()
                .atMost(Duration.ofMinutes(1))
                .pollDelay(Duration.ZERO)
                .pollInterval(Duration.ofMillis(2))
                .until(() -> {
                    failed.getNow(null);
                    return written.get() >= before + WRITES_OF_A_STEP - WRITERS;
                });
    }

    private void write(Random own) {
        int context = own.nextInt(CONTEXTS);
        String type = own.nextInt(3) == 0 ? blue : red;
        boolean fat = type.equals(red) && context < 4;
        int n = own.nextInt(1_000);
        int kind = own.nextInt(20);
        String change = kind == 0 ? "delete" : kind < 6 ? "replace" : "patch";
        String body = switch (change) {
            case "delete" -> null;
            case "replace" -> "{\"n\":" + n + ",\"m\":{\"a\":1},\"x\":\"" + (fat ? FAT : "x") + "\"}";
            default ->
                own.nextBoolean()
                        ? "{\"n\":" + n + "}"
                        : "{\"m\":{\"a\":" + (own.nextBoolean() ? "null" : n) + ",\"b\":" + n + "}}";
        };
        String id = Long.toHexString(own.nextLong());
        if (own.nextInt(3) == 0) {
            kafka.send(type + "-events", "c" + context, body, "sluice-event-id", id, "sluice-change", change);
        } else {
            overHttp(own.nextInt(2), change, "/v1/contexts/" + type + "/c" + context, body, id);
        }
    }

    /** At the other gateway, as long as it is not known whether the one has it. */
    private void overHttp(int first, String change, String path, @Nullable String body, String id) {
        String method =
                Map.of("delete", "DELETE", "replace", "PUT", "patch", "PATCH").get(change);
        String[] headers = {"Idempotency-Key", id, "Content-Type", "application/json"};
        AtomicInteger turn = new AtomicInteger(first);
        Awaitility.await()
                .atMost(Duration.ofMinutes(1))
                .pollDelay(Duration.ZERO)
                .pollInterval(Duration.ofMillis(20))
                .until(() -> {
                    try {
                        Answer answer = gateways.get(turn.getAndIncrement() % 2)
                                .send(Objects.requireNonNull(method), path, body, headers);
                        assertThat(answer.status()).as(answer.toString()).isIn(202, 503, 504);
                        return answer.status() == 202;
                    } catch (CompletionException e) {
                        return false; // nobody there, or gone before the answer
                    }
                });
    }

    // The end

    private void requireSame() {
        for (String type : List.of(red, blue)) {
            Awaitility.await()
                    .atMost(Duration.ofMinutes(1))
                    .untilAsserted(() -> assertThat(store.folded(type + "-events"))
                            .as(seed())
                            .isEqualTo(kafka.count(type + "-events")));
        }
        Map<String, Held> all = all(0);
        assertThat(all(1)).as(seed()).isEqualTo(all);
        Awaitility.await()
                .atMost(Duration.ofMinutes(1))
                .pollInterval(Duration.ofMillis(50))
                .untilAsserted(() -> watchers.forEach(watcher -> {
                    if (watcher.isAway()) {
                        comeBack(watcher);
                    }
                    watcher.check();
                    requireSame(watcher, watcher.watching.of(all));
                }));
    }

    private void requireSame(Watcher watcher, Map<String, Held> expected) {
        Map<String, Held> shown = watcher.shown();
        assertThat(shown.keySet()).as("%s, %s", seed(), watcher).isEqualTo(new TreeMap<>(expected).keySet());
        expected.forEach((key, held) -> assertThat(shown.get(key))
                .as("%s, %s: %s", seed(), watcher, key)
                .isEqualTo(held));
    }

    /** What is there, as one gateway shows it as soon as it has heard of all that is stored. */
    private Map<String, Held> all(int node) {
        Map<String, Long> stored = new TreeMap<>();
        for (String type : List.of(red, blue)) {
            store.versions(type).forEach((id, version) -> stored.put(type + "/" + id, version));
        }
        Map<String, Held> all = new TreeMap<>();
        Awaitility.await().atMost(Duration.ofSeconds(30)).untilAsserted(() -> {
            all.clear();
            for (String key : keys) {
                Answer answer = gateways.get(node).get("/v1/contexts/" + key);
                assertThat(answer.status()).isIn(200, 404, 410);
                if (answer.status() == 200) {
                    assertThat(answer.version()).as("%s: %s", seed(), key).isEqualTo(stored.get(key));
                    all.put(key, new Held(answer.version(), answer.json()));
                }
            }
        });
        return all;
    }

    /** It was worth the while. */
    private void report() {
        List<Watcher> each = new ArrayList<>(watchers);
        each.addAll(gone);
        for (Gateway gateway : running) {
            conflated += Objects.requireNonNull(gateway).meter("sluice_frames_conflated_total");
        }
        int elsewhere =
                each.stream().mapToInt(watcher -> watcher.resumesElsewhere).sum();
        int resets = each.stream().mapToInt(watcher -> watcher.resets).sum();
        long skipped = each.stream()
                .filter(watcher -> !watcher.watching.filtered())
                .mapToLong(watcher -> watcher.skipped)
                .sum();
        int whole = each.stream()
                .filter(watcher -> watcher.watching.every() && watcher instanceof StreamWatcher)
                .mapToInt(watcher -> ((StreamWatcher) watcher).resumedWhole())
                .sum();
        each.forEach(System.out::println);
        System.out.printf(
                "%d watchers: %d events, %d resumes, %d elsewhere, %d with every change; %d stalls, %.0f words conflated,"
                        + " %d versions skipped; %d resets%n",
                each.size(),
                each.stream().mapToInt(watcher -> watcher.events).sum(),
                each.stream().mapToInt(watcher -> watcher.resumes).sum(),
                elsewhere,
                whole,
                stalls,
                conflated,
                skipped,
                resets);
        assertThat(elsewhere).as(seed()).isPositive();
        assertThat(whole).as(seed()).isPositive();
        assertThat(stalls).as(seed()).isPositive();
        assertThat(conflated).as(seed()).isPositive();
        assertThat(skipped).as(seed()).isPositive();
    }

    private String seed() {
        return "-Dsluice.test.seed=" + seed;
    }
}
