package io.sluice.gateway.endtoend;

import static io.sluice.gateway.endtoend.Api.WAIT;
import static org.assertj.core.api.Assertions.assertThat;

import io.sluice.gateway.endtoend.Api.Answer;
import io.sluice.gateway.journal.Database;
import io.sluice.gateway.journal.Rebuilding;
import io.sluice.resolver.Partition;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicReferenceArray;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.RecordsToDelete;
import org.apache.kafka.common.TopicPartition;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * {@code verify} names what does not agree and nothing else, and {@code rebuild} makes again what follows from journal and log;
 * both beside gateways at work. {@code -Dsluice.test.seed=} says what is written.
 */
@EndToEnd
class RepairTest {

    private static final int EVENTS_OF_EACH = 60;

    /** Not the common pool, which the client needs too. */
    private static final Executor BESIDE = command -> Thread.ofPlatform().start(command);

    private static final List<String> WRITERS = List.of("ada", "grace", "bot");

    private final long seed = Long.getLong("sluice.test.seed", System.nanoTime());
    private final String type = Stack.fresh("ledger");
    private final String topic = type + "-events";
    private final List<String> contexts =
            IntStream.range(0, 12).mapToObj(i -> "c" + i).toList();
    private final Store store =
            new Store(Objects.requireNonNull(Stack.endpoints().postgres()));
    private final KafkaSide kafka = Stack.kafka();
    private final List<Gateway> running = new ArrayList<>();
    private final Shared redis = new Shared();

    @AfterEach
    void stop() {
        running.forEach(Gateway::close);
        redis.close();
    }

    private Gateway start() {
        return start(store);
    }

    private Gateway start(Store database) {
        List<String> addresses = new ArrayList<>(Stack.addresses(Stack.endpoints()));
        addresses.add("--sluice.postgres.url=" + database.url());
        Gateway gateway = Gateway.startWithOwnTypes(addresses, Writer.types(type));
        running.add(gateway);
        return gateway;
    }

    private Command run(String command) {
        return run(command, store);
    }

    private Command run(String command, Store database) {
        List<String> settings = new ArrayList<>(Writer.types(type));
        Stack.addresses(Stack.endpoints()).stream()
                .filter(address -> !address.startsWith("--sluice.postgres"))
                .forEach(settings::add);
        settings.add("--sluice.postgres.url=" + database.url());
        return Command.run(command, settings, "--type=" + type);
    }

    private void requireSame() {
        requireSame(store);
    }

    private void requireSame(Store database) {
        Command verified = run("verify", database);
        assertThat(verified.exit()).as(seed() + verified).isZero();
        assertThat(verified.out()).contains("No differences in 1 types, 3 partitions");
    }

    private void rebuild() {
        Command rebuilt = run("rebuild");
        assertThat(rebuilt.exit()).as(seed() + rebuilt).isZero();
    }

    private List<Writer> writers(Gateway gateway) {
        AtomicReferenceArray<Api> gateways = new AtomicReferenceArray<>(new Api[] {gateway.api(), gateway.api()});
        return IntStream.range(0, WRITERS.size())
                .mapToObj(i -> new Writer(WRITERS.get(i), type, contexts, new Random(seed + i), gateways, kafka))
                .toList();
    }

    private void write(List<Writer> writers) {
        for (int i = 0; i < EVENTS_OF_EACH; i++) {
            writers.forEach(Writer::write);
        }
    }

    private void awaitFolded(Store database) {
        Awaitility.await()
                .atMost(Duration.ofMinutes(1))
                .untilAsserted(
                        () -> assertThat(database.folded(topic)).as(seed()).isEqualTo(kafka.count(topic)));
    }

    /** Where nothing is to be seen of a context, its place only says where the log was looked at. */
    private Map<String, JsonNode> states(Store database) {
        Map<String, JsonNode> states = new TreeMap<>();
        database.states(type).forEach((id, row) -> {
            if (row.path("version").asLong() == 0) {
                ((ObjectNode) row).remove("source_offset");
            }
            states.put(id, row);
        });
        return states;
    }

    private void put(Gateway gateway, String id, String json) {
        // A machine that is busy with other things may take the broker away for a moment.
        Awaitility.await().atMost(Duration.ofMinutes(1)).untilAsserted(() -> {
            Answer answer = gateway.api().put(path(id), json, Api.with(WAIT, "Idempotency-Key", id + json));
            assertThat(answer.status()).as(answer.toString()).isEqualTo(200);
        });
    }

    private String path(String id) {
        return "/v1/contexts/" + type + "/" + id;
    }

    private String seed() {
        return "-Dsluice.test.seed=" + seed + " ";
    }

    @Test
    void thereAreNoDifferencesWhileWritesGoOnAndDeadLettersAreNone() {
        Gateway gateway = start();
        List<Writer> writers = writers(gateway);
        kafka.send(topic, "c1", "no JSON at all");
        kafka.send(topic, "c1", "[1]", "sluice-change", "replace");
        kafka.send(topic, null, "{}");
        gateway.api().put(path("c2"), "{}", Api.with(WAIT, "If-Match", "\"no-such\""));
        CompletableFuture<Void> writing = CompletableFuture.runAsync(() -> write(writers), BESIDE);
        do {
            requireSame();
        } while (!writing.isDone());
        writing.join();
        awaitFolded(store);
        Command verified = run("verify");
        assertThat(verified.exit()).as(verified.toString()).isZero();
        long unreadable = verified.out()
                .lines()
                .filter(line -> line.startsWith(topic))
                .mapToLong(line -> Math.max(0, Command.number(line, "unreadable")))
                .sum();
        assertThat(unreadable).as(verified.out()).isGreaterThanOrEqualTo(2);
    }

    @Test
    void whatWasDoneToStatesAndRedisIsNamedAndRebuilt() {
        Gateway gateway = start();
        for (String id : List.of("fine", "gone", "changed", "invented", "older", "other", "newer", "clock")) {
            put(gateway, id, "{\"plan\":\"gold\"}");
        }
        byte[] before = redis.entry(redis.key(topic, "older"));
        put(gateway, "older", "{\"plan\":\"iron\"}");
        put(gateway, "newer", "{\"plan\":\"iron\"}");
        requireSame();

        store.execute("delete from states where type = '" + type + "' and id = 'gone'");
        store.execute(
                "update states set document = '{\"plan\":\"lead\"}' where type = '" + type + "' and id = 'changed'");
        store.execute("update states set clock = 'nobody=7' where type = '" + type + "' and id = 'clock'");
        store.execute("update states set version = 1, document = '{\"plan\":\"gold\"}' where type = '" + type
                + "' and id = 'newer'");
        store.execute(
                "insert into states select tenant, type, 'stranger', incarnation, version, document, clock, writer,"
                        + " event_id, event_type, event_time, correlation_id, causation_id, traceparent, topic, partition,"
                        + " source_offset, log_time, marks, registers from states where type = '" + type
                        + "' and id = 'invented'");
        redis.put(redis.key(topic, "older"), Shared.asOfNow(before));
        String other = redis.key(topic, "other");
        redis.put(other, Shared.with(redis.entry(other), "gold", "lead"));

        Command verified = run("verify");
        assertThat(verified.exit()).as(verified.toString()).isEqualTo(1);
        assertThat(verified.out())
                .contains("A state is missing: 1\n  " + type + "/gone")
                .contains(type + "/changed at 1-1 (the journal: the same, with another content)")
                .contains(type + "/newer at 1-1 (the journal: 1-2)")
                .contains("A state is not what the journal says: 2\n")
                .contains("A state has another clock than the journal: 1\n  " + type + "/clock")
                .contains("A state is of no event: 1\n  " + type + "/stranger at 1-1")
                .contains("/older is still at 1-1 (PostgreSQL: 1-2, and the mark says that it came here)")
                .contains("/other is at 1-1, with another content than in PostgreSQL")
                .contains("/newer is at 1-2 (PostgreSQL: only 1-1)")
                .contains("/gone is at 1-1 (PostgreSQL: nothing)")
                .doesNotContain("/fine");

        rebuild();
        requireSame();
        assertThat(gateway.api().get(path("other")).body()).isEqualTo("{\"plan\":\"gold\"}");
        assertThat(store.versions(type))
                .containsEntry("gone", 1L)
                .containsEntry("newer", 2L)
                .doesNotContainKey("stranger");
    }

    @Test
    void whatWasDoneToTheJournalIsNamed() {
        Gateway gateway = start();
        List<String> ids = List.of("missing", "otherwise", "more", "fine");
        for (String id : ids) {
            put(gateway, id, "{\"plan\":\"gold\"}");
            put(gateway, id, "{\"plan\":\"iron\"}");
        }
        kafka.send(topic, "refused", "{\"plan\":\"gold\"}", "sluice-base-version", "7");
        awaitFolded(store);
        requireSame();
        Map<String, JsonNode> rows = store.journal(topic);
        String first = " where topic = '" + topic + "' and version = 1 and id = ";
        store.execute("delete from journal" + first + "'missing'");
        store.execute("delete from journal where topic = '" + topic + "' and id = 'refused'");
        store.execute("update journal set event_id = 'forged'" + first + "'otherwise'");
        store.execute("insert into journal select topic, partition, source_offset + 1000, log_time, tenant, type, id,"
                + " 'unchanged', reason, detail, incarnation, version, document, delta, conflicts, clock, change, causality,"
                + " writer, event_id, event_type, event_time, correlation_id, causation_id, traceparent, content, waiter,"
                + " marks, operations from journal" + first + "'more'");
        Command verified = run("verify");
        assertThat(verified.exit()).as(verified.toString()).isEqualTo(1);
        assertThat(verified.out())
                .contains("The journal misses: 2\n")
                .contains(" for " + type + "/missing\n")
                .contains(" for " + type + "/refused\n")
                .contains("The journal says otherwise than the log: 1\n")
                .contains("event \"forged\" of \"http\" for " + type + "/otherwise")
                .contains("The journal has events behind those that are stored: 1\n")
                .contains(" for " + type + "/more\n")
                .doesNotContain("/fine");
        assertThat(rows).hasSize(2 * ids.size() + 1);
    }

    @Test
    void whatIsRebuiltFromNothingIsWhatItWasAndGoesOnAsItWouldHave() {
        System.out.println(getClass().getSimpleName() + ": " + seed());
        Gateway gateway = start();
        Gateway other = start();
        List<Writer> writers = writers(gateway);
        write(writers);
        awaitFolded(store);
        Map<String, JsonNode> before = states(store);
        Map<String, JsonNode> journal = store.journal(topic);
        View shown = View.of(gateway, type, contexts);
        try (Feed watching = gateway.watch("/v1/contexts/" + type);
                Feed one = other.watch(path("c1"))) {
            watching.awaitReady();
            one.awaitReady();

            store.execute("delete from states where type = '" + type + "'");
            redis.empty();
            rebuild();

            requireSame(before, states(store));
            assertThat(redis.count(topic)).isGreaterThan(3);
            requireSame();
            for (Feed feed : List.of(watching, one)) {
                assertThat(feed.await("reset").json().path("reason").asString()).isEqualTo("rebuilt");
            }
            put(gateway, "c1", "{\"after\":\"all\"}");
            long version = store.versions(type).get("c1");
            watching.awaitVersion(type + "/c1", version);
            one.awaitVersion(type + "/c1", version);
            for (Feed feed : List.of(watching, one)) {
                assertThat(feed.names().stream().filter("reset"::equals)).hasSize(1);
                List<Feed.Event> all = feed.events();
                int reset = feed.names().indexOf("reset");
                assertThat(all.subList(reset, all.size()).stream()
                                .filter(event -> event.key().equals(type + "/c1"))
                                .map(Feed.Event::version)
                                .toList())
                        .as(all.toString())
                        .isSorted()
                        .doesNotHaveDuplicates()
                        .contains(version);
            }
        }
        View again = View.of(gateway, type, contexts);
        shown.contexts().forEach((id, context) -> {
            if (!id.equals("c1")) {
                assertThat(withoutClock(again.contexts().get(id)))
                        .as(seed() + id)
                        .isEqualTo(withoutClock(context));
            }
        });

        // What was said stands, and repeats are still known.
        journal.forEach((place, row) ->
                assertThat(store.journal(topic).get(place)).as(seed() + place).isEqualTo(row));
        write(writers);
        awaitFolded(store);
        requireSame();
        requireSameAsFromTheBeginning();
    }

    /** What has come of events that nobody sees is in the store, and not in caches. */
    private static View.Shown withoutClock(View.Shown shown) {
        return new View.Shown(shown.status(), shown.document(), shown.version(), shown.etag(), null, shown.open());
    }

    private void requireSame(Map<String, JsonNode> first, Map<String, JsonNode> second) {
        assertThat(second.keySet()).as(seed()).isEqualTo(first.keySet());
        first.forEach((id, row) -> assertThat(second.get(id)).as(seed() + id).isEqualTo(row));
    }

    private void requireSameAsFromTheBeginning() {
        Map<String, JsonNode> here = states(store);
        Map<String, JsonNode> journal = store.journal(topic);
        stop();
        running.clear();
        Store empty = store.another(Stack.fresh(type));
        start(empty);
        awaitFolded(empty);
        requireSame(journal, empty.journal(topic));
        requireSame(here, states(empty));
    }

    @Test
    void aRebuildThatEndsInTheMiddleHasChangedNothingAndTheNextOneDoesItAll() {
        Gateway gateway = start();
        put(gateway, "a", "{\"plan\":\"gold\"}");
        store.execute("update states set document = '{}' where type = '" + type + "'");
        Map<String, JsonNode> before = states(store);
        try (Database database = new Database(store.url(), 2)) {
            for (int partition = 0; partition < 3; partition++) {
                try (Rebuilding ended = new Rebuilding(database, new Partition(topic, partition), 0)) {
                    ended.take();
                }
            }
        }
        requireSame(before, states(store));
        put(gateway, "b", "{\"plan\":\"gold\"}");
        rebuild();
        requireSame();
        assertThat(states(store).get("a").path("document").path("plan").asString())
                .isEqualTo("gold");
    }

    @Test
    void twoRebuildsAtOnceWhileWritesGoOnLoseNothing() {
        Gateway gateway = start();
        List<Writer> writers = writers(gateway);
        write(writers);
        CompletableFuture<Void> writing = CompletableFuture.runAsync(() -> write(writers), BESIDE);
        // Not more of them: each makes the lane start over, and those who write wait for it.
        for (int i = 0; i < 2; i++) {
            CompletableFuture<Command> first = CompletableFuture.supplyAsync(() -> run("rebuild"), BESIDE);
            Command second = run("rebuild");
            for (Command rebuilt : List.of(first.join(), second)) {
                assertThat(rebuilt.exit()).as(seed() + rebuilt).isZero();
                assertThat(rebuilt.out()).contains(type + " is rebuilt");
            }
        }
        writing.join();
        awaitFolded(store);
        requireSame();
        requireSameAsFromTheBeginning();
    }

    @Test
    void contextsOfWhichTheLogIsGoneAreAsTheJournalHasThem() throws Exception {
        Gateway gateway = start();
        List<Writer> writers = writers(gateway);
        write(writers);
        awaitFolded(store);
        Map<String, JsonNode> before = states(store);
        try (Admin admin =
                Admin.create(Map.of("bootstrap.servers", Stack.endpoints().kafka()))) {
            Map<TopicPartition, RecordsToDelete> all = new java.util.HashMap<>();
            IntStream.range(0, 3).forEach(i -> all.put(new TopicPartition(topic, i), RecordsToDelete.beforeOffset(-1)));
            admin.deleteRecords(all).all().get();
        }
        put(gateway, "young", "{\"plan\":\"gold\"}");
        store.execute("update states set document = '{}' where document is not null and type = '" + type + "'");
        rebuild();
        Map<String, JsonNode> after = states(store);
        assertThat(after.remove("young").path("document").path("plan").asString())
                .isEqualTo("gold");
        requireSame(before, after);
        requireSame();

        store.execute("delete from states where type = '" + type + "'");
        rebuild();
        requireSame();
        assertThat(run("verify").out()).contains("in the journal only: the log has dropped them");
        write(writers);
        awaitFolded(store);
        requireSame();
    }

    @Test
    void whatStandsInTheLogInThePlaceOfAnEventIsNotFoldedInItsPlace() {
        put(start(), "a", "{\"visits\":3}");
        stop();
        running.clear();
        int partition = kafka.send(topic, "a", "{\"visits\":40}").partition();
        // As if the topic had been made anew, and filled up to where it was.
        store.execute("update journal set source_offset = 1 where topic = '" + topic + "'");
        store.execute("update states set source_offset = 1 where topic = '" + topic + "'");
        store.execute("update progress set next_offset = 2, announced_offset = 2 where topic = '" + topic
                + "' and partition = " + partition);
        Command rebuilt = run("rebuild");
        assertThat(rebuilt.exit()).as(rebuilt.toString()).isZero();
        assertThat(rebuilt.out()).contains("of 1 events the log does not have what the journal says");

        Gateway gateway = start();
        Answer answer = gateway.api()
                .send(
                        "PATCH",
                        path("a"),
                        "[{\"path\":\"/visits\",\"add\":1}]",
                        Api.with(WAIT, "Content-Type", "application/vnd.sluice.ops+json"));
        assertThat(answer.body()).as(answer.toString()).isEqualTo("{\"visits\":4}");
    }

    @Test
    void whatTheJournalHasDroppedIsNoDifferenceAndStaysAsItIs() {
        Gateway gateway = start();
        List<Writer> writers = writers(gateway);
        write(writers);
        awaitFolded(store);
        Store copy = store.another(Stack.fresh(type));
        store.backUpTo(copy);
        redis.empty();
        copy.execute("alter table progress add column if not exists kept_from bigint not null default 0");
        copy.execute("update progress set kept_from = next_offset / 2 where topic = '" + topic + "'");
        copy.execute("delete from journal j using progress p where j.topic = p.topic and j.partition = p.partition"
                + " and j.source_offset < p.kept_from");
        Map<String, JsonNode> before = states(copy);
        requireSame(copy);
        copy.execute("update states set document = '{}' where document is not null and type = '" + type
                + "' and source_offset >= (select kept_from from progress p where p.topic = states.topic and p.partition ="
                + " states.partition)");
        assertThat(run("verify", copy).exit()).isEqualTo(1);
        Command rebuilt = run("rebuild", copy);
        assertThat(rebuilt.exit()).as(rebuilt.toString()).isZero();
        requireSame(before, states(copy));
        requireSame(copy);
    }

    @Test
    void anOlderBackupIsCaughtUpFromTheLog() {
        Gateway gateway = start();
        List<Writer> writers = writers(gateway);
        write(writers);
        awaitFolded(store);
        Store restored = store.another(Stack.fresh(type));
        store.backUpTo(restored);
        write(writers);
        awaitFolded(store);
        Map<String, JsonNode> journal = store.journal(topic);
        Map<String, JsonNode> states = states(store);
        String cursor;
        try (Feed watching = gateway.watch("/v1/contexts/" + type)) {
            watching.awaitReady();
            cursor = watching.lastId();
        }
        running.forEach(Gateway::close);
        running.clear();

        Command ahead = run("verify", restored);
        assertThat(ahead.exit()).as(ahead.toString()).isEqualTo(1);
        assertThat(ahead.out()).contains("Redis is ahead of PostgreSQL");
        redis.empty();
        requireSame(restored);
        Gateway again = start(restored);
        try (Feed watching = again.watch("/v1/contexts/" + type, "Last-Event-ID", cursor)) {
            awaitFolded(restored);
            watching.awaitReady();
            put(again, "new", "{}");
            watching.awaitVersion(type + "/new", 1);
            assertThat(watching.names()).containsOnly("ready", "update");
            assertThat(watching.events("update")).hasSize(1);
        }
        Map<String, JsonNode> now = restored.journal(topic);
        journal.forEach(
                (place, row) -> assertThat(now.get(place)).as(seed() + place).isEqualTo(row));
        Map<String, JsonNode> restoredStates = states(restored);
        restoredStates.remove("new");
        requireSame(states, restoredStates);
        requireSame(restored);
    }

    @TempDir
    private Path nothing;

    @Test
    void whatCannotBeDoneIsSaidInOneLine() {
        List<String> here = Stream.concat(Stack.addresses(Stack.endpoints()).stream(), Writer.types(type).stream())
                .toList();
        requireRefusal("verify: \"now\" (expected: --type=<type>, or a setting", Command.run("verify", here, "now"));
        requireRefusal("rebuild: \"--force\" (expected: ", Command.run("rebuild", here, "--force"));
        requireRefusal(
                "--type: \"nothing\" is no type (expected: one of analytics, customer, inventory, " + type + ", order)",
                Command.run("rebuild", here, "--type=nothing"));
        requireRefusal(
                "sluice.embedded.data-dir: \"" + nothing + "\" has no endpoints.properties",
                Command.run("verify", List.of("--sluice.embedded.data-dir=" + nothing)));
        requireRefusal("sluice.limits.dept", Command.run("verify", here, "--sluice.limits.dept=3"));
        requireRefusal(
                "Redis does not answer",
                Command.run(
                        "verify",
                        Writer.types(type),
                        "--sluice.kafka.bootstrap-servers=127.0.0.1:1",
                        "--sluice.postgres.url=postgresql://a:b@127.0.0.1:1/c",
                        "--sluice.redis.url=redis://127.0.0.1:1"));
        requireRefusal(
                "PostgreSQL does not answer",
                Command.run(
                        "verify",
                        Writer.types(type),
                        "--sluice.kafka.bootstrap-servers=127.0.0.1:1",
                        "--sluice.postgres.url=postgresql://a:b@127.0.0.1:1/c",
                        "--sluice.redis.url=" + Stack.endpoints().redis()));
    }

    private static void requireRefusal(String expected, Command command) {
        assertThat(command.exit()).as(command.toString()).isEqualTo(2);
        assertThat(command.err().lines()).as(command.toString()).hasSize(1);
        assertThat(command.err()).contains(expected);
    }
}
