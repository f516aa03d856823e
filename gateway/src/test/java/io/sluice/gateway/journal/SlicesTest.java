package io.sluice.gateway.journal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.sluice.embedded.PartsProcess;
import io.sluice.embedded.PartsSettings;
import io.sluice.gateway.journal.Journal.Slices;
import io.sluice.resolver.ContextKey;
import io.sluice.resolver.NoLongerKeptException;
import io.sluice.resolver.Partition;
import io.sluice.resolver.RecentIdentities.Seen;
import io.sluice.resolver.Revision;
import io.sluice.resolver.UnavailableException;
import java.net.URI;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicInteger;
import org.flywaydb.core.Flyway;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

/** The journal in slices, in a PostgreSQL of its own, with a new database for each test. Slices are of a day, and begin with 2026. */
class SlicesTest {

    private static final Instant BEGIN = Instant.parse("2026-01-01T00:00:00Z");
    private static final Duration DAY = Duration.ofDays(1);
    private static final Duration TEN_DAYS = Duration.ofDays(10);
    private static final Partition PARTITION = new Partition("order-events", 0);
    private static final ContextKey KEY = new ContextKey(ContextKey.DEFAULT_TENANT, "order", "1");
    private static final AtomicInteger databases = new AtomicInteger();

    @TempDir
    static Path dataDir;

    private static PartsProcess parts;
    private static String server;

    private Connection connection;
    private Database database;
    private Journal journal;

    @BeforeAll
    static void start() {
        parts = PartsProcess.start(new PartsSettings(dataDir, 0, false, true, false), PartsProcess.ownCommand());
        server = Objects.requireNonNull(parts.await().postgres());
    }

    @AfterAll
    static void stop() {
        parts.close();
    }

    @BeforeEach
    void create() throws SQLException {
        String name = "slices" + databases.incrementAndGet();
        try (Connection any = connect(server)) {
            any.createStatement().execute("create database " + name);
        }
        String url = server.substring(0, server.lastIndexOf('/') + 1) + name;
        connection = connect(url);
        database = new Database(url, 8);
        journal = new Journal(database);
    }

    @AfterEach
    void close() throws SQLException {
        database.close();
        connection.close();
    }

    private static Connection connect(String url) throws SQLException {
        URI uri = URI.create(url);
        String[] user = uri.getUserInfo().split(":", 2);
        return DriverManager.getConnection(
                "jdbc:postgresql://" + uri.getHost() + ":" + uri.getPort() + uri.getPath(), user[0], user[1]);
    }

    private void execute(String sql) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            statement.execute(sql);
        }
    }

    private List<String> read(String sql) throws SQLException {
        try (Statement statement = connection.createStatement();
                ResultSet rows = statement.executeQuery(sql)) {
            List<String> found = new ArrayList<>();
            while (rows.next()) {
                found.add(rows.getString(1));
            }
            return found;
        }
    }

    /** A database whose slices begin with 2026, whatever the year. */
    private void migrate() throws SQLException {
        database.migrate();
        execute("alter table journal detach partition journal_before");
        execute("alter table journal detach partition journal_after");
        execute("alter table journal attach partition journal_before for values from (minvalue) to ('" + BEGIN + "')");
        execute("alter table journal attach partition journal_after for values from ('" + BEGIN + "') to (maxvalue)");
        execute("insert into progress (topic, partition, epoch, next_offset, announced_offset)"
                + " values ('order-events', 0, 1, 0, 0)");
    }

    private static Instant day(int number) {
        return BEGIN.plus(DAY.multipliedBy(number));
    }

    /** Nothing is dropped. */
    private Slices make(int today) {
        return Objects.requireNonNull(
                journal.keep(day(today), DAY, Duration.ZERO, Map.of()).block());
    }

    /** @param end of the log of the partition */
    private Slices keep(int today, long end) {
        return Objects.requireNonNull(
                journal.keep(day(today), DAY, TEN_DAYS, Map.of(PARTITION, end)).block());
    }

    /** An event a day at noon, from the first on, each a version: stored and announced. */
    private void writeDays(int days) throws SQLException {
        for (int i = 0; i < days; i++) {
            write(i, day(i).plus(Duration.ofHours(12)).toString());
        }
        announce(days);
    }

    private void write(long offset, String time) throws SQLException {
        execute("""
                insert into journal (topic, partition, source_offset, log_time, tenant, type, id, resolution, incarnation,
                  version, document, delta, change, writer, event_id, event_type, event_time, content)
                values ('order-events', 0, %1$s, '%2$s', 'default', 'order', '1', 'applied', 1, %1$s + 1,
                  '{"n":%1$s}', '{"n":%1$s}', 'patch', 'http', 'e%1$s', 'changed', '%2$s',
                  '00000000000000000000000000000000')""".formatted(offset, time));
        execute("""
                insert into states (tenant, type, id, incarnation, version, document, clock, writer, event_id, event_type,
                  event_time, topic, partition, source_offset, log_time)
                select tenant, type, id, incarnation, version, document, '', writer, event_id, event_type, event_time, topic,
                  partition, source_offset, log_time from journal where source_offset = %s
                on conflict (tenant, type, id) do update set (version, document, event_id, source_offset, log_time)
                  = (excluded.version, excluded.document, excluded.event_id, excluded.source_offset, excluded.log_time)""".formatted(offset));
        execute("update progress set next_offset = " + (offset + 1) + ", log_time = '" + time + "'");
    }

    private void announce(long next) throws SQLException {
        execute("update progress set announced_offset = " + next);
    }

    private List<String> offsets() throws SQLException {
        return read("select source_offset from journal order by source_offset");
    }

    private List<String> offsetsOf(String slice) throws SQLException {
        return read("select source_offset from " + slice + " order by source_offset");
    }

    @Test
    void rowsOfADatabaseFromBeforeAreThereAfterTheUpgrade() throws SQLException {
        Flyway.configure()
                .dataSource(
                        connection.getMetaData().getURL(),
                        URI.create(server).getUserInfo().split(":")[0],
                        URI.create(server).getUserInfo().split(":")[1])
                .target("3")
                .load()
                .migrate();
        execute("insert into progress (topic, partition, epoch, next_offset, announced_offset)"
                + " values ('order-events', 0, 1, 0, 0)");
        String[] times = {
            "1970-01-01T00:00:00Z", "2026-01-02T00:00:00Z", Instant.now().toString(), "2999-01-01T00:00:00Z"
        };
        for (int i = 0; i < times.length; i++) {
            write(i, times[i]);
        }

        database.migrate();

        assertThat(offsetsOf("journal_before")).containsExactly("0", "1", "2");
        assertThat(offsetsOf("journal_after")).containsExactly("3");
        assertThat(journal.history(KEY, Long.MAX_VALUE, false, 10).block().entries())
                .extracting(entry -> entry.position().offset())
                .containsExactly(3L, 2L, 1L, 0L);
        assertThat(journal.version(KEY, new Revision(1, 2)).block().delta().toString())
                .isEqualTo("{\"n\":1}");
        assertThat(journal.load(List.of(KEY)).block().get(KEY).identities().seen())
                .hasSize(4);
        // And it goes on.
        write(4, Instant.now().toString());
        assertThat(offsets()).hasSize(5);
    }

    @Test
    void aSliceIsAlwaysAheadOfTimeAndThereIsNoGap() throws SQLException {
        migrate();
        assertThat(make(0).made()).isEqualTo(2);
        assertThat(make(0).made()).isZero();
        assertThat(make(1).made()).isEqualTo(1);
        assertThat(read("select name from journal_slices order by since nulls first"))
                .containsExactly(
                        "journal_before",
                        "journal_20260101t000000",
                        "journal_20260102t000000",
                        "journal_20260103t000000",
                        "journal_after");
        // Nobody was there for long, and wants others now.
        assertThat(journal.keep(day(100), Duration.ofDays(7), Duration.ZERO, Map.of())
                        .block()
                        .made())
                .isEqualTo(3);
        assertThat(read("select (lag(until) over (order by since nulls first) = since)::text from journal_slices"))
                .containsExactly(null, "true", "true", "true", "true", "true", "true", "true");
        assertThat(read("select max(since)::timestamptz at time zone 'UTC' from journal_slices")
                        .getFirst())
                .startsWith("2026-04-19");
    }

    @Test
    void aRowOfAnyLogTimeIsTakenAndComesIntoTheSliceThatIsMadeForIt() throws SQLException {
        migrate();
        make(0);
        String[] times = {
            "0001-01-01T00:00:00Z",
            "1970-01-01T00:00:00Z",
            "2026-01-01T00:00:00Z",
            "2026-01-04T12:00:00Z",
            "9999-12-31T00:00:00Z"
        };
        for (int i = 0; i < times.length; i++) {
            write(i, times[i]);
        }
        assertThat(offsetsOf("journal_before")).containsExactly("0", "1");
        assertThat(offsetsOf("journal_20260101t000000")).containsExactly("2");
        assertThat(offsetsOf("journal_after")).containsExactly("3", "4");
        make(3);
        assertThat(offsetsOf("journal_20260104t000000")).containsExactly("3");
        assertThat(offsetsOf("journal_after")).containsExactly("4");
        assertThat(offsets()).hasSize(5);
    }

    @Test
    void onlyWholeSlicesAreDroppedAndOnlyWhenAllOfThemIsOlderThanTheRetention() throws SQLException {
        migrate();
        for (int i = 0; i < 20; i++) {
            make(i);
        }
        writeDays(20);
        assertThat(keep(10, 20).dropped()).isZero();
        assertThat(offsets()).hasSize(20);

        Slices dropped = Objects.requireNonNull(
                journal.keep(day(13).plus(Duration.ofHours(23)), DAY, TEN_DAYS, Map.of(PARTITION, 20L))
                        .block());
        assertThat(dropped.dropped())
                .as("what is before the first slice, and three")
                .isEqualTo(4);
        assertThat(offsets()).hasSize(17).startsWith("3");
        assertThat(read("select kept_from from progress")).containsExactly("3");
        assertThat(journal.stored(List.of(PARTITION)).block().getFirst().keptSince())
                .isEqualTo(day(3));
        // What comes late still has its place.
        write(20, "2025-12-01T00:00:00Z");
        assertThat(offsetsOf("journal_before")).containsExactly("20");
        assertThat(keep(13, 21).dropped()).isZero();
        announce(21);
        assertThat(keep(14, 21).dropped()).isEqualTo(2);
        assertThat(offsets()).startsWith("4").hasSize(16);
        assertThat(make(50).dropped()).isZero();
    }

    @Test
    void whatIsNotAnnouncedIsNotDropped() throws SQLException {
        migrate();
        for (int i = 0; i < 8; i++) {
            make(i);
        }
        writeDays(8);
        announce(3);
        Slices kept = keep(100, 8);
        assertThat(kept.dropped()).as("what is before, and the first three").isEqualTo(4);
        assertThat(kept.neededBy()).contains("order-events-0").contains("not announced");
        assertThat(kept.overdue()).isPositive();
        assertThat(journal.toAnnounce(PARTITION, 3, 8).collectList().block()).hasSize(5);
        announce(8);
        Slices after = keep(100, 8);
        assertThat(after.neededBy()).isNull();
        assertThat(after.overdue()).isZero();
        assertThat(offsets()).isEmpty();
    }

    @Test
    void whatARepeatInTheRestOfTheLogMayBeOfIsNotDropped() throws SQLException {
        migrate();
        for (int i = 0; i < 8; i++) {
            make(i);
        }
        writeDays(6);
        Slices behind = keep(100, 7);
        assertThat(behind.neededBy()).contains("order-events-0").contains("repeat");
        // The last event is of the sixth day: what is a day older than that cannot be repeated by what comes.
        assertThat(offsets()).containsExactly("4", "5");
        Slices unknown = Objects.requireNonNull(
                journal.keep(day(100), DAY, TEN_DAYS, Map.of()).block());
        assertThat(unknown.dropped()).isZero();
        assertThat(keep(100, 6).neededBy()).isNull();
        assertThat(offsets()).isEmpty();
    }

    @Test
    void whatIsReadAfterADropIsRightOrSaysThatItIsNoLongerKept() throws SQLException {
        migrate();
        for (int i = 0; i < 20; i++) {
            make(i);
        }
        writeDays(20);
        keep(15, 20);
        assertThat(offsets()).startsWith("5");

        assertThat(journal.load(List.of(KEY)).block().get(KEY).identities().seen())
                .extracting(Seen::time)
                .hasSize(15)
                .startsWith(day(5).plus(Duration.ofHours(12)));
        for (int i = 0; i < 20; i++) {
            long version = i + 1;
            Instant then = day(i).plus(Duration.ofHours(13));
            if (i < 5) {
                assertThatThrownBy(() -> journal.state(KEY, version, 0).block())
                        .isInstanceOfSatisfying(
                                NoLongerKeptException.class,
                                e -> assertThat(e.keptSince()).isEqualTo(day(5).plus(Duration.ofHours(12))))
                        .hasMessageContaining("version 6");
                assertThatThrownBy(() -> journal.statesAt(List.of(KEY), then).block())
                        .isInstanceOf(NoLongerKeptException.class);
            } else {
                assertThat(journal.state(KEY, version, 0).block().revision().version())
                        .isEqualTo(version);
                assertThat(journal.statesAt(List.of(KEY), then)
                                .block()
                                .get(KEY)
                                .revision()
                                .version())
                        .isEqualTo(version);
            }
        }
        assertThat(journal.state(KEY, 21, 0).block()).isNull();
        assertThat(journal.state(KEY, 1, 2).block()).isNull();
        assertThat(journal.behind(List.of(PARTITION), day(5)).block()).containsEntry(PARTITION, 5L);
        assertThat(journal.behind(List.of(PARTITION), day(8)).block()).containsEntry(PARTITION, 8L);

        keep(100, 20);
        assertThat(offsets()).isEmpty();
        assertThat(journal.state(KEY, 20, 0).block().document().toString())
                .isEqualTo(
                        journal.states(List.of(KEY)).block().get(KEY).document().toString());
        assertThat(journal.statesAt(List.of(KEY), day(20)).block().get(KEY).revision())
                .isEqualTo(new Revision(1, 20));
        assertThatThrownBy(() -> journal.statesAt(List.of(KEY), day(19)).block())
                .isInstanceOf(NoLongerKeptException.class)
                .hasMessageContaining("version 20");
        assertThat(journal.behind(List.of(PARTITION), day(90)).block()).containsEntry(PARTITION, 20L);
    }

    @Test
    void ofAnEarlierLifeItIsToldWhetherItWasDroppedOrNeverWas() throws SQLException {
        migrate();
        for (int i = 0; i < 6; i++) {
            make(i);
        }
        writeDays(6);
        execute("update journal set incarnation = 1 + source_offset / 2, version = 1 + source_offset % 2");
        execute("update states set incarnation = 3, version = 2");
        keep(13, 6);
        assertThat(offsets()).containsExactly("3", "4", "5");
        assertThatThrownBy(() -> journal.state(KEY, 1, 1).block()).isInstanceOf(NoLongerKeptException.class);
        assertThatThrownBy(() -> journal.state(KEY, 1, 2).block()).isInstanceOf(NoLongerKeptException.class);
        assertThat(journal.state(KEY, 2, 2).block().revision()).isEqualTo(new Revision(2, 2));
        assertThat(journal.state(KEY, 3, 2).block()).isNull();
        assertThat(journal.state(KEY, 1, 0).block().revision()).isEqualTo(new Revision(3, 1));
        assertThat(journal.state(KEY, 3, 0).block()).isNull();
        assertThat(journal.statesAt(List.of(KEY), day(4)).block().get(KEY).revision())
                .isEqualTo(new Revision(2, 2));
        assertThatThrownBy(() -> journal.statesAt(List.of(KEY), day(3)).block())
                .isInstanceOf(NoLongerKeptException.class);
        assertThatThrownBy(() -> journal.statesAt(List.of(KEY), day(1)).block())
                .isInstanceOf(NoLongerKeptException.class);
    }

    @Test
    void aContextOfWhichNothingWasDroppedWasNotThereBeforeItsBeginning() throws SQLException {
        migrate();
        for (int i = 0; i < 20; i++) {
            make(i);
        }
        writeDays(20);
        ContextKey other = new ContextKey(ContextKey.DEFAULT_TENANT, "order", "2");
        for (String table : List.of("journal", "states")) {
            execute("update " + table + " set id = '2', version = version - 15 where source_offset >= 15");
        }
        keep(15, 20);
        assertThat(journal.statesAt(List.of(other), day(12)).block()).isEmpty();
        assertThat(journal.statesAt(List.of(other), day(2)).block()).isEmpty();
        assertThat(journal.statesAt(List.of(other), day(17)).block().get(other).revision())
                .isEqualTo(new Revision(1, 2));
    }

    @Test
    void anyNumberMayDoItAtOnceWhileOthersWriteAndRead() throws SQLException {
        migrate();
        make(0);
        writeDays(1);
        for (int i = 1; i < 30; i++) {
            int today = i;
            write(i, day(i).toString());
            announce(i + 1);
            List<Slices> all = Flux.range(0, 6)
                    .flatMap(any -> Mono.when(journal.history(KEY, Long.MAX_VALUE, false, 5))
                            .then(journal.keep(day(today), DAY, TEN_DAYS, Map.of(PARTITION, today + 1L))))
                    .collectList()
                    .block();
            assertThat(all.stream().mapToInt(Slices::made).sum()).isEqualTo(1);
        }
        assertThat(offsets()).hasSize(11).startsWith("19");
        assertThat(read("select count(*) from journal_slices")).containsExactly("14");
        assertThat(read("select count(*) from pg_class where relname like 'journal\\_%' and relkind = 'r'"))
                .containsExactly("14");
    }

    @Test
    void whoReadsForLongIsNotDisturbedAndItIsDoneLater() throws SQLException {
        migrate();
        execute("begin");
        read("select count(*) from journal");
        assertThatThrownBy(() -> make(0))
                .isInstanceOf(UnavailableException.class)
                .hasMessageContaining("lock timeout");
        execute("commit");
        assertThat(make(0).made()).isEqualTo(2);
    }
}
