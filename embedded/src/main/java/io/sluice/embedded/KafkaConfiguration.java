package io.sluice.embedded;

import java.nio.file.Path;
import java.util.List;
import java.util.Properties;

/** The settings of a Kafka that is one node, broker and controller, on the loopback interface only. */
final class KafkaConfiguration {
    private KafkaConfiguration() {}

    static Properties of(Path logs, int port, int controllerPort) {
        Properties p = new Properties();
        p.put("process.roles", "broker,controller");
        p.put("node.id", "1");
        p.put("listeners", "PLAINTEXT://127.0.0.1:" + port + ",CONTROLLER://127.0.0.1:" + controllerPort);
        p.put("advertised.listeners", "PLAINTEXT://127.0.0.1:" + port);
        p.put("controller.listener.names", "CONTROLLER");
        p.put("listener.security.protocol.map", "PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT");
        p.put("controller.quorum.voters", "1@127.0.0.1:" + controllerPort);
        p.put("log.dirs", logs.toString());
        p.put("auto.create.topics.enable", "false");
        putSmall(p);
        putQuick(p);
        return p;
    }

    private static void putSmall(Properties p) {
        for (String key : List.of(
                "offsets.topic.replication.factor",
                "transaction.state.log.replication.factor",
                "transaction.state.log.min.isr",
                "share.coordinator.state.topic.replication.factor",
                "share.coordinator.state.topic.min.isr",
                "share.coordinator.state.topic.num.partitions")) {
            p.put(key, "1");
        }
        p.put("offsets.topic.num.partitions", "4");
        p.put("transaction.state.log.num.partitions", "4");
        p.put("num.network.threads", "2");
        p.put("num.io.threads", "4");
        p.put("background.threads", "2");
        p.put("log.cleaner.dedupe.buffer.size", "2097152");
    }

    private static void putQuick(Properties p) {
        p.put("group.initial.rebalance.delay.ms", "0");
        p.put(
                "group.min.session.timeout.ms",
                "500"); // lets a test see a dead consumer's work taken over within a second
        // After a kill, the broker waits until its former self has timed out: 9 s by default.
        p.put("broker.session.timeout.ms", "1500");
        p.put("broker.heartbeat.interval.ms", "300");
    }
}
