package io.sluice.gateway.journal;

import static org.assertj.core.api.Assertions.assertThat;

import io.sluice.embedded.PartsProcess;
import io.sluice.embedded.PartsSettings;
import io.sluice.resolver.ContextKey;
import io.sluice.resolver.ContextState;
import io.sluice.resolver.Revision;
import java.net.URI;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.function.Supplier;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** A journal of many rows in many slices, of which {@code -Dsluice.journal.rows=1000000} makes more, in a PostgreSQL of its own. */
class PastReadsAtScaleTest {

    private static final int HOT_VERSIONS = 100_000;
    private static final int OTHERS = Integer.getInteger("sluice.journal.rows", 150_000) - HOT_VERSIONS;
    private static final int CONTEXTS = 1_000;
    private static final Instant BEGIN = Instant.parse("2026-01-01T00:00:00Z");
    private static final ContextKey HOT = key("hot");

    private static final int SLICES = 100;

    /** So many pages of 8 KB may a read of one context touch, of indexes and rows together: a few of each slice. */
    private static final int PAGES = 8 * SLICES;

    @TempDir
    static Path dataDir;

    private static PartsProcess parts;
    private static Database database;
    private static Journal journal;
    private static Connection connection;

    @BeforeAll
    static void fill() throws SQLException {
        parts = PartsProcess.start(new PartsSettings(dataDir, 0, false, true, false), PartsProcess.ownCommand());
        String url = Objects.requireNonNull(parts.await().postgres());
        database = new Database(url, 4);
        database.migrate();
        journal = new Journal(database);
        URI uri = URI.create(url);
        String[] user = uri.getUserInfo().split(":", 2);
        connection = DriverManager.getConnection(
                "jdbc:postgresql://" + uri.getHost() + ":" + uri.getPort() + uri.getPath(), user[0], user[1]);
        makeSlices();
        insert("'k' || (g %% %1$s)".formatted(CONTEXTS), "g / %s + 1".formatted(CONTEXTS), 0, OTHERS);
        insert("'hot'", "g - %s + 1".formatted(OTHERS), OTHERS, OTHERS + HOT_VERSIONS);
        execute("""
                insert into states (tenant, type, id, incarnation, version, document, clock, writer, event_id, event_type,
                  event_time, topic, partition, source_offset, log_time)
                select distinct on (tenant, type, id) tenant, type, id, incarnation, version, document, '', writer, event_id,
                  event_type, event_time, topic, partition, source_offset, log_time
                from journal order by tenant, type, id, version desc""");
        execute("vacuum analyze journal");
        execute("vacuum analyze states");
    }

    /** All of the same log time, as upkeep makes them while that goes by. */
    private static void makeSlices() throws SQLException {
        execute("alter table journal detach partition journal_before");
        execute("alter table journal detach partition journal_after");
        execute("alter table journal attach partition journal_before for values from (minvalue) to ('" + BEGIN + "')");
        execute("alter table journal attach partition journal_after for values from ('" + BEGIN + "') to (maxvalue)");
        Duration each = Duration.ofSeconds((OTHERS + HOT_VERSIONS) / SLICES);
        for (int i = 0; i < SLICES; i++) {
            journal.keep(BEGIN.plus(each.multipliedBy(i)), each, Duration.ZERO, Map.of())
                    .block();
        }
    }

    /** One event a second. */
    private static void insert(String id, String version, int from, int to) throws SQLException {
        execute("""
                insert into journal (topic, partition, source_offset, log_time, tenant, type, id, resolution, incarnation,
                  version, document, delta, change, writer, event_id, event_type, event_time, content)
                select 'order-events', 0, g, timestamptz '%s' + g * interval '1 s', 'default', 'order', %s, 'applied', 1,
                  %s, '{"n":' || g || ',"text":"' || repeat('x', 150) || '"}', '{"n":' || g || '}', 'patch', 'http', 'e' || g,
                  'io.sluice.order.changed', timestamptz '%s', 'c'
                from generate_series(%s, %s - 1) as g""".formatted(BEGIN, id, version, BEGIN, from, to));
    }

    @AfterAll
    static void stop() throws SQLException {
        connection.close();
        database.close();
        parts.close();
    }

    private static ContextKey key(String id) {
        return new ContextKey(ContextKey.DEFAULT_TENANT, "order", id);
    }

    @Test
    void aReadOfThePastTouchesFewPagesHoweverManyVersionsAContextHas() throws SQLException {
        Instant inTheMiddle = time(OTHERS + HOT_VERSIONS / 2);
        assertThat(journal.statesAt(List.of(HOT), inTheMiddle).block().get(HOT).revision())
                .isEqualTo(new Revision(1, HOT_VERSIONS / 2 + 1));
        assertThat(journal.version(HOT, new Revision(1, 77_777))
                        .block()
                        .state()
                        .position()
                        .offset())
                .isEqualTo(OTHERS + 77_776);

        String hot = StoreJson.keys(List.of(HOT)).parameter().asString();
        for (int second : new int[] {OTHERS, OTHERS + 1, OTHERS + HOT_VERSIONS / 2, OTHERS + HOT_VERSIONS + 5}) {
            String at = "'%s', '%s', 1000000".formatted(hot, time(second));
            assertThat(pages(Sql.STATES_AT, "text, timestamptz, bigint", at))
                    .as(at)
                    .isLessThan(PAGES);
        }
        String version = "'default', 'order', 'hot', 1, 77777, 77777, 1, 1000000";
        assertThat(pages(Sql.VERSIONS, "text, text, text, bigint, bigint, bigint, int, bigint", version))
                .isLessThan(PAGES);
        String newest = "'default', 'order', 'hot', 9223372036854775807, 101, 1000000";
        assertThat(pages(Sql.HISTORY_NEWEST_FIRST, "text, text, text, bigint, int, bigint", newest))
                .isLessThan(PAGES);
        String middle = "'default', 'order', 'hot', %s, 101, 1000000".formatted(OTHERS + HOT_VERSIONS / 2);
        assertThat(pages(Sql.HISTORY_OLDEST_FIRST, "text, text, text, bigint, int, bigint", middle))
                .isLessThan(PAGES);
    }

    @Test
    void whatWasSoAtAnInstantIsFoundWhereverInTheHistoryItIs() {
        Random random = new Random(7);
        long[] hot = new long[1_000];
        long[] any = new long[1_000];
        long[] versions = new long[1_000];
        long[] cuts = new long[20];
        for (int i = 0; i < hot.length; i++) {
            int version = 1 + random.nextInt(HOT_VERSIONS);
            hot[i] = took(() -> stateAt(HOT, time(OTHERS + version - 1)), new Revision(1, version));
            int row = random.nextInt(OTHERS);
            ContextKey key = key("k" + row % CONTEXTS);
            any[i] = took(() -> stateAt(key, time(row)), new Revision(1, row / CONTEXTS + 1));
            versions[i] = took(
                    () -> journal.version(HOT, new Revision(1, version)).block().state(), new Revision(1, version));
        }
        List<ContextKey> all =
                IntStream.range(0, CONTEXTS).mapToObj(k -> key("k" + k)).toList();
        for (int i = 0; i < cuts.length; i++) {
            int round = 1 + random.nextInt(OTHERS / CONTEXTS - 1);
            long begin = System.nanoTime();
            Map<ContextKey, ContextState> cut =
                    journal.statesAt(all, time(round * CONTEXTS - 1)).block();
            cuts[i] = System.nanoTime() - begin;
            assertThat(cut).hasSize(CONTEXTS);
            assertThat(cut.values()).allMatch(state -> state.revision().version() == round);
        }
        System.out.printf(
                "%d rows%nat an instant, of a context with %d versions: %s%nat an instant, of any: %s%na version: %s%n"
                        + "%d contexts at an instant: %s%n",
                OTHERS + HOT_VERSIONS, HOT_VERSIONS, shown(hot), shown(any), shown(versions), CONTEXTS, shown(cuts));
    }

    private static ContextState stateAt(ContextKey key, Instant time) {
        return journal.statesAt(List.of(key), time).block().get(key);
    }

    private static long took(Supplier<ContextState> read, Revision expected) {
        long begin = System.nanoTime();
        ContextState state = read.get();
        long took = System.nanoTime() - begin;
        assertThat(state.revision()).isEqualTo(expected);
        return took;
    }

    private static String shown(long[] nanos) {
        long[] sorted = nanos.clone();
        Arrays.sort(sorted);
        return "p50 " + shown(sorted[sorted.length / 2]) + ", p95 " + shown(sorted[sorted.length * 95 / 100]) + ", max "
                + shown(sorted[sorted.length - 1]);
    }

    private static String shown(long nanos) {
        return nanos / 10_000 / 100.0 + " ms";
    }

    private static Instant time(int second) {
        return BEGIN.plusSeconds(second);
    }

    /** What PostgreSQL has read for it, whether from memory or not. */
    private static long pages(String sql, String types, String arguments) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            statement.execute("prepare asked (" + types + ") as " + sql);
            try (ResultSet result = statement.executeQuery(
                    "explain (analyze, buffers, format json) execute asked (" + arguments + ")")) {
                result.next();
                JsonNode plan =
                        JsonMapper.shared().readTree(result.getString(1)).get(0).get("Plan");
                return plan.get("Shared Hit Blocks").asLong()
                        + plan.get("Shared Read Blocks").asLong();
            } finally {
                statement.execute("deallocate asked");
            }
        }
    }

    private static void execute(String sql) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            statement.execute(sql);
        }
    }
}
