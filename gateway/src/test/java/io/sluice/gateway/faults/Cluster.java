package io.sluice.gateway.faults;

import io.sluice.gateway.faults.Part.Kind;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.stream.IntStream;

/** Three gateways, a Kafka, a PostgreSQL and a Redis, all of them processes, with a link between each two that talk. */
final class Cluster implements AutoCloseable {

    static final int NODES = 3;

    /** Below the range from which the near ends of connections are taken: one of those would sit on a port that waits for its server. */
    private static final int LOWEST_PORT = 20_000;

    private static final int HIGHEST_PORT = 32_000;

    private final Path folder;
    private final Random random;
    private final Set<Integer> ports = new HashSet<>();
    private final Map<Kind, Part> parts = new EnumMap<>(Kind.class);
    private final Node[] nodes = new Node[NODES];
    private final List<Map<Kind, Link>> links = new ArrayList<>();
    private final List<Link> doors = new ArrayList<>();
    private final List<Link> toKafka = new ArrayList<>();
    private final List<Node> others = new ArrayList<>();

    /** @param folder where everything keeps data and logs */
    Cluster(Path folder, Random random) {
        this.folder = folder;
        this.random = random;
    }

    /** Starts everything, and waits until it serves. */
    void start() {
        List<Integer> listeners =
                IntStream.range(0, NODES + 1).map(i -> freePort()).boxed().toList();
        listeners.forEach(port -> toKafka.add(Link.to(port)));
        int kafka = freePort();
        write(folder.resolve("kafka/kafka/broker.properties"), listeners(kafka, freePort(), listeners, toKafka));
        parts.put(Kind.KAFKA, new Part(Kind.KAFKA, folder.resolve("kafka"), kafka));
        parts.put(Kind.POSTGRES, new Part(Kind.POSTGRES, folder.resolve("postgres"), 0));
        parts.put(Kind.REDIS, new Part(Kind.REDIS, folder.resolve("redis"), 0));
        parts.values().forEach(Part::start);
        parts.values().forEach(Part::awaitStarted);
        for (int node = 0; node < NODES; node++) {
            links.add(new EnumMap<>(Map.of(
                    Kind.KAFKA, toKafka.get(node),
                    Kind.POSTGRES, Link.to(part(Kind.POSTGRES).port()),
                    Kind.REDIS, Link.to(part(Kind.REDIS).port()))));
            nodes[node] = node(node);
            nodes[node].start();
            doors.add(Link.smallTo(nodes[node].port()));
        }
        awaitReady();
    }

    /** Kafka tells its clients where it is: each of ours has to be told of its own link. */
    private static String listeners(int direct, int controller, List<Integer> listeners, List<Link> links) {
        StringBuilder listens = new StringBuilder("PLAINTEXT://127.0.0.1:" + direct);
        StringBuilder advertised = new StringBuilder(listens);
        StringBuilder protocols = new StringBuilder("PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT");
        for (int i = 0; i < listeners.size(); i++) {
            listens.append(",LINK%d://127.0.0.1:%d".formatted(i, listeners.get(i)));
            advertised.append(",LINK%d://127.0.0.1:%d".formatted(i, links.get(i).port()));
            protocols.append(",LINK%d:PLAINTEXT".formatted(i));
        }
        return """
                listeners=%s,CONTROLLER://127.0.0.1:%d
                advertised.listeners=%s
                listener.security.protocol.map=%s
                controller.quorum.voters=1@127.0.0.1:%d
                """.formatted(listens, controller, advertised, protocols, controller);
    }

    private static void write(Path file, String text) {
        try {
            Files.createDirectories(file.getParent());
            Files.writeString(file, text);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private int freePort() {
        while (true) {
            int port = random.nextInt(LOWEST_PORT, HIGHEST_PORT);
            try (ServerSocket socket = new ServerSocket(port, 1, InetAddress.getLoopbackAddress())) {
                if (ports.add(socket.getLocalPort())) {
                    return port;
                }
            } catch (IOException e) {
                // Somebody else's.
            }
        }
    }

    private Node node(int number) {
        Map<Kind, Link> own = links.get(number);
        List<String> settings = new ArrayList<>(Types.arguments());
        settings.addAll(List.of(
                "--sluice.kafka.bootstrap-servers=127.0.0.1:"
                        + own.get(Kind.KAFKA).port(),
                "--sluice.postgres.url="
                        + part(Kind.POSTGRES)
                                .address()
                                .replace(
                                        ":" + part(Kind.POSTGRES).port(),
                                        ":" + own.get(Kind.POSTGRES).port()),
                "--sluice.redis.url=redis://127.0.0.1:" + own.get(Kind.REDIS).port(),
                // A member of the group that says nothing for so long has lost its partitions.
                "--sluice.kafka.properties.session.timeout.ms=3000",
                "--sluice.kafka.properties.heartbeat.interval.ms=750",
                "--sluice.publishing.timeout=5s",
                // Little enough that it does not do without its systems.
                "--sluice.resolving.max-batch=50",
                "--sluice.resolving.working-set=1MB",
                "--sluice.cache.local=4MB",
                "--sluice.cache.far-ttl=2m",
                "--sluice.feeds.ring-updates=150",
                "--sluice.feeds.heartbeat=1s",
                "--sluice.feeds.max-frames=1000",
                "--sluice.feeds.max-bytes=1MB"));
        if (number > 0) {
            settings.add("--sluice.node-id=node-" + number);
        }
        return new Node(freePort(), folder.resolve("node-" + number + ".log"), settings);
    }

    Part part(Kind kind) {
        return parts.get(kind);
    }

    Node current(int number) {
        return nodes[number];
    }

    /** Another process in the place of a node: clients who come find this one. @return the one that was there, which goes on */
    Node replace(int number) {
        Node before = nodes[number];
        Node next = node(number);
        others.add(before);
        nodes[number] = next;
        doors.get(number).leadTo(next.port());
        return before;
    }

    Link link(int node, Kind to) {
        return links.get(node).get(to);
    }

    /** From clients to a node. */
    Link door(int node) {
        return doors.get(node);
    }

    /** From clients to Kafka. */
    Link producers() {
        return toKafka.getLast();
    }

    URI entrance(int node) {
        return URI.create("http://127.0.0.1:" + doors.get(node).port());
    }

    List<Link> links() {
        List<Link> all = new ArrayList<>(doors);
        all.addAll(toKafka);
        links.forEach(own -> all.addAll(List.of(own.get(Kind.POSTGRES), own.get(Kind.REDIS))));
        return all;
    }

    /** Waits until all nodes serve. */
    void awaitReady() {
        for (Node node : nodes) {
            node.awaitReady();
        }
    }

    @Override
    public void close() {
        others.forEach(Node::close);
        for (Node node : nodes) {
            if (node != null) {
                node.close();
            }
        }
        links().forEach(Link::close);
        parts.values().forEach(Part::close);
    }
}
