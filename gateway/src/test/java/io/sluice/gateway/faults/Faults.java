package io.sluice.gateway.faults;

import io.sluice.gateway.faults.Link.Weather;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.Lock;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Function;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/** What is done to a cluster, and when. The seed says all of it; what it meets depends on the time, too. */
final class Faults {

    /** What can happen. */
    enum Kind {
        NODE_KILLED,
        NODE_TERMINATED,
        /** Stopped by a signal, mostly for longer than its session lives, and then going on as if nothing had been. */
        NODE_PAUSED,
        /** Stopped, another in its place under its name, and then both. */
        NODE_REPLACED,
        KAFKA_KILLED,
        KAFKA_RESTARTED,
        KAFKA_PAUSED,
        POSTGRES_KILLED,
        POSTGRES_RESTARTED,
        POSTGRES_PAUSED,
        REDIS_KILLED,
        REDIS_RESTARTED,
        REDIS_PAUSED,
        REDIS_FLUSHED,
        /** Killed, and back with nothing. */
        REDIS_EMPTIED,
        LINK_SLOW,
        LINK_NARROW,
        LINK_CUT,
        LINK_REFUSING,
        LINK_STALLED,
        /** What is asked gets there, and no answer comes back. */
        LINK_MUTE
    }

    /** Where a link goes from a node; from {@code PRODUCERS} there is one, to Kafka. */
    enum Where {
        KAFKA,
        POSTGRES,
        REDIS,
        /** To all three at once. */
        SYSTEMS,
        CLIENTS,
        PRODUCERS
    }

    /**
     * @param gap between the beginnings of the one before and this one; longer if there is no room for it
     * @param amount how much, where that can be said: milliseconds of delay, or bytes a second
     * @param cuts whether the connections are reset at the end of it
     */
    record Fault(Duration gap, Kind kind, int node, Where where, Duration lasts, int amount, boolean cuts) {
        @Override
        public String toString() {
            String target = switch (scope()) {
                case NODE -> " " + node;
                case PART -> "";
                case LINK -> " " + (where == Where.PRODUCERS ? "" : node + " ") + where;
            };
            return "%s%s for %.1f s".formatted(kind, target, lasts.toMillis() / 1000.0);
        }

        private Scope scope() {
            return kind.name().startsWith("NODE")
                    ? Scope.NODE
                    : kind.name().startsWith("LINK") ? Scope.LINK : Scope.PART;
        }
    }

    /** Of so many things at a time something may be wrong: else nothing would ever be done. */
    private enum Scope {
        NODE(2),
        PART(1),
        LINK(3);

        private final int room;

        Scope(int room) {
            this.room = room;
        }
    }

    private static final long GAP_MILLIS = 3_000;

    /** After a part is back, it is left alone for so long. */
    private static final Duration CALM = Duration.ofSeconds(2);

    /** Round by round everything once, in any order, without an end. */
    static Stream<Fault> sequence(Random random) {
        return Stream.generate(() -> round(random)).flatMap(List::stream);
    }

    private static List<Fault> round(Random random) {
        List<Kind> kinds = new ArrayList<>(List.of(Kind.values()));
        Collections.shuffle(kinds, random);
        return kinds.stream().map(kind -> fault(random, kind)).toList();
    }

    private static Fault fault(Random random, Kind kind) {
        long lasts = switch (kind) {
            case NODE_PAUSED -> 1_000 + random.nextLong(11_000);
            case NODE_REPLACED, NODE_KILLED, NODE_TERMINATED -> random.nextLong(4_000);
            case REDIS_FLUSHED, LINK_CUT -> 0;
            default -> 500 + random.nextLong(6_000);
        };
        Where where = Where.values()[random.nextInt(Where.values().length)];
        int amount = kind == Kind.LINK_NARROW ? 4_000 + random.nextInt(60_000) : 20 + random.nextInt(800);
        return new Fault(
                Duration.ofMillis(500 + random.nextLong(2 * GAP_MILLIS)),
                kind,
                random.nextInt(Cluster.NODES),
                where,
                Duration.ofMillis(lasts),
                amount,
                random.nextBoolean());
    }

    private final Scene scene;
    private final Cluster cluster;
    private final Map<Scope, Semaphore> rooms = new EnumMap<>(Scope.class);
    private final List<Lock> locks = new ArrayList<>();
    private final Map<Kind, AtomicInteger> done = new ConcurrentHashMap<>();
    private final ConcurrentLinkedQueue<String> told = new ConcurrentLinkedQueue<>();
    private final long begin = System.nanoTime();

    Faults(Scene scene) {
        this.scene = scene;
        this.cluster = scene.cluster;
        for (Scope scope : Scope.values()) {
            rooms.put(scope, new Semaphore(scope.room));
        }
        for (int node = 0; node < Cluster.NODES; node++) {
            locks.add(new ReentrantLock());
        }
    }

    /** Does one after the other until nothing new is to begin. @param start what begins a thread @return what is still to be healed */
    List<CompletableFuture<Void>> run(Random random, Function<Runnable, CompletableFuture<Void>> start) {
        List<CompletableFuture<Void>> healing = new ArrayList<>();
        for (Fault fault : (Iterable<Fault>) sequence(random)::iterator) {
            Semaphore room = rooms.get(fault.scope());
            if (scene.pause(fault.gap()) || !enter(room)) {
                return healing;
            }
            healing.removeIf(CompletableFuture::isDone);
            healing.add(start.apply(() -> {
                try {
                    run(fault);
                } finally {
                    room.release();
                }
            }));
        }
        return healing;
    }

    private boolean enter(Semaphore room) {
        try {
            while (!room.tryAcquire(200, TimeUnit.MILLISECONDS)) {
                if (scene.over()) {
                    return false;
                }
            }
            return true;
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    private void run(Fault fault) {
        begun(fault);
        switch (fault.scope()) {
            case LINK -> link(fault);
            case PART -> {
                part(fault, part(fault.kind()));
                tell("       over: " + fault);
                scene.pause(CALM);
            }
            case NODE -> {
                Lock lock = locks.get(fault.node());
                lock.lock();
                try {
                    node(fault);
                    tell("       over: " + fault);
                } finally {
                    lock.unlock();
                }
            }
        }
    }

    private void begun(Fault fault) {
        done.computeIfAbsent(fault.kind(), kind -> new AtomicInteger()).incrementAndGet();
        tell(fault.toString());
    }

    private void tell(String line) {
        told.add("[%6.1f] %s".formatted((System.nanoTime() - begin) / 1e9, line));
    }

    /** What was done, and when. */
    List<String> told() {
        return List.copyOf(told);
    }

    Map<Kind, AtomicInteger> done() {
        return done;
    }

    int count() {
        return done.values().stream().mapToInt(AtomicInteger::get).sum();
    }

    private Part part(Kind kind) {
        return cluster.part(
                Part.Kind.valueOf(kind.name().substring(0, kind.name().indexOf('_'))));
    }

    private void node(Fault fault) {
        Node node = cluster.current(fault.node());
        switch (fault.kind()) {
            case NODE_KILLED -> {
                node.kill();
                scene.pause(fault.lasts());
                node.start();
            }
            case NODE_TERMINATED -> {
                if (!node.stop()) {
                    scene.anomalies.add("does not stop", "%s", fault);
                }
                scene.pause(fault.lasts());
                node.start();
            }
            case NODE_PAUSED -> {
                node.pause();
                scene.pause(fault.lasts());
                node.goOn();
            }
            default -> {
                node.pause();
                cluster.replace(fault.node());
                cluster.door(fault.node()).cut();
                cluster.current(fault.node()).start();
                cluster.current(fault.node()).awaitReady();
                node.goOn();
                scene.pause(fault.lasts());
                node.kill();
            }
        }
        cluster.current(fault.node()).awaitReady();
    }

    private void part(Fault fault, Part part) {
        switch (fault.kind()) {
            case KAFKA_KILLED, POSTGRES_KILLED, REDIS_KILLED -> {
                part.kill();
                comeBack(fault, part);
            }
            case KAFKA_RESTARTED, POSTGRES_RESTARTED, REDIS_RESTARTED -> {
                part.stop();
                comeBack(fault, part);
            }
            case REDIS_EMPTIED -> {
                part.kill();
                part.forget();
                comeBack(fault, part);
            }
            case REDIS_FLUSHED -> flush(part);
            default -> {
                part.pause();
                scene.pause(fault.lasts());
                part.goOn();
            }
        }
    }

    private void comeBack(Fault fault, Part part) {
        scene.pause(fault.lasts());
        part.comeBack();
    }

    private static void flush(Part redis) {
        try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), redis.port())) {
            socket.setSoTimeout(5_000);
            socket.getOutputStream().write("FLUSHALL\r\n".getBytes(StandardCharsets.US_ASCII));
            if (socket.getInputStream().read() != '+') {
                throw new IllegalStateException("Redis does not flush");
            }
        } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }

    private List<Link> links(Fault fault) {
        return switch (fault.where()) {
            case PRODUCERS -> List.of(cluster.producers());
            case CLIENTS -> List.of(cluster.door(fault.node()));
            case SYSTEMS ->
                IntStream.range(0, Part.Kind.values().length)
                        .mapToObj(i -> cluster.link(fault.node(), Part.Kind.values()[i]))
                        .toList();
            case KAFKA, POSTGRES, REDIS ->
                List.of(cluster.link(
                        fault.node(), Part.Kind.valueOf(fault.where().name())));
        };
    }

    /** Several may be on one link at a time: then the last that came counts, until the first of them ends. */
    private void link(Fault fault) {
        List<Link> links = links(fault);
        Weather weather = switch (fault.kind()) {
            case LINK_SLOW -> Weather.slow(Duration.ofMillis(fault.amount()));
            case LINK_NARROW -> Weather.narrow(fault.amount());
            case LINK_REFUSING -> Weather.REFUSING;
            case LINK_STALLED -> Weather.STALLED;
            case LINK_MUTE -> Weather.MUTE;
            default -> Weather.CLEAR;
        };
        links.forEach(link -> link.weather(weather));
        scene.pause(fault.lasts());
        if (fault.cuts() || fault.kind() == Kind.LINK_CUT) {
            links.forEach(Link::cut);
        }
        links.forEach(link -> link.weather(Weather.CLEAR));
    }
}
