package io.sluice.gateway.feed;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.zip.DataFormatException;
import java.util.zip.GZIPInputStream;
import java.util.zip.Inflater;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class GzipEncodingTest {

    private static final SseEncoding PLAIN = new SseEncoding(true, false, Projection.of(List.of()), 2_000);
    private static final GzipEncoding GZIP = new GzipEncoding(PLAIN);

    /** What text looks like, or nothing at all does, of any length, and often of one at which something changes. */
    private static byte[] body(Random random) {
        int[] lengths = {
            0,
            1,
            random.nextInt(3_000),
            random.nextInt(300_000),
            DeflateRun.WORTH_BYTES - 1 + random.nextInt(3),
            0xfffe + random.nextInt(3),
            2 * 0xffff - 1 + random.nextInt(3)
        };
        byte[] body = new byte[lengths[random.nextInt(lengths.length)]];
        if (random.nextInt(4) == 0) {
            random.nextBytes(body);
        } else {
            for (int i = 0; i < body.length; i++) {
                body[i] = (byte)
                        "{\"key\":\"customer/1\",ab0123456789}".charAt(random.nextInt(random.nextBoolean() ? 33 : 4));
            }
        }
        return body;
    }

    private static byte[] joined(List<byte[]> parts) {
        ByteArrayOutputStream all = new ByteArrayOutputStream();
        parts.forEach(all::writeBytes);
        return all.toByteArray();
    }

    /** A client that shows what it has, whatever is still to come. */
    private static final class Reader {

        private static final int HEADER = 10;

        private final Inflater inflater = new Inflater(true);
        private boolean begun;

        private byte[] take(byte[] bytes) throws DataFormatException {
            int from = begun ? 0 : HEADER;
            begun = true;
            inflater.setInput(bytes, from, bytes.length - from);
            ByteArrayOutputStream out = new ByteArrayOutputStream();
            byte[] some = new byte[8_192];
            for (int n = inflater.inflate(some); n > 0; n = inflater.inflate(some)) {
                out.write(some, 0, n);
            }
            assertThat(inflater.finished()).isFalse();
            return out.toByteArray();
        }
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8})
    void eachFrameIsReadAsSoonAsItIsThereWhateverWasBefore(long seed) throws DataFormatException {
        Random random = new Random(seed);
        List<byte[]> plain = new ArrayList<>();
        List<byte[]> coded = new ArrayList<>();
        for (int i = 0; i < 20; i++) {
            byte[] body = body(random);
            String cursor = random.nextInt(3) == 0 ? "" : "cursor-" + i;
            plain.add(PLAIN.withCursor(cursor, body));
            coded.add(GZIP.withCursor(cursor, body));
        }
        plain.add(PLAIN.heartbeat());
        coded.add(GZIP.heartbeat());
        List<Integer> order = new ArrayList<>();
        for (int i = 0; i < plain.size(); i++) {
            order.addAll(List.of(i, i));
        }
        Collections.shuffle(order, random);

        Reader reader = new Reader();
        assertThat(reader.take(GZIP.greeting())).isEqualTo(PLAIN.greeting());
        for (int from = 0; from < order.size(); ) {
            List<Integer> some = order.subList(from, Math.min(order.size(), from + 1 + random.nextInt(3)));
            byte[] got = reader.take(joined(some.stream().map(coded::get).toList()));
            assertThat(got).isEqualTo(joined(some.stream().map(plain::get).toList()));
            from += some.size();
        }
    }

    @Test
    void itIsGzipThatOnlyLacksItsEnd() throws IOException {
        byte[] body = "data: {}\n\n".repeat(1_000).getBytes(StandardCharsets.UTF_8);
        byte[] all = joined(List.of(GZIP.greeting(), GZIP.withCursor("a", body), GZIP.goodbye()));
        ByteArrayOutputStream read = new ByteArrayOutputStream();
        try (GZIPInputStream in = new GZIPInputStream(new ByteArrayInputStream(all))) {
            in.transferTo(read);
        } catch (EOFException e) {
            // As is said in the protocol.
        }
        String text = read.toString(StandardCharsets.UTF_8);
        assertThat(text).startsWith(": connected\n\nretry: 2000\n\nid: a\ndata: {}\n\n");
        assertThat(text.substring(text.lastIndexOf("retry: "))).matches("retry: [234][0-9]{3}\n\n");
    }

    @Test
    void whatDoesNotGetSmallerGrowsByFiveBytesInEachBlock() {
        Random random = new Random(7);
        for (int length : new int[] {0, 13, 700, 0xffff, 0x10000, 300_000}) {
            byte[] body = new byte[length];
            random.nextBytes(body);
            int blocks = Math.max(1, Math.ceilDiv(length, 0xffff));
            assertThat(DeflateRun.of(body)).as("%d bytes", length).hasSize(length + 5 * blocks);
        }
        byte[] text = new byte[4_000];
        Arrays.fill(text, (byte) 'x');
        assertThat(DeflateRun.of(text)).hasSizeLessThan(100);
    }

    @Test
    void allWhoWatchTheSameHaveTheSameBytes() {
        assertThat(GZIP).isEqualTo(new GzipEncoding(new SseEncoding(true, false, Projection.of(List.of()), 2_000)));
        assertThat(GZIP.heartbeat()).isSameAs(new GzipEncoding(PLAIN).heartbeat());
        assertThat(GZIP.bodies()).isEqualTo(PLAIN.bodies());
        byte[] body = "data: {}\n\n".repeat(1_000).getBytes(StandardCharsets.UTF_8);
        assertThat(GZIP.withCursor("a", body)).isEqualTo(GZIP.withCursor("a", body));
    }
}
