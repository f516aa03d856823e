package io.sluice.gateway.faults;

import io.sluice.backpressure.ContextTypes;
import io.sluice.gateway.faults.Oracle.Shown;
import io.sluice.gateway.faults.Scene.Reply;
import io.sluice.gateway.faults.Watch.Kind;
import io.sluice.resolver.Json;
import io.sluice.resolver.Partition;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Predicate;
import java.util.stream.IntStream;
import org.awaitility.Awaitility;
import org.awaitility.core.ConditionTimeoutException;
import org.springframework.util.FileSystemUtils;

/**
 * Clients at work and faults by a seed, and when all is healed and quiet the comparison of everything with what has to be. The
 * folder of a run in which something was not as it must be stays, with all data and logs.
 */
final class FaultRun {

    private static final Executor THREADS = task -> Thread.ofVirtual().start(task);
    private static final List<String> WRITERS =
            List.of("support-agent", "self-service", "marketing-automation", "ada", "grace", "bot");
    private static final List<String> UPLOADERS = List.of("import", "shop");
    private static final List<String> PRODUCERS = List.of("crm", "till", "sensor");
    private static final int READERS = 3;
    private static final Duration MINUTE = Duration.ofMinutes(1);
    private static final Duration CACHE_TTL = Duration.ofMinutes(2);

    private final long seed;
    private final Duration length;
    private final Path folder;
    private final Anomalies anomalies = new Anomalies();
    private final Ledger ledger = new Ledger();
    private final ContextTypes types = Types.configured();
    private final List<Watcher> watchers = new ArrayList<>();

    /** @param length of the time in which there are faults */
    FaultRun(long seed, Duration length, Path folder) {
        this.seed = seed;
        this.length = length;
        this.folder = folder;
    }

    /** @return the lines of the report, of which the last one says how many anomalies there were */
    List<String> run() {
        clear();
        Random random = new Random(seed);
        List<String> report = new ArrayList<>();
        try (Cluster cluster = new Cluster(real(folder), new Random(random.nextLong()))) {
            Thread end = new Thread(cluster::close);
            Runtime.getRuntime().addShutdownHook(end);
            cluster.start();
            Scene scene = new Scene(cluster, ledger, anomalies);
            Faults faults = new Faults(scene);
            try {
                play(scene, faults, random);
                conclude(scene, faults, report);
            } finally {
                scene.isOver();
                scene.isAtEnd();
                Runtime.getRuntime().removeShutdownHook(end);
            }
        }
        if (anomalies.count() == 0) {
            clear();
        }
        return report;
    }

    private static Path real(Path folder) {
        try {
            return Files.createDirectories(folder).toRealPath();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private void clear() {
        try {
            FileSystemUtils.deleteRecursively(folder);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Everything that lasts as long as there are faults; ends when all is healed and whoever wrote has an answer. */
    private void play(Scene scene, Faults faults, Random random) {
        AtomicInteger tallied = new AtomicInteger();
        List<Runnable> clients = new ArrayList<>();
        for (String name : WRITERS) {
            clients.add(new HttpWriter(scene, author(name, random, tallied), Duration.ofMillis(100)));
        }
        for (String name : UPLOADERS) {
            clients.add(new BulkWriter(scene, author(name, random, tallied), Duration.ofMillis(1_500)));
        }
        for (String name : PRODUCERS) {
            clients.add(new KafkaWriter(scene, author(name, random, tallied), Duration.ofMillis(150)));
        }
        for (int i = 0; i < READERS; i++) {
            clients.add(new Reader(scene, new Random(random.nextLong()), Duration.ofMillis(100)));
        }
        watch(scene, random);
        watchers.forEach(watcher -> start(watcher, scene));
        List<CompletableFuture<Void>> working =
                clients.stream().map(client -> start(client, scene)).toList();
        Random chance = new Random(random.nextLong());
        CompletableFuture<List<CompletableFuture<Void>>> failing =
                CompletableFuture.supplyAsync(() -> faults.run(chance, fault -> start(fault, scene)), THREADS);
        long end = System.nanoTime() + length.toNanos();
        for (Duration left = length; left.isPositive(); left = Duration.ofNanos(end - System.nanoTime())) {
            scene.pause(left.compareTo(MINUTE) < 0 ? left : MINUTE);
            System.out.printf(
                    "%d s left: %d events, %d acknowledged, %d faults, %d anomalies%n",
                    Math.max(0, left.minus(MINUTE).toSeconds()),
                    ledger.sent().size(),
                    ledger.acknowledged(),
                    faults.count(),
                    anomalies.count());
            if (scene.over()) {
                break;
            }
        }
        scene.isOver();
        all(failing.join(), Duration.ofMinutes(15));
        scene.cluster.awaitReady();
        scene.isHealed();
        all(working, Duration.ofMinutes(2));
    }

    private static Author author(String name, Random random, AtomicInteger tallied) {
        return new Author(name, new Random(random.nextLong()), tallied);
    }

    private CompletableFuture<Void> start(Runnable task, Scene scene) {
        return CompletableFuture.runAsync(task, THREADS).whenComplete((done, error) -> {
            if (error != null) {
                error.printStackTrace();
                anomalies.add("the suite itself failed", "%s", error);
                scene.isOver();
            }
        });
    }

    private static void all(List<CompletableFuture<Void>> tasks, Duration patience) {
        CompletableFuture.allOf(tasks.toArray(CompletableFuture[]::new))
                .exceptionally(error -> null)
                .orTimeout(patience.toSeconds(), TimeUnit.SECONDS)
                .join();
    }

    private void watch(Scene scene, Random random) {
        stream(scene, random, "/v1/contexts/customer?policy=every", key -> key.startsWith("customer/"));
        stream(scene, random, "/v1/contexts/inventory", key -> key.startsWith("inventory/"));
        stream(scene, random, "/v1/contexts/inventory?deltas=true&policy=every", key -> key.startsWith("inventory/"));
        stream(scene, random, "/v1/contexts/order?policy=every", key -> key.startsWith("order/"));
        stream(scene, random, "/v1/contexts/order?deltas=true", key -> key.startsWith("order/"));
        stream(scene, random, "/v1/contexts/analytics", key -> key.startsWith("analytics/"));
        stream(scene, random, "/v1/contexts/analytics?policy=every", key -> key.startsWith("analytics/"));
        stream(
                scene,
                random,
                "/v1/feeds?type=analytics&type=customer&type=inventory&type=order&policy=sample:200ms",
                key -> true);
        stream(
                scene,
                random,
                "/v1/feeds?key=customer/h0&key=order/h0&key=order/h1&type=inventory",
                key -> key.startsWith("inventory/")
                        || List.of("customer/h0", "order/h0", "order/h1").contains(key));
        stream(scene, random, "/v1/contexts/customer/h1?policy=every", "customer/h1"::equals);
        stream(scene, random, "/v1/contexts/order/h2?policy=every&deltas=true", "order/h2"::equals);
        socket(scene, random, "customer:h0", "customer:h1", "customer:h2", "customer:c1", "customer:never");
        socket(scene, random, "order:h0", "order:h1", "order:h2", "analytics:h0", "inventory:h0");
        socket(scene, random, "order:h3");
    }

    private void stream(Scene scene, Random random, String path, Predicate<String> covers) {
        Watch watch = new Watch(path, covers, path.contains("policy=every"));
        watchers.add(new StreamWatcher(scene, watch, new Random(random.nextLong()), path));
    }

    private void socket(Scene scene, Random random, String... channels) {
        List<String> all = List.of(channels);
        Watch watch = new Watch(String.join(",", all), key -> all.contains(key.replace('/', ':')), false);
        watchers.add(new SocketWatcher(scene, watch, new Random(random.nextLong()), all));
    }

    private void conclude(Scene scene, Faults faults, List<String> report) {
        try (Evidence evidence = new Evidence(scene.cluster, types)) {
            await("all events to be stored", () -> isAllStored(evidence));
            Oracle oracle = new Oracle(types, anomalies);
            for (Partition partition : evidence.partitions()) {
                evidence.log(partition, log -> evidence.journal(partition, rows -> oracle.journal(log, rows)));
            }
            Truth truth = oracle.truth();
            evidence.states(oracle::states);
            tallies(evidence, oracle);
            await("all watchers to be where everything ended", () -> watchersAreThere(truth));
            scene.isAtEnd();
            watchers.forEach(watcher -> oracle.watched(watcher.watch()));
            for (Partition partition : evidence.partitions()) {
                evidence.announced(partition, announced -> oracle.announced(partition, announced));
                long stored = evidence.stored().getOrDefault(partition, 0L);
                oracle.cached(
                        partition, evidence.mark(partition), evidence.entries(partition), stored, CACHE_TTL.toMillis());
            }
            oracle.deadLetters(evidence.deadLetters());
            oracle.ledger(ledger);
            for (int node = 0; node < Cluster.NODES; node++) {
                shown(scene, oracle, node);
            }
            report(scene, faults, truth, report);
        }
    }

    private static boolean isAllStored(Evidence evidence) {
        Map<Partition, Long> stored = evidence.stored();
        return evidence.ends().entrySet().stream()
                .allMatch(end -> end.getValue().equals(stored.getOrDefault(end.getKey(), 0L)));
    }

    private boolean watchersAreThere(Truth truth) {
        return watchers.stream().allMatch(watcher -> watcher.watch().isAt(truth));
    }

    private void await(String what, java.util.concurrent.Callable<Boolean> condition) {
        try {
            Awaitility.await()
                    .atMost(Duration.ofMinutes(2))
                    .pollInterval(Duration.ofMillis(250))
                    .until(condition);
        } catch (ConditionTimeoutException e) {
            anomalies.add("waited in vain", "for %s", what);
        }
    }

    private void tallies(Evidence evidence, Oracle oracle) {
        evidence.states(rows -> rows.forEachRemaining(row -> {
            String key = row.path("type").asString() + "/" + row.path("id").asString();
            if (key.startsWith(Types.CUSTOMER + "/" + Author.TALLY)) {
                oracle.tally(
                        key,
                        row.path("version").asLong(),
                        new HashSet<>(row.path("document").propertyNames()),
                        ledger);
            } else if (key.startsWith(Types.INVENTORY + "/" + Author.COUNTED)) {
                oracle.counter(key, row.path("document").path("count").asLong(), ledger);
            }
        }));
    }

    /** A node shows what it has heard of; what it has not yet, it will have soon. */
    private void shown(Scene scene, Oracle oracle, int node) {
        Map<String, Shown> shown = new TreeMap<>();
        for (String key : oracle.truth().keys()) {
            Version last = oracle.truth().last(key);
            try {
                Awaitility.await()
                        .atMost(Duration.ofSeconds(20))
                        .pollDelay(Duration.ZERO)
                        .pollInterval(Duration.ofMillis(50))
                        .until(() -> {
                            Reply reply = scene.send(node, "GET", Draft.path(key), null, List.of());
                            shown.put(
                                    key,
                                    new Shown(
                                            reply.revision(),
                                            reply.status() == 200
                                                    ? Version.digest(Json.TRUSTED.object(
                                                            reply.body().getBytes(StandardCharsets.UTF_8)))
                                                    : Version.DELETED));
                            return last.revision().equals(reply.revision());
                        });
            } catch (ConditionTimeoutException e) {
                // As it is, it is shown to the oracle.
            }
        }
        oracle.shown("node " + node, shown);
    }

    private void report(Scene scene, Faults faults, Truth truth, List<String> report) {
        IntStream.range(0, Cluster.NODES)
                .forEach(node ->
                        scene.cluster.current(node).errors().forEach(line -> report.add("node " + node + ": " + line)));
        report.addAll(anomalies.lines());
        Map<String, Integer> done = new TreeMap<>();
        faults.done()
                .forEach((kind, count) ->
                        done.put(kind.name().toLowerCase(java.util.Locale.ROOT).replace('_', '-'), count.get()));
        report.add("%d events sent, %d acknowledged, %d times once more; %d versions of %d contexts; %d reads"
                .formatted(
                        ledger.sent().size(),
                        ledger.acknowledged(),
                        ledger.repeats(),
                        truth.visibleCount(),
                        truth.keys().size(),
                        ledger.reads().size()));
        report.add("%d watchers: %d words of changes and %d of snapshots, %d connections, %d resets, %d stalls"
                .formatted(
                        watchers.size(),
                        words(Kind.CHANGE) + words(Kind.MISSED),
                        words(Kind.SNAPSHOT),
                        words(Kind.CAME),
                        words(Kind.RESET) + words(Kind.RESTART),
                        watchers.stream().mapToInt(Watcher::stalls).sum()));
        report.add("%d faults: %s"
                .formatted(done.values().stream().mapToInt(Integer::intValue).sum(), done));
        report.add("seed %d, %d s of faults: %d anomalies%s"
                .formatted(
                        seed,
                        length.toSeconds(),
                        anomalies.count(),
                        anomalies.count() == 0 ? "" : " (" + anomalies.counts() + "), kept in " + folder));
        try {
            Files.write(folder.resolve("report.txt"), report);
            Files.write(folder.resolve("faults.txt"), faults.told());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private long words(Kind kind) {
        return watchers.stream()
                .mapToLong(watcher -> watcher.watch().count(kind))
                .sum();
    }
}
