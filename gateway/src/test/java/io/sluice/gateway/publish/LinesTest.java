package io.sluice.gateway.publish;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** {@code -Dsluice.test.seed=} says which bodies are cut, and where. */
class LinesTest {

    private static final int MAX = 40_000;
    private static final List<String> ENDS = List.of("\n", "\r\n");

    private final long seed = Long.getLong("sluice.test.seed", System.nanoTime());
    private final Random random = new Random(seed);

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    /** What is told of a part: its text, or why there is none. */
    private static String told(Part part) {
        return switch (part) {
            case Part.Event event -> new String(event.json(), StandardCharsets.UTF_8);
            case Part.Refused refused ->
                refused.problem().kind().status() + " " + refused.problem().detail();
            case Part.Stopped stopped -> "stopped";
        };
    }

    private static List<String> cut(Lines lines, Room.Share share, byte[] body, Random random, int most) {
        List<Part> parts = new ArrayList<>();
        int from = 0;
        while (from < body.length) {
            int to = Math.min(body.length, from + 1 + random.nextInt(most));
            parts.addAll(lines.take(Arrays.copyOfRange(body, from, to)));
            from = to;
        }
        parts.addAll(lines.rest());
        parts.forEach(part -> share.give(part instanceof Part.Event event ? event.held() : 0));
        return parts.stream().map(LinesTest::told).toList();
    }

    private List<String> cut(String body) {
        Room room = new Room(Long.MAX_VALUE);
        Room.Share share = room.share(Long.MAX_VALUE);
        List<String> all = cut(new Lines(MAX, share), share, bytes(body), random, 10);
        assertThat(room.held()).isZero();
        return all;
    }

    @Test
    void linesEndInBothWaysAndTheLastOneAtTheEnd() {
        assertThat(cut("a\nb\r\nc")).containsExactly("a", "b", "c");
        assertThat(cut("a\n")).containsExactly("a");
        assertThat(cut("a\r")).containsExactly("a");
    }

    @Test
    void aBreakWithinALineThatIsNoLineFeedStaysInIt() {
        assertThat(cut("a\rb\nc\u2028d\u0085e\n")).containsExactly("a\rb", "c\u2028d\u0085e");
    }

    @Test
    void blankLinesAreNone() {
        assertThat(cut("")).isEmpty();
        assertThat(cut("\n\r\n \t\r\n\na\n\n")).containsExactly("a");
    }

    @Test
    void aLineMayBeAsLongAsTheLimitAndItsEndDoesNotCount() {
        for (String end : List.of("", "\n", "\r\n")) {
            assertThat(cut("x".repeat(MAX) + end)).containsExactly("x".repeat(MAX));
            assertThat(cut("x".repeat(MAX + 1) + end))
                    .containsExactly("413 event: " + (MAX + 1) + " bytes (expected: at most " + MAX + " bytes)");
        }
    }

    @Test
    void whereTheBodyIsCutMakesNoDifference() {
        for (int round = 0; round < 300; round++) {
            List<String> expected = new ArrayList<>();
            ByteArrayOutputStream body = new ByteArrayOutputStream();
            for (int line = random.nextInt(20); line >= 0; line--) {
                int length = switch (random.nextInt(8)) {
                    case 0 -> 0;
                    case 1 -> MAX - 2 + random.nextInt(4);
                    case 2 -> MAX + random.nextInt(3 * MAX);
                    default -> random.nextInt(300);
                };
                String text = random.nextBoolean() ? "é".repeat(length / 2) : "x".repeat(length);
                int size = bytes(text).length;
                body.writeBytes(bytes(text + ENDS.get(random.nextInt(2))));
                if (size > MAX) {
                    expected.add("413 event: " + size + " bytes (expected: at most " + MAX + " bytes)");
                } else if (size > 0) {
                    expected.add(text);
                }
            }
            Room room = new Room(Long.MAX_VALUE);
            Room.Share share = room.share(Long.MAX_VALUE);
            int most = random.nextBoolean() ? 20 : 8_192;
            assertThat(cut(new Lines(MAX, share), share, body.toByteArray(), random, most))
                    .as("-Dsluice.test.seed=" + seed + ", round " + round)
                    .isEqualTo(expected);
            assertThat(room.held()).as("-Dsluice.test.seed=" + seed).isZero();
        }
    }

    @Test
    void aLongLineTakesRoomAsItGrowsAndGoesWithoutWhereThereIsNone() {
        Room room = new Room(MAX);
        Room.Share other = room.share(MAX);
        assertThat(other.take(MAX - 1_000)).isTrue();
        Room.Share share = room.share(MAX);
        Lines lines = new Lines(MAX, share);
        assertThat(cut(lines, share, bytes("short\n" + "x".repeat(MAX) + "\nshort\n"), random, 8_192))
                .containsExactly(
                        "short",
                        "503 event: " + MAX + " bytes, and no room for it (expected: fewer large ones at once)",
                        "short");
        other.close();
        assertThat(cut(lines, share, bytes("x".repeat(MAX)), random, 8_192)).containsExactly("x".repeat(MAX));
        assertThat(room.held()).isZero();
    }

    @Test
    void aLineWithoutEndIsNotKept() {
        Room room = new Room(MAX);
        Room.Share share = room.share(MAX);
        Lines lines = new Lines(MAX, share);
        byte[] piece = bytes("x".repeat(8_192));
        for (int i = 0; i < 100_000; i++) {
            assertThat(lines.take(piece)).isEmpty();
            assertThat(room.held()).isLessThanOrEqualTo(MAX);
        }
        assertThat(room.held()).isZero();
        assertThat(told(lines.take(bytes("\n")).getFirst())).startsWith("413 event: 819200000 bytes");
        assertThat(told(lines.take(bytes("next\n")).getFirst())).isEqualTo("next");
    }
}
