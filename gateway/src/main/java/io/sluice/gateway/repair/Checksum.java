package io.sluice.gateway.repair;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.util.HexFormat;
import java.util.zip.CRC32C;

/** How many, and what: of things in an order, or of things in any. */
final class Checksum {

    private final CRC32C ordered = new CRC32C();
    private long unordered;
    private long count;

    /** What comes after what was added so far. */
    void next(String text) {
        ordered.update(text.getBytes(UTF_8));
        ordered.update('\n');
        count++;
    }

    /** One of those whose order does not matter. */
    void add(String text, long digest) {
        CRC32C one = new CRC32C();
        one.update(text.getBytes(UTF_8));
        unordered += one.getValue() * 0x9E3779B97F4A7C15L ^ digest;
        count++;
    }

    long count() {
        return count;
    }

    @Override
    public String toString() {
        return "%,d (%s)".formatted(count, HexFormat.of().toHexDigits((int)
                (ordered.getValue() ^ unordered ^ unordered >>> 32)));
    }
}
