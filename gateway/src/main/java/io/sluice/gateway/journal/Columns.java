package io.sluice.gateway.journal;

import io.r2dbc.spi.Statement;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * Many rows as the parameters of one statement, a column each: array literals, which PostgreSQL takes apart with a third of the work of JSON objects.
 * They come as bytes, since the driver would make a text of a text. Not safe for use by several threads.
 */
final class Columns implements Row {

    private static final int BYTES = 1 << 10;

    /**
     * Names and types of columns.
     *
     * @param places of the names
     */
    record Shape(List<String> names, List<String> types, Map<String, Integer> places) {

        /** @param columns {@code name type, ...} */
        static Shape of(String columns) {
            List<String[]> all = Arrays.stream(columns.split(","))
                    .map(column -> column.strip().split(" "))
                    .toList();
            List<String> names = all.stream().map(column -> column[0]).toList();
            Map<String, Integer> places = new HashMap<>();
            names.forEach(name -> places.put(name, places.size()));
            return new Shape(names, all.stream().map(column -> column[1]).toList(), places);
        }

        /** The rows, in a {@code from}. @param first the number of the first parameter */
        String rows(int first, String name) {
            String arrays = IntStream.range(0, names.size())
                    .mapToObj(i -> "convert_from($" + (first + i) + ", 'UTF8')::" + types.get(i) + "[]")
                    .collect(Collectors.joining(", "));
            return "unnest(" + arrays + ") as " + name + " (" + String.join(", ", names) + ")";
        }
    }

    private final Shape shape;
    private final byte[][] texts;
    private final int[] lengths;
    /** Of each column, how many rows are in it. */
    private final int[] filled;

    private int rows;

    Columns(Shape shape) {
        this.shape = shape;
        int count = shape.names().size();
        this.texts = new byte[count][BYTES];
        this.lengths = new int[count];
        this.filled = new int[count];
    }

    @Override
    public Columns next() {
        rows++;
        return this;
    }

    @Override
    public Columns put(String column, @Nullable String value) {
        if (value != null) {
            int place = begin(column);
            // As long as the text at the most, if it is ASCII.
            int length = value.length();
            byte[] text = room(place, 2 * length + 2);
            int at = lengths[place];
            text[at++] = '"';
            for (int i = 0; i < length; i++) {
                char c = value.charAt(i);
                if (c >= 0x80) {
                    return putBytes(place, value.getBytes(StandardCharsets.UTF_8));
                }
                if (c == '"' || c == '\\') {
                    text[at++] = '\\';
                }
                text[at++] = (byte) c;
            }
            text[at++] = '"';
            lengths[place] = at;
        }
        return this;
    }

    @Override
    public Columns put(String column, byte[] utf8) {
        return putBytes(begin(column), utf8);
    }

    private Columns putBytes(int place, byte[] utf8) {
        byte[] text = room(place, 2 * utf8.length + 2);
        int at = lengths[place];
        text[at++] = '"';
        for (byte b : utf8) {
            if (b == '"' || b == '\\') {
                text[at++] = '\\';
            }
            text[at++] = b;
        }
        text[at++] = '"';
        lengths[place] = at;
        return this;
    }

    @Override
    public Columns put(String column, long value) {
        plain(begin(column), Long.toString(value));
        return this;
    }

    private void plain(int place, String ascii) {
        byte[] text = room(place, ascii.length());
        for (int i = 0; i < ascii.length(); i++) {
            text[lengths[place]++] = (byte) ascii.charAt(i);
        }
    }

    /** Rows that had nothing to say in this column have null there. */
    private int begin(String column) {
        Integer found = shape.places().get(column);
        if (found == null) {
            throw new IllegalArgumentException("column: " + column + " (expected: one of " + shape.names() + ")");
        }
        int place = found;
        fill(place, rows - 1);
        separate(place);
        filled[place] = rows;
        return place;
    }

    private void fill(int place, int until) {
        while (filled[place] < until) {
            separate(place);
            plain(place, "NULL");
            filled[place]++;
        }
    }

    private void separate(int place) {
        plain(place, filled[place] == 0 ? "{" : ",");
    }

    private byte[] room(int place, int more) {
        byte[] text = texts[place];
        int needed = Math.addExact(lengths[place], more);
        if (needed > text.length) {
            text = Arrays.copyOf(text, Math.max(needed, Math.multiplyExact(2, text.length)));
            texts[place] = text;
        }
        return text;
    }

    /**
     * Binds all rows; nothing can be put any more.
     *
     * @param first the place of the first parameter, from 0
     */
    Statement bind(Statement statement, int first) {
        for (int place = 0; place < texts.length; place++) {
            fill(place, rows);
            plain(place, rows == 0 ? "{}" : "}");
            statement.bind(first + place, ByteBuffer.wrap(texts[place], 0, lengths[place]));
        }
        return statement;
    }
}
