package io.sluice.gateway.journal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.r2dbc.spi.Connection;
import io.r2dbc.spi.R2dbcException;
import io.sluice.embedded.PartsProcess;
import io.sluice.embedded.PartsSettings;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Random;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import reactor.core.publisher.Flux;

/** Whatever is put into columns, PostgreSQL has the same. */
class ColumnsTest {

    private static final Columns.Shape SHAPE = Columns.Shape.of("t text, n bigint, b text, i int, at timestamptz");
    private static final String[] PIECES = {
        "\"", "\\", "{", "}", ",", "NULL", "null", " ", "\n", "\t", "'", "$1", "a", "Z", "é", "ß", "漢", "😀", "\u0001",
        "\u007f"
    };

    private static final long EARLIEST = Instant.parse("0001-01-01T00:00:00Z").getEpochSecond();
    private static final long LATEST = Instant.parse("9999-12-31T23:59:59Z").getEpochSecond();

    @TempDir
    private static Path dataDir;

    private static PartsProcess parts;
    private static Database database;

    @BeforeAll
    static void start() {
        parts = PartsProcess.start(new PartsSettings(dataDir, 0, false, true, false), PartsProcess.ownCommand());
        database = new Database(Objects.requireNonNull(parts.await().postgres()), 2);
    }

    @AfterAll
    static void stop() {
        database.close();
        parts.close();
    }

    private record Values(
            @Nullable String t,
            @Nullable Long n,
            @Nullable String b,
            @Nullable Integer i,
            @Nullable Instant at) {}

    @Test
    void whateverIsPutIntoARowComesOutOfIt() {
        long seed = Long.getLong("sluice.test.seed", System.nanoTime());
        Random random = new Random(seed);
        for (int round = 0; round < 50; round++) {
            List<Values> rows = new ArrayList<>();
            for (int row = random.nextInt(200); row > 0; row--) {
                rows.add(new Values(
                        text(random),
                        random.nextInt(3) == 0 ? null : random.nextLong(),
                        text(random),
                        random.nextInt(3) == 0 ? null : random.nextInt(),
                        random.nextInt(3) == 0 ? null : time(random)));
            }
            assertThat(selected(columns(rows))).as("-Dsluice.test.seed=" + seed).isEqualTo(rows);
        }
    }

    private static @Nullable String text(Random random) {
        if (random.nextInt(4) == 0) {
            return null;
        }
        StringBuilder text = new StringBuilder();
        for (int pieces = random.nextInt(random.nextInt(10) == 0 ? 2_000 : 8); pieces > 0; pieces--) {
            text.append(PIECES[random.nextInt(PIECES.length)]);
        }
        return text.toString();
    }

    /** In microseconds, of all years that may come. */
    private static Instant time(Random random) {
        return Instant.ofEpochSecond(random.nextLong(EARLIEST, LATEST), random.nextInt(1_000_000) * 1_000L);
    }

    private static Columns columns(List<Values> rows) {
        Columns columns = new Columns(SHAPE);
        for (Values row : rows) {
            columns.next().put("t", row.t());
            if (row.n() != null) {
                columns.put("n", row.n());
            }
            if (row.b() != null) {
                columns.put("b", row.b().getBytes(StandardCharsets.UTF_8));
            }
            if (row.i() != null) {
                columns.put("i", row.i());
            }
            if (row.at() != null) {
                columns.put("at", row.at());
            }
        }
        return columns;
    }

    private static List<Values> selected(Columns columns) {
        return Objects.requireNonNull(Flux.usingWhen(
                        database.pool().create(),
                        connection -> Flux.from(columns.bind(
                                                connection.createStatement("select * from " + SHAPE.rows(1, "r")), 0)
                                        .execute())
                                .concatMap(result -> result.map(row -> new Values(
                                        row.get("t", String.class),
                                        row.get("n", Long.class),
                                        row.get("b", String.class),
                                        row.get("i", Integer.class),
                                        row.get("at", Instant.class)))),
                        Connection::close)
                .collectList()
                .block());
    }

    @Test
    void whatPostgresqlCannotHoldItRefuses() {
        assertThatThrownBy(() -> selected(new Columns(SHAPE).next().put("at", Instant.ofEpochMilli(Long.MAX_VALUE))))
                .isInstanceOf(R2dbcException.class)
                .hasMessageContaining("timestamp out of range");
        assertThatThrownBy(() -> selected(new Columns(SHAPE).next().put("t", "a\u0000b")))
                .isInstanceOf(R2dbcException.class)
                .hasMessageContaining("invalid byte sequence");
    }

    @Test
    void theSameRowsCanBeBoundAgain() {
        Columns columns = new Columns(SHAPE).next().put("n", 1).next().put("t", "a");
        List<Values> rows = List.of(new Values(null, 1L, null, null, null), new Values("a", null, null, null, null));

        assertThat(selected(columns)).isEqualTo(rows);
        assertThat(selected(columns)).isEqualTo(rows);
    }

    @Test
    void whatIsNoValueOfAColumnIsRefused() {
        assertThatThrownBy(() -> new Columns(SHAPE).next().put("at", 1))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("column: at is TIMESTAMPTZ (expected: [INT, BIGINT])");
        assertThatThrownBy(() -> new Columns(SHAPE).next().put("n", "12345678"))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("column: n is BIGINT (expected: [TEXT])");
    }

    @Test
    void aColumnThatThereIsNotIsRefused() {
        assertThatThrownBy(() -> new Columns(SHAPE).next().put("x", 1))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("column: x (expected: one of " + List.of("t", "n", "b", "i", "at") + ")");
    }
}
