package io.sluice.gateway.journal;

import io.r2dbc.postgresql.codec.PostgresqlObjectId;
import io.r2dbc.spi.Statement;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * Many rows as the parameters of one statement, an array for each column, as PostgreSQL takes arrays in binary: nothing is
 * escaped here, and nothing parsed there. The connection needs a {@link ColumnCodec}. Not safe for use by several threads.
 */
final class Columns implements Row {

    private static final int BYTES = 1 << 10;

    private static final int MAX_BYTES = Integer.MAX_VALUE - 8;

    /** Dimensions, whether nulls are among the elements, their type, how many they are, and the number of the first. */
    private static final int HEADER = 5 * Integer.BYTES;

    /** PostgreSQL counts its microseconds from 2000-01-01. */
    private static final long EPOCH_SECOND = 946_684_800;

    private static final long MICROS = 1_000_000;

    /** The types that there are columns of. */
    enum Kind {
        TEXT(PostgresqlObjectId.TEXT, PostgresqlObjectId.TEXT_ARRAY),
        INT(PostgresqlObjectId.INT4, PostgresqlObjectId.INT4_ARRAY),
        BIGINT(PostgresqlObjectId.INT8, PostgresqlObjectId.INT8_ARRAY),
        TIMESTAMPTZ(PostgresqlObjectId.TIMESTAMPTZ, PostgresqlObjectId.TIMESTAMPTZ_ARRAY);

        private final int element;
        private final int array;

        Kind(PostgresqlObjectId element, PostgresqlObjectId array) {
            this.element = element.getObjectId();
            this.array = array.getObjectId();
        }
    }

    /** Name and type of a column. */
    record Head(String name, Kind kind) {

        private static Head of(String column) {
            String[] words = column.strip().split(" ");
            return new Head(words[0], Kind.valueOf(words[1].toUpperCase(Locale.ROOT)));
        }
    }

    /** @param places of the names */
    record Shape(List<Head> heads, Map<String, Integer> places) {

        /** @param columns {@code name type, ...} */
        static Shape of(String columns) {
            List<Head> heads = Arrays.stream(columns.split(",")).map(Head::of).toList();
            Map<String, Integer> places = new HashMap<>();
            heads.forEach(head -> places.put(head.name(), places.size()));
            return new Shape(heads, places);
        }

        int size() {
            return heads.size();
        }

        /** The rows, in a {@code from}. @param first the number of the first parameter */
        String rows(int first, String name) {
            String arrays = IntStream.range(0, heads.size())
                    .mapToObj(i -> "$" + (first + i) + "::" + heads.get(i).kind() + "[]")
                    .collect(Collectors.joining(", "));
            String names = heads.stream().map(Head::name).collect(Collectors.joining(", "));
            return "unnest(" + arrays + ") as " + name + " (" + names + ")";
        }
    }

    /** A parameter for {@link ColumnCodec}. @param type the number that PostgreSQL has for it */
    record ArrayParameter(int type, ByteBuffer array) {}

    private final Shape shape;
    private final List<Column> columns = new ArrayList<>();
    private int rows;

    Columns(Shape shape) {
        this.shape = shape;
        shape.heads().forEach(head -> columns.add(new Column(head)));
    }

    private static final class Column {

        private final Head head;
        private ByteBuffer array = ByteBuffer.allocate(BYTES).position(HEADER);
        private int filled;
        private boolean nulls;

        Column(Head head) {
            this.head = head;
        }

        /** Rows that had nothing to say in this column have null there. */
        void fill(int until) {
            for (; filled < until; filled++) {
                room(Integer.BYTES).putInt(-1);
                nulls = true;
            }
        }

        /** Begins an element of the row, which is the last. */
        ByteBuffer element(int row, int length) {
            fill(row - 1);
            filled++;
            return room(Integer.BYTES + length).putInt(length);
        }

        private ByteBuffer room(int more) {
            if (array.remaining() < more) {
                int needed = Math.addExact(array.position(), more);
                array = ByteBuffer.allocate(Math.max(needed, (int) Math.min(MAX_BYTES, 2L * array.capacity())))
                        .put(array.flip());
            }
            return array;
        }

        ArrayParameter parameter(int rows) {
            fill(rows);
            array.putInt(0, rows == 0 ? 0 : 1)
                    .putInt(Integer.BYTES, nulls ? 1 : 0)
                    .putInt(2 * Integer.BYTES, head.kind().element)
                    .putInt(3 * Integer.BYTES, rows)
                    .putInt(4 * Integer.BYTES, 1);
            // Of none there is no dimension to be told.
            int end = rows == 0 ? 3 * Integer.BYTES : array.position();
            return new ArrayParameter(head.kind().array, array.slice(0, end));
        }
    }

    @Override
    public Columns next() {
        rows++;
        return this;
    }

    @Override
    public Columns put(String column, @Nullable String value) {
        return value == null ? this : put(column, value.getBytes(StandardCharsets.UTF_8));
    }

    @Override
    public Columns put(String column, byte[] utf8) {
        column(column, Kind.TEXT).element(rows, utf8.length).put(utf8);
        return this;
    }

    @Override
    public Columns put(String column, long value) {
        Column found = column(column, Kind.INT, Kind.BIGINT);
        if (found.head.kind() == Kind.INT) {
            found.element(rows, Integer.BYTES).putInt(Math.toIntExact(value));
        } else {
            found.element(rows, Long.BYTES).putLong(value);
        }
        return this;
    }

    @Override
    public Columns put(String column, Instant value) {
        column(column, Kind.TIMESTAMPTZ).element(rows, Long.BYTES).putLong(micros(value));
        return this;
    }

    /** What does not fit is a number that PostgreSQL refuses. */
    private static long micros(Instant time) {
        long seconds = time.getEpochSecond() - EPOCH_SECOND;
        if (Math.abs(seconds) > Long.MAX_VALUE / MICROS - 1) {
            return Long.MAX_VALUE - 1;
        }
        return seconds * MICROS + time.getNano() / 1_000;
    }

    /** Of its bytes PostgreSQL does not see what they were meant to be. */
    private Column column(String name, Kind... kinds) {
        Integer place = shape.places().get(name);
        if (place == null) {
            throw new IllegalArgumentException("column: " + name + " (expected: one of "
                    + shape.heads().stream().map(Head::name).toList() + ")");
        }
        Column column = columns.get(place);
        for (Kind kind : kinds) {
            if (column.head.kind() == kind) {
                return column;
            }
        }
        throw new IllegalArgumentException(
                "column: " + name + " is " + column.head.kind() + " (expected: " + Arrays.toString(kinds) + ")");
    }

    /**
     * Binds all rows; nothing can be put any more.
     *
     * @param first the place of the first parameter, from 0
     */
    Statement bind(Statement statement, int first) {
        for (int place = 0; place < columns.size(); place++) {
            statement.bind(first + place, columns.get(place).parameter(rows));
        }
        return statement;
    }
}
